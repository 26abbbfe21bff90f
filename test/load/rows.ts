/** One measured figure; `ratio` is against something measured in the same run, `target` what it is held against. */
export type Row = {
  name: string;
  value: number;
  unit: string;
  ratio?: { of: string; value: number };
  /** Undefined where nothing is promised. */
  target?: { text: string; isMet: boolean };
};

/** What a benchmark may be asked for. */
export type BenchOptions = { short: boolean };
export type Bench = (options: BenchOptions) => Promise<Row[]>;

/** A ratio with its target: at least, or at most. */
export function ratioRow(
  name: string,
  value: number,
  unit: string,
  of: string,
  ratio: number,
  target: { atLeast: number } | { atMost: number },
): Row {
  const [word, limit, isMet] =
    'atLeast' in target ? ['≥', target.atLeast, ratio >= target.atLeast] : ['≤', target.atMost, ratio <= target.atMost];
  return { name, value, unit, ratio: { of, value: ratio }, target: { text: `${word} ${limit} ×`, isMet } };
}

/** The rows as a table for people. */
export function toTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${toFigure(row.value)} ${row.unit}`,
    row.ratio ? `${row.ratio.value.toFixed(2)} × ${row.ratio.of}` : '',
    row.target ? `${row.target.isMet ? 'ok  ' : 'MISS'} ${row.target.text}` : '',
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function toFigure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** The value below which `percent` of the samples lie (nearest rank); NaN without samples. */
export function percentile(samples: readonly number[], percent: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}
