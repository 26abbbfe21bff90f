/**
 * What came in a webhook, read leniently: a field that is not what it should be is absent and spoils no other. By hand and where it
 * is used, since of the forty fields that a message may have it has six, and a schema looks for all of them in each.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** An object, and neither a list nor null. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A list; empty when there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Text or a number as it came; JSON can hold a number too large to be one (`1e999`). */
export function rawWordOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** Text or a number as text that Postgres can hold: no NUL, no half of a surrogate pair. */
export function wordOf(value: unknown): string | undefined {
  return rawWordOf(value)?.replaceAll('\0', '').toWellFormed();
}

export function flagOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** A number, or a text that is one. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
