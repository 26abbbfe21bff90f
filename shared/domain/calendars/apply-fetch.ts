import type { Stores } from '../ports.ts';
import type { CalendarDate } from '../stay.ts';
import type { EventOutcome } from './changes.ts';
import type { CalendarDesk } from './desk.ts';
import type { CalendarFeed, FetchedCalendar } from './feed.ts';
import type { Reading } from './foreign-event.ts';
import { reconcile, type Sight } from './reconcile.ts';
import { nextImport, nextTry, tellAfterFailures } from './schedule.ts';
import { settleForeignStays } from './settle-foreign-stays.ts';
import { tellOwnerOfFeed } from './tell-owner.ts';

/** More that lie ahead than this are no lodging's. */
const mostEvents = 5_000;

export type ImportResult = {
  /** `late`: a fetch that began later was applied before. `gone`: removed, paused or its address changed meanwhile. */
  type: 'imported' | 'unchanged' | 'failed' | 'late' | 'gone';
  reason?: string;
  outcomes?: Partial<Record<EventOutcome, number>>;
  conflicts?: number;
};

/**
 * Applies what a fetch brought, under the unit's lock, only if it began after the last applied one. What could be read of a
 * broken calendar only adds; it is a failure all the same. Holds under a foreign stay give way, confirmed stays get a case.
 */
export async function applyFetch(
  seen: CalendarFeed,
  fetched: FetchedCalendar,
  began: Date,
  stores: Stores,
  desk: Pick<CalendarDesk, 'isOurUid'>,
): Promise<ImportResult> {
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const feed = await stores.calendars.lockFeed(seen.id);
  if (!feed || feed.isPaused || feed.sealedUrl !== seen.sealedUrl) return { type: 'gone' };
  if (feed.lastGoodAt && began <= feed.lastGoodAt) {
    await stores.calendars.updateFeed(feed.id, { fetchingSince: null });
    return { type: 'late' };
  }
  if (fetched.type === 'failed') return fail(feed, fetched.reason, began, fetched.retryAfterMs, stores);
  if (fetched.type === 'not_modified' && feed.lastGoodAt === null)
    return fail(feed, 'unexpected_304', began, null, stores);

  const { sight, reason } = toSight(fetched, stores.today);
  const of = await stores.calendars.getExport(feed.accommodationId, feed.channel);
  const changes = reconcile(
    { events: await stores.calendars.listEvents(feed.id), quarantine: feed.quarantine },
    sight,
    {
      exports: (await stores.calendars.listExportedEvents(of, stores.today)).map(({ nights }) => nights),
      served: of.servedNights,
      servedAt: of.servedAt,
      fetchedAt: began,
      today: stores.today,
      isOurs: (uid) => desk.isOurUid(uid),
    },
  );
  const touched = await stores.calendars.applyChanges(feed, changes, stores.now);
  let conflicts = 0;
  if (touched) {
    await stores.calendars.settleNights(feed.accommodationId, touched);
    conflicts = (await settleForeignStays(feed.accommodationId, stores)).length;
  }
  if ((changes.outcomes.flagged ?? 0) > 0) await tellOwnerOfFeed('calendar_echo_stays', feed, stores, {});
  // What a broken file added is in no good one: the next answer must be a whole calendar, not a 304.
  if (reason) await stores.calendars.updateFeed(feed.id, { etag: null, lastModified: null });
  if (reason) return { ...(await fail(feed, reason, began, null, stores)), outcomes: changes.outcomes, conflicts };

  if (changes.newlyQuarantined > 0)
    await tellOwnerOfFeed('calendar_quarantine', feed, stores, { missing: changes.newlyQuarantined });
  const headers = fetched.type === 'calendar' ? { etag: fetched.etag, lastModified: fetched.lastModified } : {};
  await stores.calendars.updateFeed(feed.id, {
    ...headers,
    lastGoodAt: began,
    lastAttemptAt: began,
    nextFetchAt: nextImport(stores.now, Math.random()),
    fetchingSince: null,
    failures: 0,
    failure: null,
    failureToldAt: null,
    quarantine: changes.quarantine,
  });
  const isUnchanged = changes.added.length === 0 && changes.changed.length === 0;
  return { type: isUnchanged ? 'unchanged' : 'imported', outcomes: changes.outcomes, conflicts };
}

async function fail(
  feed: CalendarFeed,
  reason: string,
  began: Date,
  retryAfterMs: number | null,
  stores: Stores,
): Promise<ImportResult> {
  const failures = feed.failures + 1;
  const isNews = failures >= tellAfterFailures && feed.failureToldAt === null;
  if (isNews) await tellOwnerOfFeed('calendar_unreachable', feed, stores, { reason });
  await stores.calendars.updateFeed(feed.id, {
    failures,
    failure: reason,
    lastAttemptAt: began,
    nextFetchAt: nextTry(stores.now, failures, retryAfterMs, Math.random()),
    fetchingSince: null,
    ...(isNews ? { failureToldAt: stores.now } : {}),
  });
  return { type: 'failed', reason };
}

/** What a fetch shows, and why it was no good one although something could be read. */
function toSight(
  fetched: Exclude<FetchedCalendar, { type: 'failed' }>,
  today: CalendarDate,
): { sight: Sight; reason?: string } {
  if (fetched.type === 'not_modified') return { sight: { type: 'repeat' } };
  const { events, isComplete, unreadableUids } = fetched.reading;
  const ahead = events.filter(({ checkOut }) => checkOut > today);
  if (isComplete && ahead.length <= mostEvents)
    return { sight: { type: 'events', events, isComplete, unreadableUids } };
  const soonest = ahead.toSorted((a, b) => (a.checkIn < b.checkIn ? -1 : 1)).slice(0, mostEvents);
  const reason = isComplete ? 'too_many_events' : reasonOf(fetched.reading);
  return { sight: { type: 'events', events: soonest, isComplete: false, unreadableUids }, reason };
}

const fileProblems = new Set(['empty', 'html', 'not_a_calendar', 'truncated', 'no_calendar']);

function reasonOf({ problems }: Reading): string {
  return problems.find(({ code }) => fileProblems.has(code))?.code ?? 'truncated';
}
