import type { Party } from './understanding.ts';
import { DomainError } from '../errors.ts';
import type { Accommodation, AccommodationId } from '../lodging/accommodation.ts';
import { minNightsFor, quote } from '../pricing.ts';
import { addDays, checkStay, daysBetween, maxDaysAhead, maxNights, overlaps, weekday, type Stay } from '../stay.ts';
import type { ConversationState, FreeUnit, Look } from './conversation.ts';

/** Why these dates can be nobody's, whatever the unit; null when nothing speaks against them. */
export function findStayProblem(
  stay: Stay,
  look: Look,
): 'reversed' | 'past' | 'too_far_ahead' | 'stay_too_long' | null {
  const nights = daysBetween(stay.checkIn, stay.checkOut);
  if (!(nights >= 1)) return 'reversed';
  if (stay.checkIn < look.today) return 'past';
  if (daysBetween(look.today, stay.checkIn) > maxDaysAhead) return 'too_far_ahead';
  return nights > maxNights ? 'stay_too_long' : null;
}

/** Why a unit cannot be taken for that stay by the rules of every door (`checkStay`); null when it can. */
export function judgeUnit(unit: Accommodation, stay: Stay, party: Party, look: Look): DomainError | null {
  try {
    checkStay(stay, party.total, {
      today: look.today,
      hourNow: look.hourNow,
      minNights: minNightsFor(unit.prices.seasons, unit.minNights, stay.checkIn),
      capacity: unit.capacity,
      lastArrivalHour: unit.lastArrivalHour,
    });
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** The unit with its price for that stay and party. */
export function toFreeUnit(accommodation: Accommodation, stay: Stay, party: Party): FreeUnit {
  return { accommodation, quote: quote(accommodation.prices, stay, party.total) };
}

export type Offers = {
  /** Free, allowed and large enough; the cheapest first. */
  units: FreeUnit[];
  /** Large enough and free, but refused by a rule such as the minimum nights. */
  refused: { accommodation: Accommodation; error: DomainError }[];
};

/** What is really free and fits the party; `exclude` leaves out a unit that somebody is just taking. */
export async function findOffers(look: Look, stay: Stay, party: Party, exclude?: AccommodationId): Promise<Offers> {
  const judged = look.accommodations
    .filter((unit) => unit.id !== exclude && unit.capacity >= party.total)
    .map((accommodation) => ({ accommodation, error: judgeUnit(accommodation, stay, party, look) }));
  if (judged.length === 0) return { units: [], refused: [] };
  const free = await look.freeAccommodationIds(stay);
  const open = judged.filter(({ accommodation }) => free.has(accommodation.id));
  return {
    units: open
      .filter(({ error }) => error === null)
      .map(({ accommodation }) => toFreeUnit(accommodation, stay, party))
      .toSorted(byPrice),
    refused: open.flatMap(({ accommodation, error }) => (error === null ? [] : [{ accommodation, error }])),
  };
}

function byPrice(a: FreeUnit, b: FreeUnit): number {
  return a.quote.totalCents - b.quote.totalCents || a.accommodation.capacity - b.accommodation.capacity;
}

/** A stay with the units that are free in it, the cheapest first. */
export type DateOption = { stay: Stay; units: FreeUnit[] };

const nearestOffsets = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7];

/**
 * The same number of nights on the days around, nearest first; with `unitId` only days on which that unit is free;
 * `isTaken`: somebody is just taking those very nights, so none of them is offered again. At
 * most 14 look-ups, and none for days that the rules refuse anyway.
 */
export async function findNearDates(
  look: Look,
  stay: Stay,
  party: Party,
  options: { wanted: number; unitId?: AccommodationId; exclude?: AccommodationId; isTaken?: boolean },
): Promise<DateOption[]> {
  const stays = nearestOffsets.map((days) => ({
    checkIn: addDays(stay.checkIn, days),
    checkOut: addDays(stay.checkOut, days),
  }));
  const open = options.isTaken ? stays.filter((other) => !overlaps(other, stay)) : stays;
  const found = await findAmong(look, open, party, options);
  return found.toSorted((a, b) => (a.stay.checkIn < b.stay.checkIn ? -1 : 1));
}

/** The stay made as long as the shortest minimum asks for, when that is what stands in the way. */
export async function findLongerStay(
  look: Look,
  stay: Stay,
  party: Party,
  minNights: number,
  unitId?: AccommodationId,
): Promise<DateOption[]> {
  const longer = { checkIn: stay.checkIn, checkOut: addDays(stay.checkIn, minNights) };
  return findAmong(look, [longer], party, { wanted: 1, ...(unitId === undefined ? {} : { unitId }) });
}

async function findAmong(
  look: Look,
  stays: readonly Stay[],
  party: Party,
  { wanted, unitId, exclude }: { wanted: number; unitId?: AccommodationId; exclude?: AccommodationId },
): Promise<DateOption[]> {
  const found: DateOption[] = [];
  for (const stay of stays) {
    if (found.length === wanted) break;
    const allowed = look.accommodations.filter(
      (unit) =>
        unit.id !== exclude &&
        (unitId === undefined || unit.id === unitId) &&
        judgeUnit(unit, stay, party, look) === null,
    );
    if (allowed.length === 0) continue;
    const free = await look.freeAccommodationIds(stay);
    const units = allowed
      .filter((unit) => free.has(unit.id))
      .map((unit) => toFreeUnit(unit, stay, party))
      .toSorted(byPrice);
    if (units.length > 0) found.push({ stay, units });
  }
  return found;
}

const maxWindowLookUps = 12;

/**
 * Free stays inside a window, the last check-out at most the day after it: weekends first where a weekend was asked for,
 * else spread over it. At most 12 look-ups.
 */
export async function findInWindow(
  look: Look,
  window: NonNullable<ConversationState['window']>,
  nights: number,
  party: Party,
  options: { wanted: number; unitId?: AccommodationId },
): Promise<DateOption[]> {
  const from = window.from < look.today ? look.today : window.from;
  const lastStart = daysBetween(from, window.to) + 1 - nights;
  if (lastStart < 0) return [];
  const starts = Array.from({ length: Math.min(lastStart, 62) + 1 }, (_, day) => addDays(from, day));
  const preferred = window.isWeekend ? starts.filter((date) => weekday(date) === (nights === 1 ? 6 : 5)) : [];
  const candidates = preferred.length > 0 ? preferred : spread(starts, maxWindowLookUps);
  const stays = candidates
    .slice(0, maxWindowLookUps)
    .map((checkIn) => ({ checkIn, checkOut: addDays(checkIn, nights) }));
  return findAmong(look, stays, party, options);
}

/** At most `count` of the dates, evenly spread and in order. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/** A big party shared out over free units, the largest first and as few as possible; null when even all are too few. */
export async function findSplit(
  look: Look,
  stay: Stay,
  party: Party,
): Promise<{ unit: FreeUnit; guests: number }[] | null> {
  const free = await look.freeAccommodationIds(stay);
  const one: Party = { adults: 1, children: 0, total: 1 };
  const units = look.accommodations
    .filter((unit) => free.has(unit.id) && judgeUnit(unit, stay, one, look) === null)
    .toSorted((a, b) => b.capacity - a.capacity);
  const parts: { unit: FreeUnit; guests: number }[] = [];
  let left = party.total;
  for (const unit of units) {
    if (left <= 0) break;
    const best = units.findLast(
      (other) => other.capacity >= left && !parts.some((p) => p.unit.accommodation.id === other.id),
    );
    const chosen = best ?? unit;
    if (parts.some((part) => part.unit.accommodation.id === chosen.id)) continue;
    const guests = Math.min(left, chosen.capacity);
    parts.push({ unit: toFreeUnit(chosen, stay, { adults: guests, children: 0, total: guests }), guests });
    left -= guests;
  }
  return left <= 0 && parts.length > 1 ? parts : null;
}

/** Days on which a change of unit is tried, at most. */
const mostCuts = 4;

/**
 * The stay in two units, one after the other, where none is free all through: the cheapest of each part, cut where one can stay
 * longest in the same place. Null when there is none. At most 8 look-ups.
 */
export async function findStayInTwo(
  look: Look,
  stay: Stay,
  party: Party,
  exclude?: AccommodationId,
): Promise<[DateOption, DateOption] | null> {
  const nights = daysBetween(stay.checkIn, stay.checkOut);
  const cuts = Array.from({ length: Math.max(0, nights - 1) }, (_, i) =>
    i % 2 === 0 ? nights - 1 - i / 2 : (i + 1) / 2,
  );
  for (const cut of cuts.slice(0, mostCuts)) {
    const day = addDays(stay.checkIn, cut);
    const options = { wanted: 1, ...(exclude === undefined ? {} : { exclude }) };
    const [first] = await findAmong(look, [{ checkIn: stay.checkIn, checkOut: day }], party, options);
    if (first === undefined) continue;
    const [second] = await findAmong(look, [{ checkIn: day, checkOut: stay.checkOut }], party, options);
    if (second !== undefined) return [first, second];
  }
  return null;
}
