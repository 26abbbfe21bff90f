import type { AccommodationId } from '../lodging/accommodation.ts';
import type { CalendarDate, Stay } from '../stay.ts';
import type { EventKind, FeedChannel, Reading } from './foreign-event.ts';

export type FeedId = number;

/** A foreign calendar that we import: one per accommodation and channel. The address is sealed (`DATA_ENCRYPTION_KEY`). */
export type CalendarFeed = {
  id: FeedId;
  accommodationId: AccommodationId;
  channel: FeedChannel;
  sealedUrl: string;
  /** All of the address that may be shown. */
  host: string;
  isPaused: boolean;
  etag: string | null;
  lastModified: string | null;
  /** When the last good fetch that was applied began; older ones are not applied any more. */
  lastGoodAt: Date | null;
  lastAttemptAt: Date | null;
  nextFetchAt: Date;
  failures: number;
  /** Why the last fetch was no good; null after a good one. */
  failure: string | null;
  /** The owner knows that it cannot be read; null once it can. */
  failureToldAt: Date | null;
  quarantine: Quarantine | null;
  createdAt: Date;
};

/** More than half of a feed's bookings are gone at once: kept until the owner accepts or 24 h of the same have passed. */
export type Quarantine = { since: Date; missing: readonly string[] };

/** `live`: it takes its nights unless it is an echo. `freed`: cancelled or believed to be gone; it may come back. `over`: past. */
export type EventState = 'live' | 'freed' | 'over';

/** An event of a feed as we keep it; no words of it, since they may name a guest. */
export type StoredEvent = {
  id: string;
  uid: string | null;
  code: string | null;
  occurrence: CalendarDate | null;
  kind: EventKind;
  nights: Stay;
  state: EventState;
  /** Our own nights come back from the channel: it takes none. */
  isEcho: boolean;
  /** An echo's origin was freed then; after 24 h it blocks. */
  originFreedAt: Date | null;
  /** First seen then on nights that the channel had read from us and that we no longer export: see `isSuspectAtFirstSight`. */
  suspectSince: Date | null;
  missingSince: Date | null;
  /** Good fetches in a row that did not have it. */
  missingFetches: number;
};

/** What a fetch of a feed brought. */
export type FetchedCalendar =
  | { type: 'not_modified' }
  | { type: 'calendar'; reading: Reading; etag: string | null; lastModified: string | null }
  /** `reason`: a short stable word such as `http_403`, `timeout`, `refused_address`; never the address. */
  | { type: 'failed'; reason: string; retryAfterMs: number | null };

/** The door to the outside that the integration implements: never throws but for the signal's sake. */
export type CalendarSource = {
  fetchCalendar(
    feed: Pick<CalendarFeed, 'sealedUrl' | 'etag' | 'lastModified' | 'channel'>,
    window: { from: CalendarDate; to: CalendarDate },
    signal: AbortSignal,
  ): Promise<FetchedCalendar>;
};

/** Is it a stay that somebody paid for over there? What the platform's owner closed is none, nor is what comes, or may come, from us. */
export function isBooking(event: Pick<StoredEvent, 'kind' | 'isEcho' | 'suspectSince'>): boolean {
  return !event.isEcho && event.suspectSince === null && (event.kind === 'reservation' || event.kind === 'closed');
}
