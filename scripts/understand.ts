import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { toCalendarDate } from '#shared/domain/stay.ts';
import { understand } from '#shared/nlu/understand.ts';
import type { Language, UnderstandOptions } from '#shared/domain/conversations/understanding.ts';

const usage =
  'usage: understand <text> [--now ISO] [--language es|pt|en] [--zone Z]\n       understand --file rows.jsonl [--now ISO] [--language es|pt|en] [--zone Z]';
const defaultZone = 'America/Argentina/Buenos_Aires';
const valued = new Set(['--file', '--now', '--language', '--zone']);

class Misuse extends Error {}

type Flags = { text: string | null; file?: string; now: Date; language?: Language; zone: string };

/**
 * `understand [text] [--file rows.jsonl] [--now ISO] [--language es|pt|en] [--zone Z]`: prints what a message
 * says as JSON. Needs no environment and no stores. 0 done, 1 a row or file could not be read, 2 misuse.
 */
export async function runUnderstand(args: string[]): Promise<number> {
  let flags: Flags;
  try {
    flags = parseFlags(args);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    process.stderr.write(`${error.message}\n${usage}\n`);
    return 2;
  }
  if (flags.file !== undefined) return understandFile(flags.file, flags);
  process.stdout.write(`${JSON.stringify(understand(flags.text!, optionsFor(flags)), null, 2)}\n`);
  return 0;
}

function parseFlags(args: string[]): Flags {
  const texts: string[] = [];
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [name, inline] = arg.startsWith('--') && arg.includes('=') ? split(arg) : [arg, undefined];
    if (arg === '--') {
      texts.push(...args.slice(i + 1));
      break;
    }
    if (!name.startsWith('--')) {
      texts.push(arg);
      continue;
    }
    if (!valued.has(name)) throw new Misuse(`unknown option ${name}`);
    const value = inline ?? args[++i];
    if (value === undefined) throw new Misuse(`${name} needs a value`);
    values.set(name, value);
  }
  const now = values.has('--now') ? new Date(values.get('--now')!) : new Date();
  if (Number.isNaN(now.getTime())) throw new Misuse(`--now is no instant: ${values.get('--now')}`);
  const zone = values.get('--zone') ?? defaultZone;
  if (!isZone(zone)) throw new Misuse(`--zone is no time zone: ${zone}`);
  const language = values.get('--language');
  if (language !== undefined && !isLanguage(language)) throw new Misuse(`--language is es, pt or en, not ${language}`);
  const file = values.get('--file');
  if (file === undefined && texts.length === 0) throw new Misuse('a text or --file is needed');
  if (file !== undefined && texts.length > 0) throw new Misuse('give a text or --file, not both');
  return {
    text: texts.length > 0 ? texts.join(' ') : null,
    now,
    zone,
    ...(file === undefined ? {} : { file }),
    ...(language === undefined ? {} : { language }),
  };
}

function split(arg: string): [string, string] {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
}

const isLanguage = (text: string): text is Language => text === 'es' || text === 'pt' || text === 'en';

function isZone(zone: string): boolean {
  try {
    toCalendarDate(new Date(0), zone);
    return true;
  } catch {
    return false;
  }
}

function optionsFor(flags: Flags, now = flags.now, language = flags.language): UnderstandOptions {
  return { today: toCalendarDate(now, flags.zone), ...(language ? { language } : {}) };
}

async function understandFile(file: string, flags: Flags): Promise<number> {
  let line = 0;
  let output = '';
  try {
    const rows = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
    for await (const row of rows) {
      line++;
      if (row.trim() === '') continue;
      output += `${JSON.stringify(understandRow(row, flags))}\n`;
      if (output.length > 65_536) output = flush(output);
    }
  } catch (error) {
    flush(output);
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(line === 0 ? `${file}: ${reason}\n` : `${file} line ${line}: ${reason}\n`);
    return 1;
  }
  flush(output);
  return 0;
}

function flush(output: string): string {
  process.stdout.write(output);
  return '';
}

function understandRow(row: string, flags: Flags): ReturnType<typeof understand> {
  const value: unknown = JSON.parse(row.replace(/^\uFEFF/, ''));
  if (typeof value !== 'object' || value === null) throw new Error('a row is {"text", "now"?, "language"?}');
  const { text, now, language } = value as Record<string, unknown>;
  if (typeof text !== 'string') throw new Error('"text" is missing');
  const instant = typeof now === 'string' || typeof now === 'number' ? new Date(now) : flags.now;
  if (Number.isNaN(instant.getTime())) throw new Error(`"now" is no instant: ${JSON.stringify(now)}`);
  const hint = typeof language === 'string' ? language : flags.language;
  if (hint !== undefined && !isLanguage(hint)) throw new Error(`"language" is es, pt or en, not ${hint}`);
  return understand(text, optionsFor(flags, instant, hint));
}

if (import.meta.main) process.exitCode = await runUnderstand(process.argv.slice(2));
