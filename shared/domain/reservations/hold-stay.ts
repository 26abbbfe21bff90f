import { randomInt, randomUUID } from 'node:crypto';
import { minNightsFor, quote } from '../pricing.ts';
import type { Stores } from '../ports.ts';
import { checkStay } from '../stay.ts';
import { expireHeld } from './expire.ts';
import { createReservationCode, type HoldRequest, type Reservation } from './reservation.ts';

/** Reserve keys on nights before the database is asked; refusing is a courtesy, never a verdict. */
export type CourtesyLock = {
  /** All nights or none for `holdMs`; true also when the lock cannot be asked (it fails open). */
  acquire(accommodationId: number, nights: readonly string[], owner: string, holdMs: number): Promise<boolean>;
  /** After the winner's commit: the keys are its, whoever had them. */
  extend(accommodationId: number, nights: readonly string[], owner: string, holdMs: number): Promise<void>;
  /** Gives back the keys that are still this owner's. */
  release(accommodationId: number, nights: readonly string[], owner: string): Promise<void>;
};

export type HoldOutcome = { type: 'held'; reservation: Reservation } | { type: 'unavailable'; soonFree: boolean };

const minuteMs = 60_000;
/** Workers had this long to expire a hold after `release_at`; then whoever wants the nights frees them unasked. */
const unaskedAfterMs = 60_000;

/**
 * Holds a stay for `settings.holdMinutes`, in the caller's transaction, with the order of rules.md: courtesy lock, unit's
 * lock, insert; overdue holds end when they are in the way. Taken nights are an outcome; a stay that breaks a rule throws its DomainError.
 * The caller's transaction takes the unit's lock here: no reservation or payment may be locked before.
 */
export async function holdStay(request: HoldRequest, stores: Stores, courtesy: CourtesyLock): Promise<HoldOutcome> {
  const { accommodation, checkIn, checkOut } = request;
  const stay = { checkIn, checkOut };
  const guests = request.adults + request.children;
  checkStay(stay, guests, {
    today: stores.today,
    hourNow: stores.hourNow,
    minNights: minNightsFor(accommodation.prices.seasons, accommodation.minNights, checkIn),
    capacity: accommodation.capacity,
    lastArrivalHour: accommodation.lastArrivalHour,
  });
  const price = quote(accommodation.prices, stay, guests);
  const id = randomUUID();

  const nights = price.nights.map((night) => night.date);
  const isFirst = await courtesy.acquire(accommodation.id, nights, id, 10_000);
  const refuse = async (refusedBy: 'courtesy_lock' | 'occupancy'): Promise<HoldOutcome> => {
    await stores.occupancies.recordRefusal(accommodation.id, refusedBy);
    return { type: 'unavailable', soonFree: await stores.occupancies.isSoonFree(accommodation.id, stay) };
  };
  if (!isFirst && (await stores.occupancies.listTaken(stay)).has(accommodation.id)) return refuse('courtesy_lock');

  await stores.occupancies.lockUnits([accommodation.id]);
  const holdExpiresAt = new Date(stores.now.getTime() + stores.settings.holdMinutes * minuteMs);
  const reservation: Reservation = {
    id,
    code: createReservationCode(stores.today, (max) => randomInt(max)),
    accommodationId: accommodation.id,
    contactId: request.contactId,
    status: 'held',
    channel: request.channel,
    checkIn,
    checkOut,
    adults: request.adults,
    children: request.children,
    currency: price.currency,
    totalCents: price.totalCents,
    depositCents: price.depositCents,
    quote: price,
    holdExpiresAt,
    releaseAt: new Date(holdExpiresAt.getTime() + stores.settings.releaseDelayMinutes * minuteMs),
    graceGivenAt: null,
    linkDelayGivenAt: null,
    confirmedAt: null,
    cancelledAt: null,
  };
  const paymentLinkId = randomUUID();
  const event = {
    to: 'held',
    channel: request.channel,
    checkIn,
    checkOut,
    totalCents: price.totalCents,
    depositCents: price.depositCents,
    holdExpiresAt: holdExpiresAt.toISOString(),
  };
  const insert = () => stores.reservations.insertHeld(reservation, { paymentLinkId, actor: request.actor, event });
  if (!(await insert()) && !((await expireOverdue(accommodation.id, stores)) && (await insert()))) {
    await courtesy.release(accommodation.id, nights, id);
    return refuse(isFirst ? 'occupancy' : 'courtesy_lock');
  }
  stores.nudge({ type: 'make_link', paymentLinkId });
  stores.nudge({ type: 'expire_hold', reservationId: id, at: reservation.releaseAt });
  stores.nudge({
    type: 'nights_taken',
    reservationId: id,
    accommodationId: accommodation.id,
    stay,
    until: reservation.releaseAt,
  });
  return { type: 'held', reservation };
}

/** Ends the unit's holds that nobody ended in time; false when there was none. */
async function expireOverdue(accommodationId: number, stores: Stores): Promise<boolean> {
  const before = new Date(stores.now.getTime() - unaskedAfterMs);
  const overdue = await stores.reservations.lockOverdueHolds(accommodationId, before);
  for (const hold of overdue) await expireHeld(hold, stores, 'released_for_other');
  return overdue.length > 0;
}
