import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runLoad } from '../test/load/load.ts';
import { toPlotPage } from '../test/load/plot-page.ts';
import { toTable } from '../test/load/rows.ts';

// `npm run load -- [--short] [--json] [--backend redis|postgres] [--soak] [--html file]`: latencies under load, exit 1 when an
// invariant breaks (a lost or disordered message, a refused webhook). Targets of time are shown, not judged: machines differ.
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    backend: { type: 'string' },
    html: { type: 'string' },
  },
});
const backend = values.backend;
if (backend !== undefined && backend !== 'redis' && backend !== 'postgres') {
  console.error('--backend is redis or postgres');
  process.exit(2);
}
const report = await runLoad({
  short: values.short,
  soak: values.soak,
  backends: backend ? [backend] : ['redis', 'postgres'],
});
if (values.html) await writeFile(values.html, toPlotPage(report));
if (values.json) console.log(JSON.stringify({ rows: report.rows, violations: report.violations }));
else {
  console.log(toTable(report.rows));
  for (const violation of new Set(report.violations)) console.log(`VIOLATION: ${violation}`);
}
process.exit(report.violations.length > 0 ? 1 : 0);
