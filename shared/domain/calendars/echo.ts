import type { Stay } from '../stay.ts';
import type { ExportedNights } from './feed.ts';
import type { EventKind } from './foreign-event.ts';

/** An echo whose origin is gone counts for nothing for so long; then it blocks: the platform may have sold the nights. */
export const echoPatienceMs = 24 * 3_600_000;

export type EchoFacts = {
  /** What we export to the event's channel now. */
  exports: readonly ExportedNights[];
  /** When the channel last fetched our export; null = never. */
  servedAt: Date | null;
  /** When the fetch that shows the event began. */
  fetchedAt: Date;
};

/**
 * Is an event that is seen for the first time our own nights coming back (rules.md, Echo-safe)? Only when it equals nights, or
 * a union of nights, that the channel had fetched from us before. In doubt it is not.
 */
export function isEchoAtFirstSight(
  event: { kind: EventKind; nights: Stay },
  { exports, servedAt, fetchedAt }: EchoFacts,
): boolean {
  if (event.kind === 'reservation' || servedAt === null || servedAt > fetchedAt) return false;
  const within = exports.filter(
    ({ nights, since }) =>
      since <= servedAt && nights.checkIn >= event.nights.checkIn && nights.checkOut <= event.nights.checkOut,
  );
  return covers(within, event.nights);
}

/** Do these nights leave no gap in that stay? */
export function covers(exported: readonly ExportedNights[], stay: Stay): boolean {
  let reached = stay.checkIn;
  const ascending = exported.map(({ nights }) => nights).toSorted((a, b) => (a.checkIn < b.checkIn ? -1 : 1));
  for (const nights of ascending) {
    if (nights.checkIn > reached) return false;
    if (nights.checkOut > reached) reached = nights.checkOut;
    if (reached >= stay.checkOut) return true;
  }
  return reached >= stay.checkOut;
}
