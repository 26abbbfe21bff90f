import type { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import type { Stores } from '#shared/domain/ports.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { daysBetween } from '#shared/domain/stay.ts';
import { HttpProblem } from '../problem.ts';
import type { reservationSchema } from './schemas.ts';

/** A reservation as acts answer with it, read on the act's own transaction. */
export async function toReservation(
  reservation: Reservation,
  stores: Stores,
): Promise<z.input<typeof reservationSchema>> {
  const { id, name } = await stores.lodging.getAccommodation(reservation.accommodationId);
  const { code, status, channel, checkIn, checkOut, adults, children, currency, totalCents, depositCents } =
    reservation;
  return {
    id: reservation.id,
    code,
    status,
    channel,
    accommodation: { id, name },
    checkIn,
    checkOut,
    nights: daysBetween(checkIn, checkOut),
    adults,
    children,
    currency,
    totalCents,
    depositCents,
    holdExpiresAt: reservation.holdExpiresAt.toISOString(),
    confirmedAt: reservation.confirmedAt?.toISOString() ?? null,
    cancelledAt: reservation.cancelledAt?.toISOString() ?? null,
  };
}

/** The id behind a code; throws `reservation_not_found`. Reading needs no lock: the act looks again under its own. */
export async function idOfCode(code: string, stores: Stores): Promise<string> {
  const reservation = await stores.reservations.findByCode(code);
  if (!reservation) throw new DomainError('reservation_not_found');
  return reservation.id;
}

/** A page, or 400 for a cursor that no page of this list gave. */
export function orBadCursor<T>(page: T | undefined): T {
  if (page === undefined) throw new HttpProblem(400, 'invalid_cursor');
  return page;
}

/** Without the keys that are there with no value: an optional field that is absent and one that is undefined are the same. */
export function dropUndefined<T extends object>(body: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
