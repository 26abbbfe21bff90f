import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toTable, type Bench, type Row } from '../test/load/rows.ts';

// `npm run bench -- [--short] [--json] [name …]`: every test/load/<name>.bench.ts, one table, exit 1 when a target is missed.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const folder = join(import.meta.dirname, '../test/load');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .filter((name) => positionals.length === 0 || positionals.includes(name));
if (names.length === 0) {
  console.error(`no such benchmark: ${positionals.join(', ')}`);
  process.exit(2);
}

const rows: Row[] = [];
for (const name of names) {
  process.stderr.write(`${name} …\n`);
  const { bench } = (await import(`../test/load/${name}.bench.ts`)) as { bench: Bench };
  rows.push(...(await bench({ short: values.short })));
}
console.log(values.json ? JSON.stringify({ rows }) : toTable(rows));
process.exit(rows.some(({ target }) => target && !target.isMet) ? 1 : 0);
