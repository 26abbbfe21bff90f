import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { understand } from '#shared/nlu/understand.ts';
import { hostileParts, repeatToLimit } from '../support/hostile-texts.ts';
import { percentile, type BenchOptions, type Row } from './rows.ts';

const today = '2026-11-24';
const dialogs = join(import.meta.dirname, '../fixtures/dialogs');

/** What guests say in the scripted dialogs. */
function listSentences(): string[] {
  const lines = readdirSync(dialogs)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => readFileSync(join(dialogs, file), 'utf8').split('\n'));
  return lines.flatMap((line) => /^\s+- (?:say|voice): (.+)$/.exec(line)?.[1] ?? []);
}

/** Milliseconds of processor time, so that a busy machine does not count. */
function cpuMs(work: () => void): number {
  const started = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}

/** The first text that a process reads, in milliseconds of processor time. */
function firstCallMs(text: string): number {
  const code = `import { understand } from '#shared/nlu/understand.ts';
    const started = process.threadCpuUsage();
    understand(process.env.TEXT, { today: '${today}' });
    const { user, system } = process.threadCpuUsage(started);
    console.log((user + system) / 1000);`;
  const env = { ...process.env, TEXT: text.replaceAll('\0', ' ') };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', env }));
}

/** One message by rules: ordinary ones by the clock, hostile ones of the greatest length by processor time, warm and cold. */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const sentences = listSentences();
  const times: number[] = [];
  for (let round = 0; round < (short ? 3 : 20); round++)
    for (const text of sentences) {
      const started = performance.now();
      understand(text, { today });
      times.push(performance.now() - started);
    }
  const hostile = hostileParts.map(repeatToLimit);
  const warm = hostile.map((text) => Math.min(...[1, 2, 3].map(() => cpuMs(() => understand(text, { today })))));
  const cold = hostile.slice(0, short ? 6 : hostile.length).map(firstCallMs);
  const row = (name: string, value: number, atMost?: number): Row => ({
    name,
    value,
    unit: 'ms',
    ...(atMost === undefined ? {} : { target: { text: `≤ ${atMost} ms`, isMet: value <= atMost } }),
  });
  return [
    row('understand a message, median', percentile(times, 50), 1),
    row('understand a message, 99 %', percentile(times, 99)),
    row('understand 4,096 hostile characters, slowest', Math.max(...warm), 20),
    row('the same as the first text of a process', Math.max(...cold), 20),
  ];
}
