/** One property of an iCalendar file: names in upper case, the value as written. `line` counts from 1. */
export type ContentLine = { name: string; params: string; value: string; line: number };

/**
 * The text of a calendar file: UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252, since some
 * channel managers still write it. NUL, which no database takes, is left out.
 */
export function decodeCalendar(bytes: Uint8Array): string {
  return decode(bytes).replaceAll('\0', '');
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return decodeUtf8(bytes) ?? new TextDecoder('windows-1252').decode(bytes);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The unfolded lines of a calendar, whatever its line ends (CRLF, LF, CR). Blank lines are skipped, also inside a folded one.
 * A line without a colon belongs to nobody and is skipped too.
 */
export function* readContentLines(text: string): Generator<ContentLine> {
  const rows = dropIndentation(text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/));
  let pending = '';
  let pendingLine = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index]!;
    const first = row.charCodeAt(0);
    if (first === 32 || first === 9) {
      if (row.trim() !== '') pending += row.slice(1);
      continue;
    }
    if (row === '') continue;
    if (pending !== '') {
      const parsed = splitLine(pending, pendingLine);
      if (parsed) yield parsed;
    }
    pending = row;
    pendingLine = index + 1;
  }
  const last = pending === '' ? undefined : splitLine(pending, pendingLine);
  if (last) yield last;
}

/** Some templates indent everything. Where the first two lines are indented no line is a folded one. */
function dropIndentation(rows: string[]): string[] {
  const first = rows.findIndex((row) => row.trim() !== '');
  const isIndented = [first, first + 1].every((index) => /^[ \t]+[A-Za-z]/.test(rows[index] ?? ''));
  return isIndented ? rows.map((row) => row.trimStart()) : rows;
}

function splitLine(row: string, line: number): ContentLine | undefined {
  const colon = endOfHead(row);
  if (colon < 0) return undefined;
  return splitAt(row, isZoneCut(row, colon) ? row.lastIndexOf(':') : colon, line);
}

/** "DTSTART;TZID=(UTC-03:00) City of Buenos Aires:20261201T150000": without quotes the zone's own colon looks like the end. */
function isZoneCut(row: string, colon: number): boolean {
  return (
    /^(?:DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE);.*TZID=/i.test(row.slice(0, colon)) &&
    !/^\s*\d{4}/.test(row.slice(colon + 1, colon + 30))
  );
}

function splitAt(row: string, colon: number, line: number): ContentLine {
  const head = row.slice(0, colon);
  const semicolon = head.indexOf(';');
  const name = (semicolon < 0 ? head : head.slice(0, semicolon)).trim().toUpperCase();
  // "ITEM1.DTSTART": a group's name in front, as vCard writers do.
  const dot = name.lastIndexOf('.');
  return {
    name: dot < 0 ? name : name.slice(dot + 1),
    params: semicolon < 0 ? '' : head.slice(semicolon + 1),
    value: row.slice(colon + 1),
    line,
  };
}

/** The first colon outside quotes; a quote that is never closed does not count. */
function endOfHead(row: string): number {
  const colon = row.indexOf(':');
  const quote = row.indexOf('"');
  if (quote < 0 || colon < quote) return colon;
  let isQuoted = false;
  for (let at = quote; at < row.length; at += 1) {
    const character = row.charCodeAt(at);
    if (character === 34) isQuoted = !isQuoted;
    else if (character === 58 && !isQuoted) return at;
  }
  return colon;
}

/** The value of a parameter (`TZID`), unquoted; undefined when it is not there. */
export function readParameter(params: string, name: string): string | undefined {
  if (params === '') return undefined;
  const match = new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*("([^"]*)"|[^;]*)`, 'i').exec(params);
  return match ? (match[2] ?? match[1])!.trim() : undefined;
}

/** TEXT as a person reads it: escapes undone. */
export function unescapeText(value: string): string {
  return value.includes('\\')
    ? value.replace(/\\([\\;,nN])/g, (_, c: string) => (c === 'n' || c === 'N' ? '\n' : c))
    : value;
}
