import type { AccommodationId } from '../lodging/accommodation.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import type { CalendarDate, Stay } from '../stay.ts';
import type { FeedChanges } from './changes.ts';
import type { CalendarFeed, FeedId, StoredEvent } from './feed.ts';
import type { FeedChannel } from './foreign-event.ts';

export type BlockId = string;
/** Nights that the owner took by hand. */
export type ManualBlock = {
  id: BlockId;
  accommodationId: AccommodationId;
  nights: Stay;
  reason: string;
  createdAt: Date;
};

export type ConflictId = string;
/** A stay sold elsewhere over a confirmed stay of ours. */
export type Conflict = {
  id: ConflictId;
  accommodationId: AccommodationId;
  reservationId: ReservationId;
  code: string;
  channel: FeedChannel;
  /** Our stay and theirs. */
  stay: Stay;
  foreignNights: Stay;
  state: 'open' | 'resolved';
  /** `overlap_ended` by itself, or what the operator said. */
  resolution: string | null;
  openedAt: Date;
  resolvedAt: Date | null;
};

/** What we tell one channel about one unit. */
export type CalendarExport = {
  accommodationId: AccommodationId;
  channel: FeedChannel;
  version: number;
  includesHolds: boolean;
  /** When the channel last fetched it, and the nights that it read then. */
  servedAt: Date | null;
  servedNights: Stay[];
};

/** A line of an export; `changedAt` is the row's, so that the bytes stay while nothing changes. */
export type ExportedEvent = { source: 'stay' | 'hold' | 'block' | 'event'; id: string; nights: Stay; changedAt: Date };

export type CalendarStore = {
  /** Throws `feed_exists`. */
  insertFeed(feed: Pick<CalendarFeed, 'accommodationId' | 'channel' | 'sealedUrl' | 'host'>): Promise<FeedId>;
  /** Removed feeds are not found. */
  findFeed(id: FeedId): Promise<CalendarFeed | undefined>;
  lockFeed(id: FeedId): Promise<CalendarFeed | undefined>;
  listFeeds(accommodationId?: AccommodationId): Promise<CalendarFeed[]>;
  updateFeed(
    id: FeedId,
    change: Partial<CalendarFeed> & { fetchingSince?: Date | null; removedAt?: Date },
  ): Promise<void>;
  /** Active feeds whose time has come and that nobody fetches, the longest overdue first. */
  listDueFeeds(limit: number): Promise<FeedId[]>;
  /** Takes a feed for one fetch by a lease; false when it is paused, gone or somebody else's. */
  claimFeed(id: FeedId, leaseSeconds: number): Promise<boolean>;
  /** All events of a feed that can matter, those that were over for less than 30 days too. */
  listEvents(feedId: FeedId): Promise<StoredEvent[]>;
  /** Writes the changes and counts them on the feed; gives the nights from the first to the last that any of them touches. */
  applyChanges(feed: CalendarFeed, changes: FeedChanges, at: Date): Promise<Stay | null>;
  /** Frees all events of a feed; gives the nights they took. */
  freeEvents(feed: CalendarFeed): Promise<Stay | null>;

  /**
   * Derives the blocks of a unit's nights anew (rules.md, Reservation): live events that are no echo and manual blocks, minus
   * live reservations. Echoes whose origin is gone are marked, conflicts whose overlap ended are closed. The unit is locked.
   */
  settleNights(accommodationId: AccommodationId, nights: Stay): Promise<void>;
  /** Held reservations under a foreign stay, soonest first. */
  listHoldsUnderStays(accommodationId: AccommodationId): Promise<ReservationId[]>;
  /** Opens a case per foreign stay over a confirmed one that has none; gives the new ones. */
  openConflicts(accommodationId: AccommodationId, today: CalendarDate): Promise<Conflict[]>;
  listConflicts(state: 'open' | 'all', accommodationId?: AccommodationId): Promise<Conflict[]>;
  /** False when it is not open. */
  resolveConflict(id: ConflictId, resolution: string): Promise<boolean>;
  /** Units with an echo whose origin was freed more than 24 h ago. */
  listUnitsWithStaleEchoes(): Promise<AccommodationId[]>;
  /** Makes those echoes block; gives the nights and channels. */
  flagStaleEchoes(accommodationId: AccommodationId): Promise<{ nights: Stay; channel: FeedChannel }[]>;

  insertBlock(block: Pick<ManualBlock, 'accommodationId' | 'nights' | 'reason'>): Promise<BlockId>;
  findBlock(id: BlockId): Promise<ManualBlock | undefined>;
  /** Not removed ones that end after that day, soonest first. */
  listBlocks(from: CalendarDate, accommodationId?: AccommodationId): Promise<ManualBlock[]>;
  removeBlock(id: BlockId): Promise<void>;
  /** Codes of live reservations on those nights, soonest first. */
  listCodesOn(accommodationId: AccommodationId, nights: Stay): Promise<string[]>;

  /** As it is, or as it begins: version 1, no holds, never served. */
  getExport(accommodationId: AccommodationId, channel: FeedChannel): Promise<CalendarExport>;
  updateExport(
    accommodationId: AccommodationId,
    channel: FeedChannel,
    change: { version?: number; includesHolds?: boolean; served?: { at: Date; nights: readonly Stay[] } },
  ): Promise<void>;
  /** What the channel is told, what came from it left out; ends after that day. */
  listExportedEvents(of: CalendarExport, from: CalendarDate): Promise<ExportedEvent[]>;
};
