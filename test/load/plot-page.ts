import { toTable } from './rows.ts';
import type { LoadReport } from './load.ts';

const [width, height] = [720, 220];

/** A page of its own with one plot per series: latency by percentile, and the table below. */
export function toPlotPage(report: LoadReport): string {
  const plots = report.series.map(({ name, latenciesMs }) => `<h2>${escape(name)}</h2>${toPlot(latenciesMs)}`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Posada under load</title>
<style>body{font:16px/1.5 system-ui;max-width:760px;margin:2rem auto;padding:0 1rem}svg{width:100%;height:auto;background:#f6f4ef}pre{overflow:auto}</style>
<h1>Posada under load</h1>${plots.join('\n')}<pre>${escape(toTable(report.rows))}</pre></html>`;
}

/** Latency (y, ms) at each percentile (x, 0–100). */
function toPlot(latenciesMs: readonly number[]): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const top = sorted.at(-1) ?? 1;
  const points = sorted.map((ms, i) => {
    const x = 50 + (i / Math.max(1, sorted.length - 1)) * (width - 60);
    const y = height - 24 - (ms / top) * (height - 44);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="latency by percentile, at most ${top.toFixed(0)} ms">
<polyline points="${points.join(' ')}" fill="none" stroke="#17423c" stroke-width="2"/>
<text x="4" y="20" font-size="12">${top.toFixed(0)} ms</text><text x="50" y="${height - 6}" font-size="12">P0</text>
<text x="${width - 40}" y="${height - 6}" font-size="12">P100</text></svg>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
