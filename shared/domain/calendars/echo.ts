import type { Stay } from '../stay.ts';
import type { EventKind } from './foreign-event.ts';

/** An echo whose origin is gone counts for nothing for so long; then it blocks: the platform may have sold the nights. */
export const echoPatienceMs = 24 * 3_600_000;

export type EchoFacts = {
  /** Nights that we export to the event's channel now. */
  exports: readonly Stay[];
  /** Nights that the channel read when it last fetched our export. */
  served: readonly Stay[];
  /** When the fetch that shows the event began. */
  fetchedAt: Date;
};

/**
 * Is an event that is seen for the first time our own nights coming back (rules.md, Echo-safe)? Only when it equals nights, or
 * a union of nights, that the channel had fetched from us before. In doubt it is not.
 */
export function isEchoAtFirstSight(event: { kind: EventKind; nights: Stay }, { exports, served }: EchoFacts): boolean {
  if (event.kind === 'reservation') return false;
  const within = exports.filter(
    (nights) =>
      nights.checkIn >= event.nights.checkIn &&
      nights.checkOut <= event.nights.checkOut &&
      served.some(({ checkIn, checkOut }) => checkIn === nights.checkIn && checkOut === nights.checkOut),
  );
  return covers(within, event.nights);
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
