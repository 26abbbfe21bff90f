import { bookingConfirmed } from '../conversations/notices.ts';
import { closeLinkOf } from '../payments/close-link.ts';
import { spendCredit } from '../payments/credit.ts';
import type { Stores } from '../ports.ts';
import { assertTransition, type Actor, type Reservation } from './reservation.ts';
import { tellGuest } from './tell-guest.ts';

/**
 * Confirms a reservation whose row and unit are locked; its nights are already its own. The link closes so that nobody pays
 * twice, credit that waits for it becomes its deposit, the guest reads the confirmation, the owner is told. `paidCents`: without
 * that credit. Throws `invalid_state`.
 */
export async function confirmReservation(
  reservation: Reservation,
  stores: Stores,
  by: { actor: Actor; paidCents: number },
): Promise<Reservation> {
  assertTransition(reservation.status, 'confirmed');
  const paidCents = by.paidCents + (await spendCredit(reservation, stores));
  const confirmed: Reservation = { ...reservation, status: 'confirmed', confirmedAt: stores.now };
  await stores.reservations.update(reservation.id, { status: 'confirmed', confirmedAt: stores.now });
  await stores.reservations.addEvent(reservation.id, by.actor, 'confirmed', {
    from: reservation.status,
    to: 'confirmed',
    paidCents,
  });
  await closeLinkOf(reservation.id, stores);
  await tellGuest(confirmed, stores, 'booking_confirmed', (context) => bookingConfirmed(context, { paidCents }));
  await stores.outbox.addOwnerNotice({
    type: 'booking_confirmed',
    reservationId: reservation.id,
    data: { code: reservation.code, currency: reservation.currency, paidCents },
  });
  stores.nudge({
    type: 'nights_freed',
    reservationId: reservation.id,
    accommodationId: reservation.accommodationId,
    stay: reservation,
  });
  return confirmed;
}
