import { DomainError } from '../errors.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Stores } from '../ports.ts';
import { acceptMissing } from './reconcile.ts';
import type { CalendarDesk } from './desk.ts';
import type { CalendarFeed, FeedId } from './feed.ts';
import type { FeedChannel } from './foreign-event.ts';
import { settleForeignStays } from './settle-foreign-stays.ts';

/** A feed as it may be shown: no address but its host. */
export type FeedView = {
  id: FeedId;
  accommodationId: AccommodationId;
  channel: FeedChannel;
  /** `https://www.airbnb.com/…` */
  url: string;
  state: 'active' | 'paused' | 'quarantined' | 'failing' | 'new';
  /** Why the last fetch was no good. */
  failure: string | null;
  failures: number;
  lastGoodAt: Date | null;
  /** Seconds since the last good fetch, or since it was added. */
  ageSeconds: number;
  nextFetchAt: Date;
  /** Bookings kept although the feed no longer has them. */
  quarantinedEvents: number;
};

/** Adds a feed and has it fetched. Throws `invalid_feed_url`, `feed_exists` and `accommodation_not_found`. */
export async function addFeed(
  { accommodationId, channel, url }: { accommodationId: AccommodationId; channel: FeedChannel; url: string },
  stores: Stores,
  desk: Pick<CalendarDesk, 'sealUrl'>,
): Promise<FeedView> {
  await stores.lodging.getAccommodation(accommodationId);
  const id = await stores.calendars.insertFeed({ accommodationId, channel, ...desk.sealUrl(url) });
  stores.nudge({ type: 'import_feed', feedId: id });
  return toFeedView(await getFeed(id, stores), stores.now);
}

/** Another address for a feed; what is known of its events stays. Throws `invalid_feed_url` and `feed_not_found`. */
export async function changeFeedUrl(
  id: FeedId,
  url: string,
  stores: Stores,
  desk: Pick<CalendarDesk, 'sealUrl'>,
): Promise<FeedView> {
  await lockFeed(id, stores);
  const change = {
    ...desk.sealUrl(url),
    etag: null,
    lastModified: null,
    failures: 0,
    failure: null,
    nextFetchAt: stores.now,
  };
  await stores.calendars.updateFeed(id, change);
  stores.nudge({ type: 'import_feed', feedId: id });
  return toFeedView(await getFeed(id, stores), stores.now);
}

/** All feeds, or those of one unit, by unit and channel. */
export async function listFeeds(stores: Stores, accommodationId?: AccommodationId): Promise<FeedView[]> {
  return (await stores.calendars.listFeeds(accommodationId)).map((feed) => toFeedView(feed, stores.now));
}

/** No more fetches until it is resumed; what it blocks stays blocked. Throws `feed_not_found`. */
export async function pauseFeed(id: FeedId, isPaused: boolean, stores: Stores): Promise<FeedView> {
  await lockFeed(id, stores);
  await stores.calendars.updateFeed(id, { isPaused, ...(isPaused ? {} : { nextFetchAt: stores.now }) });
  if (!isPaused) stores.nudge({ type: 'import_feed', feedId: id });
  return toFeedView(await getFeed(id, stores), stores.now);
}

/** Forgets a feed; all that it blocked is free. Throws `feed_not_found`. */
export async function removeFeed(id: FeedId, stores: Stores): Promise<void> {
  const feed = await lockFeed(id, stores);
  await stores.calendars.updateFeed(id, { removedAt: stores.now });
  const freed = await stores.calendars.freeEvents(feed);
  if (freed) await stores.calendars.settleNights(feed.accommodationId, freed);
}

/** The owner believes that what is missing is gone: free now. Throws `feed_not_found`, and `invalid_state` when nothing is in quarantine. */
export async function acceptQuarantine(id: FeedId, stores: Stores): Promise<{ freed: number }> {
  const feed = await lockFeed(id, stores);
  if (feed.quarantine === null) throw new DomainError('invalid_state', { quarantine: false });
  const state = { events: await stores.calendars.listEvents(id), quarantine: feed.quarantine };
  const changes = acceptMissing(state, stores.today);
  const touched = await stores.calendars.applyChanges(feed, changes, stores.now);
  await stores.calendars.updateFeed(id, { quarantine: null });
  if (touched) {
    await stores.calendars.settleNights(feed.accommodationId, touched);
    await settleForeignStays(feed.accommodationId, stores);
  }
  return { freed: changes.changed.length };
}

async function getFeed(id: FeedId, stores: Stores): Promise<CalendarFeed> {
  const feed = await stores.calendars.findFeed(id);
  if (!feed) throw new DomainError('feed_not_found');
  return feed;
}

/** Unit before feed, as everywhere. */
async function lockFeed(id: FeedId, stores: Stores): Promise<CalendarFeed> {
  const seen = await getFeed(id, stores);
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const feed = await stores.calendars.lockFeed(id);
  if (!feed) throw new DomainError('feed_not_found');
  return feed;
}

function toFeedView(feed: CalendarFeed, now: Date): FeedView {
  return {
    id: feed.id,
    accommodationId: feed.accommodationId,
    channel: feed.channel,
    url: `https://${feed.host}/…`,
    state: stateOf(feed),
    failure: feed.failure,
    failures: feed.failures,
    lastGoodAt: feed.lastGoodAt,
    ageSeconds: Math.round((now.getTime() - (feed.lastGoodAt ?? feed.createdAt).getTime()) / 1_000),
    nextFetchAt: feed.nextFetchAt,
    quarantinedEvents: feed.quarantine?.missing.length ?? 0,
  };
}

function stateOf(feed: CalendarFeed): FeedView['state'] {
  if (feed.isPaused) return 'paused';
  if (feed.failure !== null) return 'failing';
  if (feed.quarantine !== null) return 'quarantined';
  return feed.lastGoodAt === null ? 'new' : 'active';
}
