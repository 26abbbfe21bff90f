import { holdExpired, holdReleasedForOther } from '../conversations/notices.ts';
import type { Stores } from '../ports.ts';
import { closeLinkOf } from '../payments/close-link.ts';
import { returnCredit } from '../payments/offers.ts';
import { assertTransition, type Reservation } from './reservation.ts';
import { tellGuest } from './tell-guest.ts';

/** Why a hold ended: its time was over, nobody had freed it and another guest asked for the nights, or a platform sold them. */
export type ExpiryReason = 'unpaid' | 'released_for_other' | 'sold_elsewhere';

/** Ends a hold whose row and unit are locked: nights free, link closing, guest told, event written. */
export async function expireHeld(reservation: Reservation, stores: Stores, reason: ExpiryReason): Promise<void> {
  assertTransition(reservation.status, 'expired');
  await stores.reservations.update(reservation.id, { status: 'expired', expiredAt: stores.now });
  await stores.reservations.freeNights(reservation);
  await stores.reservations.addEvent(reservation.id, 'system', 'expired', { from: 'held', to: 'expired', reason });
  await closeLinkOf(reservation.id, stores);
  await tellGuest(reservation, stores, 'hold_expired', reason === 'unpaid' ? holdExpired : holdReleasedForOther);
  await returnCredit(reservation, stores);
  stores.nudge({
    type: 'nights_freed',
    reservationId: reservation.id,
    accommodationId: reservation.accommodationId,
    stay: reservation,
  });
}

/**
 * Ends a hold by compare-and-set under the unit's lock. Undefined when there was nothing to do; the new `releaseAt` when it
 * is still held but not due (its time was extended): come again then.
 */
export async function expireIfDue(id: string, stores: Stores): Promise<{ expired: boolean; dueAt?: Date }> {
  const seen = await stores.reservations.find(id);
  if (!seen || seen.status !== 'held') return { expired: false };
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const reservation = await stores.reservations.lock(id);
  if (!reservation || reservation.status !== 'held' || reservation.accommodationId !== seen.accommodationId)
    return { expired: false };
  if (reservation.releaseAt > stores.now) return { expired: false, dueAt: reservation.releaseAt };
  await expireHeld(reservation, stores, 'unpaid');
  return { expired: true };
}

/** Gives a hold the grace for a payment on its way, once; true when it was given now. */
export async function giveGrace(
  id: string,
  stores: Stores,
  why: 'payment_pending' | 'provider_unreachable',
): Promise<boolean> {
  const reservation = await stores.reservations.lock(id);
  if (!reservation || reservation.status !== 'held' || reservation.graceGivenAt) return false;
  const from = Math.max(reservation.releaseAt.getTime(), stores.now.getTime());
  const releaseAt = new Date(from + stores.settings.paymentGraceMinutes * 60_000);
  await stores.reservations.update(id, { releaseAt, graceGivenAt: stores.now });
  await stores.reservations.addEvent(id, 'system', 'grace_given', { why, releaseAt: releaseAt.toISOString() });
  stores.nudge({ type: 'expire_hold', reservationId: id, at: releaseAt });
  stores.nudge({
    type: 'nights_taken',
    reservationId: id,
    accommodationId: reservation.accommodationId,
    stay: reservation,
    until: releaseAt,
  });
  return true;
}
