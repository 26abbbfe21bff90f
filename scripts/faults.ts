import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import type { Backend } from '../test/support/both-backends.ts';
import { faults } from '../test/faults/faults.ts';
import { playFaults } from '../test/faults/play-faults.ts';
import { dropTestDatabases } from '../test/support/database.ts';
import { stopServices } from '../test/support/services.ts';
import { toolsBinDir } from '../test/support/tools.ts';

// `npm run faults -- [--short] [--json] [--seed n] [--backend redis|postgres] [name …]`: plays what can go wrong against real
// processes and stores of their own, exit 1 when a promise is broken. In full it takes more than an hour, short less than a minute.
const names = Object.keys(faults);

function fail(problem: string): never {
  console.error(problem);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        seed: { type: 'string' },
        backend: { type: 'string' },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

const { values, positionals } = readOptions();
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) fail(`unknown fault ${unknown.join(', ')}: choose among ${names.join(', ')}`);
const { backend } = values;
if (backend !== undefined && backend !== 'redis' && backend !== 'postgres') fail('--backend is redis or postgres');
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(seed)) fail('--seed is a whole number');
const backends: Backend[] = backend ? [backend] : ['redis', 'postgres'];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (existsSync(toolsBinDir)) process.env['PATH'] = `${toolsBinDir}${delimiter}${process.env['PATH'] ?? ''}`;
const report = await playFaults({
  names:
    positionals.length > 0 ? positionals : names.filter((name) => !values.short || (faults[name]!.isInShort ?? true)),
  backends,
  seed,
  isShort: values.short,
  onProgress: (line) => console.error(line),
});
await dropTestDatabases();
await stopServices();
if (values.json) console.log(JSON.stringify(report));
else console.log(`seed ${seed}: ${report.runs.length} runs, ${report.violations.length} violations`);
process.exit(report.violations.length > 0 ? 1 : 0);
