import type { Stay } from '../stay.ts';
import type { EventKind } from './foreign-event.ts';

/** An echo whose origin is gone counts for nothing for so long; then it blocks: the platform may have sold the nights. */
export const echoPatienceMs = 24 * 3_600_000;

export type EchoFacts = {
  /** Nights that we export to the event's channel now. */
  exports: readonly Stay[];
  /** Nights that the channel read when it last fetched our export. */
  served: readonly Stay[];
  /** When that was; null = never. */
  servedAt: Date | null;
  /** When the fetch that shows the event began. */
  fetchedAt: Date;
};

/**
 * Is an event that is seen for the first time our own nights coming back (rules.md, Echo-safe)? Only when it equals nights, or
 * a union of nights, that the channel had fetched from us before. In doubt it is not.
 */
export function isEchoAtFirstSight(event: { kind: EventKind; nights: Stay }, { exports, served }: EchoFacts): boolean {
  if (event.kind === 'reservation') return false;
  const read = exports.filter((nights) =>
    served.some(({ checkIn, checkOut }) => checkIn === nights.checkIn && checkOut === nights.checkOut),
  );
  return isUnionOf(event.nights, read);
}

/**
 * Does a new event equal nights that the channel had read from us, although we export them no more? It blocks (in doubt it was
 * sold), but until the channel has read that they are free nobody else is told: two channels that read the same nights before a
 * cancellation would keep each other's copies alive for ever.
 */
export function isSuspectAtFirstSight(event: { kind: EventKind; nights: Stay }, { served }: EchoFacts): boolean {
  return event.kind !== 'reservation' && isUnionOf(event.nights, served);
}

/** Has the channel read since that we do not have these nights, or has it been silent for a day? Then the event is its own. */
export function isProven(
  event: { nights: Stay; suspectSince: Date },
  { served, servedAt, fetchedAt }: EchoFacts,
): boolean {
  const hasReadOtherwise = servedAt !== null && servedAt <= fetchedAt && !isUnionOf(event.nights, served);
  return hasReadOtherwise || fetchedAt.getTime() - event.suspectSince.getTime() >= echoPatienceMs;
}

function isUnionOf(stay: Stay, parts: readonly Stay[]): boolean {
  return covers(
    parts.filter(({ checkIn, checkOut }) => checkIn >= stay.checkIn && checkOut <= stay.checkOut),
    stay,
  );
}

/** Do these nights leave no gap in that stay? */
export function covers(exported: readonly Stay[], stay: Stay): boolean {
  let reached = stay.checkIn;
  const ascending = exported.toSorted((a, b) => (a.checkIn < b.checkIn ? -1 : 1));
  for (const nights of ascending) {
    if (nights.checkIn > reached) return false;
    if (nights.checkOut > reached) reached = nights.checkOut;
    if (reached >= stay.checkOut) return true;
  }
  return reached >= stay.checkOut;
}
