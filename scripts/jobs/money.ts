import { parseMoney, type Cents } from '#shared/domain/money.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { Misuse } from './command.ts';
import type { Office } from './office.ts';

/** "14.400,50" as cents; a Misuse when it is no amount. */
export function readAmount(text: string, name = 'amount'): Cents {
  try {
    const cents = parseMoney(text);
    if (cents > 0) return cents;
  } catch {
    // Said below, in the command's words.
  }
  throw new Misuse(`<${name}> must be an amount such as 14400, 14.400,50 or 14400.50`);
}

/** 1440050 → "14.400,50 ARS", for people. */
export function writeAmount(cents: Cents, currency: string): string {
  const whole = String(Math.trunc(Math.abs(cents) / 100)).replaceAll(/\B(?=(?:\d{3})+$)/g, '.');
  return `${cents < 0 ? '-' : ''}${whole},${String(Math.abs(cents) % 100).padStart(2, '0')} ${currency}`;
}

/** The reservation of a code; throws `reservation_not_found`. */
export async function findReservation(code: string, office: Pick<Office, 'inTransaction'>): Promise<Reservation> {
  const found = await office.inTransaction((stores) => stores.reservations.findByCode(code));
  if (!found) throw new DomainError('reservation_not_found');
  return found;
}

/** Rows under headings, each column as wide as it needs. */
export function toTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}
