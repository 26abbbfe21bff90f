import { DomainError } from '../errors.ts';
import type { Accommodation } from '../lodging/accommodation.ts';
import type { Stores } from '../ports.ts';
import { minNightsFor, quote, type Quote } from '../pricing.ts';
import { checkStay, type Stay } from '../stay.ts';

/** A unit and its price for the stay, or why it cannot be taken: `taken`, or the code of the rule that refuses. */
export type Availability =
  | { accommodation: Accommodation; isFree: true; quote: Quote }
  | { accommodation: Accommodation; isFree: false; reason: string; data: Record<string, unknown> };

/** Rules about the stay itself: no unit could be taken, so they are the whole answer. */
const aboutTheStay = new Set(['invalid_dates', 'date_in_past', 'too_far_ahead', 'stay_too_long', 'invalid_guests']);

/**
 * Every active unit with its price or the reason against it, by the rules and the price function of every door; in the
 * owner's order. Throws the DomainError of a stay that nobody could take.
 */
export async function listAvailability(
  stay: Stay,
  guests: number,
  stores: Pick<Stores, 'today' | 'hourNow' | 'lodging' | 'occupancies'>,
): Promise<Availability[]> {
  const units = await stores.lodging.listAccommodations();
  const judged = units.map((accommodation) => ({
    accommodation,
    refusal: refusalOf(accommodation, stay, guests, stores),
  }));
  const taken = await stores.occupancies.listTaken(stay);
  return judged.map(({ accommodation, refusal }): Availability => {
    if (refusal) return { accommodation, isFree: false, reason: refusal.code, data: refusal.data };
    if (taken.has(accommodation.id)) return { accommodation, isFree: false, reason: 'taken', data: {} };
    return { accommodation, isFree: true, quote: quote(accommodation.prices, stay, guests) };
  });
}

function refusalOf(
  unit: Accommodation,
  stay: Stay,
  guests: number,
  { today, hourNow }: Pick<Stores, 'today' | 'hourNow'>,
): DomainError | null {
  try {
    checkStay(stay, guests, {
      today,
      hourNow,
      minNights: minNightsFor(unit.prices.seasons, unit.minNights, stay.checkIn),
      capacity: unit.capacity,
      lastArrivalHour: unit.lastArrivalHour,
    });
    return null;
  } catch (error) {
    if (error instanceof DomainError && !aboutTheStay.has(error.code)) return error;
    throw error;
  }
}
