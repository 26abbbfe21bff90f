import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { understand } from '#shared/nlu/understand.ts';

// `node scripts/score-understanding.ts [--misses N] rows.jsonl …`: how much of labelled sentences is understood, per language and kind.
// A row: {"text", "language", "today", "kind", "expected": {"checkIn"?, "checkOut"?, "guests"?, "nights"?, "intents"?: [any of these]}}.
const row = z.object({
  text: z.string(),
  language: z.enum(['es', 'pt', 'en']),
  today: z.iso.date(),
  kind: z.string(),
  expected: z.object({
    checkIn: z.string().nullish(),
    checkOut: z.string().nullish(),
    guests: z.number().nullish(),
    nights: z.number().nullish(),
    intents: z.array(z.string()).optional(),
  }),
});
type Row = z.infer<typeof row>;
type Verdict = 'right' | 'asks' | 'silentlyWrong';

/** Right: everything expected. Asks: a slot is missing or marked ambiguous, so the guest is asked. Else silently wrong. */
function judge({ text, language, today, expected }: Row): { verdict: Verdict; got: string } {
  const said = understand(text, { today, language });
  const pairs: [unknown, unknown][] = [];
  if (expected.checkIn !== undefined) pairs.push([expected.checkIn, said.checkIn]);
  if (expected.checkOut !== undefined) pairs.push([expected.checkOut, said.checkOut]);
  if (expected.nights !== undefined) pairs.push([expected.nights, said.nights]);
  if (expected.guests !== undefined) pairs.push([expected.guests, said.guests?.total ?? null]);
  const isIntentRight = expected.intents?.includes(said.intent) ?? true;
  const got = JSON.stringify([
    said.intent,
    said.checkIn,
    said.checkOut,
    said.nights,
    said.guests?.total,
    said.ambiguous,
  ]);
  if (isIntentRight && pairs.every(([wanted, is]) => wanted === is)) return { verdict: 'right', got };
  const isOpen = said.ambiguous.length > 0 || pairs.some(([wanted, is]) => wanted !== null && is === null);
  return { verdict: isOpen && isIntentRight ? 'asks' : 'silentlyWrong', got };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { misses: { type: 'string', default: '0' } },
});
if (positionals.length === 0) {
  console.error('usage: score-understanding [--misses N] rows.jsonl …');
  process.exit(2);
}
const lines = positionals.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== ''),
);
const table = new Map<string, Record<Verdict | 'rows', number>>();
let shown = 0;
for (const line of lines) {
  const one = row.parse(JSON.parse(line));
  const { verdict, got } = judge(one);
  for (const key of [`${one.language} ${one.kind}`, `${one.language} all`]) {
    const sum = table.get(key) ?? { rows: 0, right: 0, asks: 0, silentlyWrong: 0 };
    sum.rows += 1;
    sum[verdict] += 1;
    table.set(key, sum);
  }
  if (verdict !== 'right' && shown++ < Number(values.misses))
    console.log(`${verdict} ${JSON.stringify(one.text)} ${JSON.stringify(one.expected)} got ${got}`);
}
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`.padStart(8);
for (const [key, { rows, right, asks, silentlyWrong }] of [...table].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  console.log(
    `${key.padEnd(16)} rows ${String(rows).padStart(5)}  right${percent(right, rows)}  asks${percent(asks, rows)}  silently wrong${percent(silentlyWrong, rows)}`,
  );
