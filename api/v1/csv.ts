/** What makes a spreadsheet run a cell instead of showing it, full-width spellings included. */
const startsFormula = /^[\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n|%]/;

/**
 * One line of CSV (RFC 4180, CRLF). A text that a spreadsheet would run as a formula gets an apostrophe in front, so that a
 * guest's name stays a name; numbers are written as they are.
 */
export function toCsvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

/** So that a spreadsheet reads the file as UTF-8. */
export const byteOrderMark = '\uFEFF';

function toCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = startsFormula.test(value) ? `'${value}` : value;
  return /[",\r\n;\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
