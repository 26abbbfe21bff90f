import { settleForeignStays } from '../calendars/settle-foreign-stays.ts';
import { stayMoved } from '../conversations/notices.ts';
import { DomainError } from '../errors.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import { minNightsFor, quote } from '../pricing.ts';
import { checkStay, type CalendarDate } from '../stay.ts';
import { isLive, type Actor, type Reservation, type ReservationId } from './reservation.ts';
import { tellGuest } from './tell-guest.ts';

export type MoveRequest = {
  id: ReservationId;
  /** What is not given stays as it is. */
  accommodationId?: AccommodationId;
  checkIn?: CalendarDate;
  checkOut?: CalendarDate;
  /** Owners often move a guest for their own sake: the agreed price stays. Default false: the new quote counts. */
  keepsPrice?: boolean;
  actor: Actor;
};

export type MoveOutcome = {
  reservation: Reservation;
  /** What the nights cost there and then; `differenceCents` against what was agreed (negative: cheaper). */
  quotedCents: Cents;
  differenceCents: Cents;
};

/**
 * Moves a live stay to other dates or another unit, and says what the price differs. The deposit that was asked for stays, so
 * that what a guest is paying right now is right; a case with a platform that the move ends is closed. Throws
 * `reservation_not_found`, `invalid_state`, `stay_unavailable` (the caller's transaction must be given up then) and every rule
 * that the new stay breaks; a stay that has begun may keep its first day.
 */
export async function moveStay(request: MoveRequest, stores: Stores): Promise<MoveOutcome> {
  const seen = await stores.reservations.find(request.id);
  if (!seen) throw new DomainError('reservation_not_found');
  const target = await stores.lodging.getAccommodation(request.accommodationId ?? seen.accommodationId);
  await stores.occupancies.lockUnits([seen.accommodationId, target.id]);
  const before = await stores.reservations.lock(request.id);
  if (!before || before.accommodationId !== seen.accommodationId) throw new DomainError('nights_busy');
  if (!isLive(before.status)) throw new DomainError('invalid_state', { status: before.status });

  const stay = { checkIn: request.checkIn ?? before.checkIn, checkOut: request.checkOut ?? before.checkOut };
  const guests = before.adults + before.children;
  const keepsCheckIn = stay.checkIn === before.checkIn;
  checkStay(stay, guests, {
    today: keepsCheckIn && stay.checkIn < stores.today ? stay.checkIn : stores.today,
    hourNow: keepsCheckIn ? 0 : stores.hourNow,
    minNights: minNightsFor(target.prices.seasons, target.minNights, stay.checkIn),
    capacity: target.capacity,
    lastArrivalHour: target.lastArrivalHour,
  });
  const price = quote(target.prices, stay, guests);
  const totalCents = request.keepsPrice ? before.totalCents : price.totalCents;
  const after: Reservation = {
    ...before,
    ...stay,
    accommodationId: target.id,
    totalCents,
    depositCents: Math.min(before.depositCents, totalCents),
    quote: request.keepsPrice ? { ...price, totalCents, depositCents: before.depositCents } : price,
  };

  await stores.reservations.freeNights(before);
  const { accommodationId, checkIn, checkOut, depositCents, quote: newQuote } = after;
  await stores.reservations.update(before.id, {
    accommodationId,
    checkIn,
    checkOut,
    totalCents,
    depositCents,
    quote: newQuote,
  });
  if (!(await stores.reservations.takeNights(after))) throw new DomainError('stay_unavailable');
  // Only now are the old unit's cases over.
  await stores.calendars.settleNights(before.accommodationId, before);
  await settleForeignStays(target.id, stores);
  const differenceCents = price.totalCents - before.totalCents;
  await stores.reservations.addEvent(before.id, request.actor, 'moved', {
    from: { accommodationId: before.accommodationId, checkIn: before.checkIn, checkOut: before.checkOut },
    to: { accommodationId, checkIn, checkOut },
    totalCents,
    differenceCents,
    keepsPrice: request.keepsPrice ?? false,
  });
  await tellGuest(after, stores, 'stay_moved', stayMoved);
  const until = before.status === 'held' ? before.releaseAt : null;
  stores.nudge({
    type: 'nights_freed',
    reservationId: before.id,
    accommodationId: before.accommodationId,
    stay: before,
  });
  if (until) stores.nudge({ type: 'nights_taken', reservationId: before.id, accommodationId: target.id, stay, until });
  return { reservation: after, quotedCents: price.totalCents, differenceCents };
}
