import { DomainError } from '../errors.ts';
import type { Stores } from '../ports.ts';
import { confirmReservation } from './confirm.ts';
import { assertTransition, type Actor, type Reservation, type ReservationId } from './reservation.ts';

/** A confirmation by a person, or that an expired hold's nights are somebody else's by now. */
export type ConfirmOutcome = { type: 'confirmed'; reservation: Reservation } | { type: 'unavailable' };

/**
 * Confirms a stay on the owner's word, paid or not, under the unit's lock. An expired hold takes its nights again where they
 * are free. Throws `reservation_not_found` and `invalid_state`, and `date_in_past` for an expired hold whose day has come and gone.
 */
export async function confirmByHand(id: ReservationId, stores: Stores, by: { actor: Actor }): Promise<ConfirmOutcome> {
  const reservation = await lockUnitAndReservation(id, stores);
  assertTransition(reservation.status, 'confirmed');
  if (reservation.status === 'expired') {
    if (reservation.checkIn < stores.today) throw new DomainError('date_in_past');
    if (!(await stores.reservations.takeNights(reservation))) {
      await stores.occupancies.recordRefusal(reservation.accommodationId, 'occupancy');
      return { type: 'unavailable' };
    }
  }
  const payments = await stores.payments.listOf(reservation.id);
  const paidCents = payments
    .filter(({ payment }) => payment.currency === reservation.currency)
    .reduce((sum, { allocations }) => sum + (allocations.deposit ?? 0) + (allocations.balance ?? 0), 0);
  return {
    type: 'confirmed',
    reservation: await confirmReservation(reservation, stores, { actor: by.actor, paidCents }),
  };
}

/** The reservation's row under its unit's lock, wherever it was moved in between. Throws `reservation_not_found`. */
export async function lockUnitAndReservation(id: ReservationId, stores: Stores): Promise<Reservation> {
  const seen = await stores.reservations.find(id);
  if (!seen) throw new DomainError('reservation_not_found');
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const reservation = await stores.reservations.lock(id);
  if (!reservation) throw new DomainError('reservation_not_found');
  // Moved in between: the other unit's lock too (rare; a deadlock is retried by the transaction).
  if (reservation.accommodationId !== seen.accommodationId)
    await stores.occupancies.lockUnits([reservation.accommodationId]);
  return reservation;
}
