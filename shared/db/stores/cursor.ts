/** One page of rows; `nextCursor` leads to the next, null on the last. */
export type Page<T> = { items: T[]; nextCursor: string | null };

/** Where a page ended: the values that its order goes by, the last of them unique. Opaque to callers. */
export function toCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of a cursor; undefined for a text that is none with so many values. */
export function readCursor(cursor: string, length: number): string[] | undefined {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const isOurs =
      Array.isArray(values) && values.length === length && values.every((value) => typeof value === 'string');
    return isOurs ? (values as string[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The page out of one row more than it holds. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  toItem: (row: R) => T,
  cursorOf: (row: R) => string[],
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last ? toCursor(cursorOf(last)) : null };
}
