import type { StoredEvent } from './feed.ts';
import { freed, futureBookings, type ChangeList, type FeedState } from './changes.ts';
import type { CalendarDate } from '../stay.ts';

const minuteMs = 60_000;

/** How often and how long an event must be missing before it is believed to be gone. */
const normal = { fetches: 2, ms: 10 * minuteMs };
const onlyBooking = { fetches: 3, ms: 60 * minuteMs };
const quarantineMs = 24 * 60 * minuteMs;

/**
 * Disappearance is cancellation only when believable (rules.md): `gone` are the live events that a good fetch does not have.
 * Sliding blocks and echoes take nobody's stay away and go at once; a stay that has begun never goes; more than half of the
 * future bookings (at least two) gone together are kept in quarantine.
 */
export function decideAbsences(
  state: FeedState,
  gone: readonly StoredEvent[],
  changes: ChangeList,
  { today, fetchedAt }: { today: CalendarDate; fetchedAt: Date },
): void {
  const missing: StoredEvent[] = [];
  for (const event of gone) {
    if (event.nights.checkOut <= today)
      changes.change(event, { change: { state: 'over', originFreedAt: null }, outcome: null });
    else if (event.kind === 'not_available' || event.isEcho)
      changes.change(event, { change: freed, outcome: 'replaced' });
    else if (event.nights.checkIn > today) missing.push(event);
  }
  const bookings = futureBookings(state.events, today);
  const lost = new Set(futureBookings(missing, today));
  const isSuspicious = lost.size >= 2 && lost.size * 2 > bookings.length;
  if (isSuspicious) return keepInQuarantine(bookings, state.quarantine, missing, lost, changes, fetchedAt);

  changes.quarantine(null);
  for (const event of missing) {
    const { fetches, ms } = bookings.length === 1 && lost.has(event) ? onlyBooking : normal;
    const since = event.missingSince ?? fetchedAt;
    const count = event.missingFetches + 1;
    if (count >= fetches && fetchedAt.getTime() - since.getTime() >= ms)
      changes.change(event, { change: freed, outcome: 'freed' });
    else
      changes.change(event, {
        change: { missingSince: since, missingFetches: count },
        outcome: event.missingSince ? null : 'missing',
      });
  }
}

/** Keeps everything that is missing; 24 h of the same bookings missing at every good fetch are believed. */
function keepInQuarantine(
  bookings: readonly StoredEvent[],
  quarantine: FeedState['quarantine'],
  missing: readonly StoredEvent[],
  lost: ReadonlySet<StoredEvent>,
  changes: ChangeList,
  fetchedAt: Date,
): void {
  const ids = [...lost].map(({ id }) => id).toSorted();
  // Those that have begun meanwhile are no change of the feed.
  const future = new Set(bookings.map(({ id }) => id));
  const before = quarantine?.missing.filter((id) => future.has(id)) ?? [];
  const isUnchanged = quarantine !== null && ids.join() === before.join();
  if (isUnchanged && fetchedAt.getTime() - quarantine.since.getTime() >= quarantineMs) {
    for (const event of missing) changes.change(event, { change: freed, outcome: 'freed' });
    changes.quarantine(null);
    return;
  }
  for (const event of missing) {
    const missingSince = event.missingSince ?? fetchedAt;
    const change = { missingSince, missingFetches: event.missingFetches + 1 };
    changes.change(event, { change, outcome: event.missingSince ? null : 'quarantined' });
  }
  changes.quarantine(
    isUnchanged ? quarantine : { since: fetchedAt, missing: ids },
    quarantine === null ? ids.length : 0,
  );
}
