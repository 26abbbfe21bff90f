import { text } from 'node:stream/consumers';
import { hashPassword } from '#shared/config/passwords.ts';
import { Misuse, type Command } from './command.ts';

/** The hash of a password for ADMIN_USERS; the password never stands on a command line. */
export const command: Command = {
  usage: '< password',
  summary: 'read a password from standard input, print its hash for ADMIN_USERS',
  needs: 'nothing',
  async run() {
    const password = (await text(process.stdin)).replace(/\r?\n$/, '');
    if (password === '') throw new Misuse('no password on standard input');
    const hash = await hashPassword(password);
    return { data: { hash }, text: hash };
  },
};
