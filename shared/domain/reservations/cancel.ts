import { toDayNumber, type CalendarDate } from '../stay.ts';
import { DomainError } from '../errors.ts';
import type { Stores } from '../ports.ts';
import { closeLinkOf } from '../payments/close-link.ts';
import { refundCancelled } from '../payments/refund-cancelled.ts';
import { cancelledByLodging } from '../conversations/notices.ts';
import { assertTransition, type Actor, type Reservation, type ReservationId } from './reservation.ts';
import { tellGuest } from './tell-guest.ts';

/** Hours from now until a check-in hour ("14:00") on a day, both in the lodging's zone; negative once it has passed. */
export function hoursUntilCheckIn(
  checkIn: CalendarDate,
  checkInFrom: string,
  today: CalendarDate,
  hourNow: number,
): number {
  return (toDayNumber(checkIn) - toDayNumber(today)) * 24 + Number(checkInFrom.slice(0, 2)) - hourNow;
}

/**
 * Cancels a held or confirmed stay: nights free at once, link closing, event written, money on its way back. Later than the
 * lodging's free cancellation a guest leaves the deposit; what was paid beyond it, and everything when the lodging cancels,
 * goes back (`keepsDeposit` says otherwise). Throws `reservation_not_found` and `invalid_state`.
 */
export async function cancelReservation(
  id: ReservationId,
  stores: Stores,
  by: { actor: Actor; reason?: string; keepsDeposit?: boolean },
): Promise<{ reservation: Reservation; keepsDeposit: boolean; refundCents: number }> {
  const seen = await stores.reservations.find(id);
  if (!seen) throw new DomainError('reservation_not_found');
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const reservation = await stores.reservations.lock(id);
  if (!reservation) throw new DomainError('reservation_not_found');
  assertTransition(reservation.status, 'cancelled');
  const lodging = await stores.lodging.getLodging();
  const hours = hoursUntilCheckIn(reservation.checkIn, lodging.checkInFrom, stores.today, stores.hourNow);
  const isPolicy = by.actor === 'guest' && hours < lodging.freeCancellationHours;
  const keepsDeposit = reservation.status === 'confirmed' && (by.keepsDeposit ?? isPolicy);
  await stores.reservations.update(id, { status: 'cancelled', cancelledAt: stores.now, cancelledBy: by.actor });
  await stores.reservations.freeNights(reservation);
  await stores.reservations.addEvent(id, by.actor, 'cancelled', {
    from: reservation.status,
    to: 'cancelled',
    keepsDeposit,
    ...(by.reason ? { reason: by.reason } : {}),
  });
  await closeLinkOf(id, stores);
  const refundCents = await refundCancelled(reservation, { keepsDeposit, actor: by.actor }, stores);
  // Who cancels in the chat is answered there.
  if (by.actor !== 'guest')
    await tellGuest(reservation, stores, 'stay_cancelled', (context) => cancelledByLodging(context, { refundCents }));
  if (reservation.status === 'confirmed') {
    await stores.outbox.addOwnerNotice({
      type: 'stay_cancelled',
      reservationId: id,
      data: { code: reservation.code, keepsDeposit, refundCents },
    });
  }
  stores.nudge({
    type: 'nights_freed',
    reservationId: id,
    accommodationId: reservation.accommodationId,
    stay: reservation,
  });
  return { reservation: { ...reservation, status: 'cancelled', cancelledAt: stores.now }, keepsDeposit, refundCents };
}
