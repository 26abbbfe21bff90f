import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toTable, type Bench, type Row } from '../test/load/rows.ts';

// `npm run bench -- [--short] [--json] [name …]`: every test/load/<name>.bench.ts, one table, exit 1 when a target is missed.
// Short, without names: those of a minute together, on Redis; the others open houses of their own again and again.
const inShort = ['audio-pipeline', 'calendar-import', 'hold', 'ingress', 'understanding'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const folder = join(import.meta.dirname, '../test/load');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .filter((name) => (positionals.length === 0 ? !values.short || inShort.includes(name) : positionals.includes(name)));
if (names.length === 0) {
  console.error(`no such benchmark: ${positionals.join(', ')}`);
  process.exit(2);
}

const rows: Row[] = [];
for (const name of names) {
  const startedAt = performance.now();
  const { bench } = (await import(`../test/load/${name}.bench.ts`)) as { bench: Bench };
  rows.push(...(await bench({ short: values.short })));
  process.stderr.write(`${name}: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`);
}
console.log(values.json ? JSON.stringify({ rows }) : toTable(rows));
process.exit(rows.some(({ target }) => target && !target.isMet) ? 1 : 0);
