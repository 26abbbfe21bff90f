import type { ParseArgsOptionsConfig } from 'node:util';
import type { Office } from './office.ts';

/** How a command ended, as a process says it (contract.md, CLI). */
export const exitCodes = { done: 0, failed: 1, misuse: 2, configuration: 78 } as const;

/** Wrong words on the command line: printed with the usage, exit 2. */
export class Misuse extends Error {}

/** What a command gets: its arguments, its options, and how to answer. */
export type CommandInput = {
  args: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
};

/** A result in both forms: `data` for --json, `text` for people. */
export type CommandResult = { data: unknown; text: string; exitCode?: number };

export type Command = {
  /** After the name: `<code> [--hours n]`. */
  usage: string;
  summary: string;
  options?: ParseArgsOptionsConfig;
} & (
  | { needs: 'nothing'; run(input: CommandInput): Promise<CommandResult> }
  /** The database and the queues of this environment. */
  | { needs: 'office'; run(input: CommandInput, office: Office): Promise<CommandResult> }
);

/** The one argument of that position, or a Misuse that names it. */
export function required(args: readonly string[], index: number, name: string): string {
  const value = args[index];
  if (value === undefined || value === '') throw new Misuse(`missing <${name}>`);
  return value;
}
