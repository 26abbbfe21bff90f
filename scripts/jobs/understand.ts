import { runUnderstand } from '../understand.ts';
import type { Command } from './command.ts';

/** What a message says; prints by itself, since rows of a file are answered as a stream of JSON lines. */
export const command: Command = {
  usage: '[text] [--file rows.jsonl] [--now ISO] [--language es|pt|en] [--zone Z]',
  summary: 'what a message says, as JSON; with --file one line per row',
  options: {
    file: { type: 'string' },
    now: { type: 'string' },
    language: { type: 'string' },
    zone: { type: 'string' },
  },
  needs: 'nothing',
  async run({ args, options }) {
    const flags = Object.entries(options).filter(([name, value]) => typeof value === 'string' && name !== 'json');
    const exitCode = await runUnderstand(
      [...flags.flatMap(([name, value]) => [`--${name}`, String(value)]), '--', ...args].filter(
        (word, i, all) => !(word === '--' && i === all.length - 1),
      ),
    );
    return { data: undefined, text: '', exitCode };
  },
};
