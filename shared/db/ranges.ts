import type { CalendarDate, Stay } from '#shared/domain/stay.ts';

/** A daterange as Postgres prints it, `[2026-01-10,2026-01-14)`: Postgres keeps every daterange in this form. */
export function parseRange(range: string): { from: CalendarDate; to: CalendarDate } {
  const match = /^\[(\d{4}-\d{2}-\d{2}),(\d{4}-\d{2}-\d{2})\)$/.exec(range);
  if (!match) throw new Error('a daterange without two bounds');
  return { from: match[1]!, to: match[2]! };
}

/** A daterange as the stay whose nights it is. */
export function toStay(range: string): Stay {
  const { from: checkIn, to: checkOut } = parseRange(range);
  return { checkIn, checkOut };
}

/** The nights of a stay as a daterange. */
export function toRange(stay: Stay): string {
  return `[${stay.checkIn},${stay.checkOut})`;
}
