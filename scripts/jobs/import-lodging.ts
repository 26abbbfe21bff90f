import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { applyLodgingFile } from '../lodging-file/apply-lodging-file.ts';
import { readLodgingFile } from '../lodging-file/read-lodging-file.ts';
import { exitCodes, required, type Command, type CommandInput, type CommandResult } from './command.ts';
import type { Office } from './office.ts';

/** A lodging has a few units; a bigger file is another file. */
const mostCharacters = 1_000_000;

/** What an owner has, from one file: the lodging, its policies and facts, units, prices and seasons. */
export const command: Command = {
  usage: '<file.yaml|-> [--check]',
  summary:
    'write the lodging, its units, prices, seasons and facts from a file (docs/lodging-file.md); --check only reads it',
  options: { check: { type: 'boolean' } },
  needs: 'office',
  run: importLodging,
};

async function importLodging({ args, options }: CommandInput, office: Office): Promise<CommandResult> {
  const path = required(args, 0, 'file.yaml');
  const text = path === '-' ? await readAll(process.stdin) : await readFile(path, 'utf8');
  if (text.length > mostCharacters) throw new Error(`the file is larger than ${mostCharacters} characters`);
  const read = readLodgingFile(text);
  if ('problems' in read) {
    const lines = read.problems.map(
      ({ line, path: at, problem }) => `${path}:${line}: ${at ? `${at}: ` : ''}${problem}`,
    );
    return { data: { problems: read.problems }, text: lines.join('\n'), exitCode: exitCodes.failed };
  }
  if (options['check'] === true)
    return { data: { problems: [] }, text: `${path} is right: ${read.file.units.length} units` };
  const data = await office.inTransaction((stores) => applyLodgingFile(read.file, stores));
  const lines = [
    ...(data.lodging === 'written' ? ['lodging written'] : []),
    ...data.units.map(({ name, outcome }) => `${outcome}  ${name}`),
    ...data.untouched.map((name) => `untouched  ${name} (not in the file)`),
  ];
  return { data, text: lines.join('\n') };
}
