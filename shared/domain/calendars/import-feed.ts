import type { AccommodationId } from '../lodging/accommodation.ts';
import type { InTransaction } from '../ports.ts';
import { applyFetch, type ImportResult } from './apply-fetch.ts';
import type { CalendarDesk } from './desk.ts';
import type { CalendarFeed, FeedId } from './feed.ts';
import { importWindow, staleAfterMs } from './schedule.ts';
import { tellOwnerOfFeed } from './tell-owner.ts';

/** What importing needs of its process; both the calendars' pool and the guests' use it. */
export type ImportDeps = { inTransaction: InTransaction; calendars: CalendarDesk };

/** Longer than any fetch may take: after it the lease of a dead worker is anybody's. */
const leaseSeconds = 60;

/**
 * Fetches and applies a feed, one at a time per feed; no transaction is open while the server is waited for. Undefined when
 * somebody else is at it, or it is paused or gone. Trouble of the feed is a result; throws when the stores fail.
 */
export async function importFeed(id: FeedId, deps: ImportDeps, signal: AbortSignal): Promise<ImportResult | undefined> {
  const begun = await deps.inTransaction(async (stores) => {
    if (!(await stores.calendars.claimFeed(id, leaseSeconds))) return undefined;
    const feed = await stores.calendars.findFeed(id);
    return feed && { feed, began: stores.now, window: importWindow(stores.today) };
  });
  return begun && fetchAndApply(begun, deps, signal);
}

type Begun = { feed: CalendarFeed; began: Date; window: ReturnType<typeof importWindow> };

async function fetchAndApply(
  { feed, began, window }: Begun,
  deps: ImportDeps,
  signal: AbortSignal,
): Promise<ImportResult> {
  const fetched = await deps.calendars.fetchCalendar(feed, window, signal);
  return deps.inTransaction((stores) => applyFetch(feed, fetched, began, stores, deps.calendars));
}

/** How long a guest may wait for a feed. */
export const freshFetchMs = 3_000;
/** A feed that failed so lately is not waited for again. */
const justFailedMs = 60_000;

/**
 * Before nights of a unit are sold: imports its feeds whose last good fetch is older than 5 minutes, side by side, at most 3 s
 * in all, and never fails for their sake. What cannot be reached is told to the owner once; the sale goes on. No lock or
 * transaction of the caller may be open.
 */
export async function importIfStale(
  accommodationId: AccommodationId,
  deps: ImportDeps,
  signal: AbortSignal,
): Promise<{ imported: FeedId[]; unreachable: FeedId[] }> {
  const begun = await deps.inTransaction(async (stores): Promise<Begun[]> => {
    const feeds = await stores.calendars.listFeeds(accommodationId);
    const isOlder = (at: Date | null, ms: number): boolean => at === null || stores.now.getTime() - at.getTime() > ms;
    const stale = feeds.filter(
      (feed) =>
        !feed.isPaused &&
        isOlder(feed.lastGoodAt, staleAfterMs) &&
        (feed.failure === null || isOlder(feed.lastAttemptAt, justFailedMs)),
    );
    return stale.map((feed) => ({ feed, began: stores.now, window: importWindow(stores.today) }));
  });
  if (begun.length === 0) return { imported: [], unreachable: [] };

  const deadline = AbortSignal.any([signal, AbortSignal.timeout(freshFetchMs)]);
  const results = await Promise.all(
    begun.map(async (one) => ({ feed: one.feed, isFresh: await isInTime(refresh(one, deps, deadline), deadline) })),
  );
  signal.throwIfAborted();
  const unreachable = results.filter(({ isFresh }) => !isFresh).map(({ feed }) => feed);
  if (unreachable.length > 0) await tellUnreachable(unreachable, deps);
  return {
    imported: results.filter(({ isFresh }) => isFresh).map(({ feed }) => feed.id),
    unreachable: unreachable.map(({ id }) => id),
  };
}

/** A fetch that was given up for the guest's sake says nothing about the feed: only its own answer is applied. */
async function refresh(begun: Begun, deps: ImportDeps, deadline: AbortSignal): Promise<boolean> {
  const fetched = await deps.calendars.fetchCalendar(begun.feed, begun.window, deadline);
  if (deadline.aborted) return false;
  const result = await deps.inTransaction((stores) =>
    applyFetch(begun.feed, fetched, begun.began, stores, deps.calendars),
  );
  return result.type !== 'failed';
}

/** False when the deadline comes first, or the import fails for any reason: the guest's answer does not depend on it. */
async function isInTime(work: Promise<boolean>, deadline: AbortSignal): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => {
    if (deadline.aborted) resolve(false);
    else deadline.addEventListener('abort', () => resolve(false), { once: true });
  });
  return Promise.race([work.catch(() => false), late]);
}

async function tellUnreachable(feeds: readonly CalendarFeed[], { inTransaction }: ImportDeps): Promise<void> {
  await inTransaction(async (stores) => {
    for (const { id } of feeds) {
      const feed = await stores.calendars.lockFeed(id);
      if (!feed || feed.failureToldAt) continue;
      await tellOwnerOfFeed('calendar_unreachable', feed, stores, { reason: feed.failure ?? 'timeout' });
      await stores.calendars.updateFeed(id, { failureToldAt: stores.now });
    }
  });
}
