import { EntitySchema } from 'typeorm';
import type { CalendarFeed, StoredEvent } from '#shared/domain/calendars/feed.ts';
import type { FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import {
  at,
  bigId,
  bigint,
  bool,
  date,
  daterange,
  integer,
  intId,
  json,
  now,
  nullable,
  references,
  text,
  uuid,
} from './columns.ts';

const channelList = `'airbnb', 'booking', 'vrbo', 'google', 'other'`;

export type CalendarFeedRow = Omit<CalendarFeed, 'quarantine'> & {
  fetchingSince: Date | null;
  quarantine: { since: string; missing: string[] } | null;
  /** How often each outcome happened to an event of it. */
  outcomes: Record<string, number>;
  removedAt: Date | null;
};

export const calendarFeeds = new EntitySchema<CalendarFeedRow>({
  name: 'calendar_feeds',
  columns: {
    id: intId(),
    accommodationId: integer('accommodation_id'),
    channel: text('channel'),
    sealedUrl: text('sealed_url'),
    host: text('host'),
    isPaused: bool('is_paused', { default: false }),
    etag: text('etag', nullable),
    lastModified: text('last_modified', nullable),
    lastGoodAt: at('last_good_at', nullable),
    lastAttemptAt: at('last_attempt_at', nullable),
    fetchingSince: at('fetching_since', nullable),
    nextFetchAt: at('next_fetch_at', now),
    failures: integer('failures', { default: 0 }),
    failure: text('failure', nullable),
    failureToldAt: at('failure_told_at', nullable),
    quarantine: json('quarantine', nullable),
    outcomes: json('outcomes', { default: {} }),
    createdAt: at('created_at', now),
    removedAt: at('removed_at', nullable),
  },
  indices: [
    {
      name: 'one_feed_per_channel',
      columns: ['accommodationId', 'channel'],
      unique: true,
      where: 'removed_at IS NULL',
    },
    { name: 'due_feeds', columns: ['nextFetchAt'], where: 'removed_at IS NULL AND NOT is_paused' },
  ],
  uniques: [{ name: 'feed_of_accommodation', columns: ['id', 'accommodationId'] }],
  checks: [{ name: 'feed_channel', expression: `channel IN (${channelList})` }],
  foreignKeys: [references('feed_accommodation', 'accommodations', 'accommodationId')],
});

export type CalendarExportRow = {
  accommodationId: number;
  channel: FeedChannel;
  /** Raised to revoke the link. */
  version: number;
  includesHolds: boolean;
  /** When the channel last fetched it, and the nights that it read. */
  servedAt: Date | null;
  servedNights: [checkIn: string, checkOut: string][];
};

export const calendarExports = new EntitySchema<CalendarExportRow>({
  name: 'calendar_exports',
  columns: {
    accommodationId: integer('accommodation_id', { primary: true }),
    channel: text('channel', { primary: true }),
    version: integer('version', { default: 1 }),
    includesHolds: bool('includes_holds', { default: false }),
    servedAt: at('served_at', nullable),
    servedNights: json('served_nights', { default: [] }),
  },
  checks: [
    { name: 'export_channel', expression: `channel IN (${channelList})` },
    { name: 'version_positive', expression: 'version > 0' },
  ],
  foreignKeys: [references('export_accommodation', 'accommodations', 'accommodationId', 'CASCADE')],
});

export type CalendarEventRow = Omit<StoredEvent, 'nights'> & {
  feedId: number;
  accommodationId: number;
  nights: string;
  /** Since when it takes these nights. */
  nightsSince: Date;
  createdAt: Date;
};

export const calendarEvents = new EntitySchema<CalendarEventRow>({
  name: 'calendar_events',
  columns: {
    id: bigId(),
    feedId: integer('feed_id'),
    accommodationId: integer('accommodation_id'),
    uid: text('uid', nullable),
    code: text('code', nullable),
    occurrence: date('occurrence', nullable),
    kind: text('kind'),
    nights: daterange('nights'),
    state: text('state', { default: 'live' }),
    isEcho: bool('is_echo', { default: false }),
    originFreedAt: at('origin_freed_at', nullable),
    suspectSince: at('suspect_since', nullable),
    missingSince: at('missing_since', nullable),
    missingFetches: integer('missing_fetches', { default: 0 }),
    nightsSince: at('nights_since', now),
    createdAt: at('created_at', now),
  },
  indices: [
    { name: 'events_of_feed', columns: ['feedId'] },
    { name: 'live_events', columns: ['accommodationId'], where: `state = 'live'` },
  ],
  checks: [
    { name: 'event_kind', expression: `kind IN ('reservation', 'closed', 'blocked', 'not_available')` },
    { name: 'event_nights', expression: 'NOT isempty(nights) AND NOT lower_inf(nights) AND NOT upper_inf(nights)' },
    { name: 'event_state', expression: `state IN ('live', 'freed', 'over')` },
  ],
  foreignKeys: [
    {
      name: 'event_feed',
      target: 'calendar_feeds',
      columnNames: ['feedId', 'accommodationId'],
      referencedColumnNames: ['id', 'accommodationId'],
    },
  ],
});

export type CalendarConflictRow = {
  id: string;
  accommodationId: number;
  reservationId: string;
  calendarEventId: string;
  state: 'open' | 'resolved';
  resolution: string | null;
  openedAt: Date;
  resolvedAt: Date | null;
};

export const calendarConflicts = new EntitySchema<CalendarConflictRow>({
  name: 'calendar_conflicts',
  columns: {
    id: bigId(),
    accommodationId: integer('accommodation_id'),
    reservationId: uuid('reservation_id'),
    calendarEventId: bigint('calendar_event_id'),
    state: text('state', { default: 'open' }),
    resolution: text('resolution', nullable),
    openedAt: at('opened_at', now),
    resolvedAt: at('resolved_at', nullable),
  },
  indices: [
    {
      name: 'one_case_per_overlap',
      columns: ['reservationId', 'calendarEventId'],
      unique: true,
      where: `state = 'open' OR resolution <> 'overlap_ended'`,
    },
    { name: 'open_conflicts', columns: ['accommodationId'], where: `state = 'open'` },
  ],
  checks: [{ name: 'conflict_state', expression: `state IN ('open', 'resolved')` }],
  foreignKeys: [
    references('conflict_accommodation', 'accommodations', 'accommodationId'),
    references('conflict_reservation', 'reservations', 'reservationId'),
    references('conflict_event', 'calendar_events', 'calendarEventId'),
  ],
});
