import { IsNull, QueryFailedError, type EntityManager } from 'typeorm';
import type { EventChange, FeedChanges } from '#shared/domain/calendars/changes.ts';
import type { CalendarFeed, StoredEvent } from '#shared/domain/calendars/feed.ts';
import type { CalendarStore } from '#shared/domain/calendars/ports.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Stay } from '#shared/domain/stay.ts';
import { toRange, toStay } from '../ranges.ts';
import { calendarFeeds, type CalendarEventRow, type CalendarFeedRow } from '../schemas/calendar.ts';
import { createBlockStore } from './calendar-blocks.ts';
import { createConflictStore } from './calendar-conflicts.ts';
import { deriveBlocks } from './derive-blocks.ts';

/** Feeds and their events; blocks, exports and conflicts are in the stores beside it. */
export function createCalendarStore(manager: EntityManager): CalendarStore {
  const findOne = async (id: number, lock: boolean): Promise<CalendarFeed | undefined> => {
    const row = await manager.findOne(calendarFeeds, {
      where: { id, removedAt: IsNull() },
      ...(lock ? { lock: { mode: 'for_no_key_update' as const } } : {}),
    });
    return row ? toFeed(row) : undefined;
  };

  return {
    ...createBlockStore(manager),
    ...createConflictStore(manager),

    async insertFeed(feed) {
      try {
        const inserted = await manager.insert(calendarFeeds, feed);
        return Number(inserted.identifiers[0]!['id']);
      } catch (error) {
        if (isConstraint(error, 'one_feed_per_channel'))
          throw new DomainError('feed_exists', { channel: feed.channel });
        throw error;
      }
    },
    findFeed: (id) => findOne(id, false),
    lockFeed: (id) => findOne(id, true),

    async listFeeds(accommodationId) {
      const rows = await manager.find(calendarFeeds, {
        where: { removedAt: IsNull(), ...(accommodationId === undefined ? {} : { accommodationId }) },
        order: { accommodationId: 'ASC', channel: 'ASC' },
      });
      return rows.map(toFeed);
    },

    async updateFeed(id, { quarantine, ...change }) {
      await manager.update(
        calendarFeeds,
        { id },
        {
          ...change,
          ...(quarantine === undefined
            ? {}
            : {
                quarantine: quarantine && { since: quarantine.since.toISOString(), missing: [...quarantine.missing] },
              }),
        },
      );
    },

    async listDueFeeds(limit) {
      const rows: { id: number }[] = await manager.query(
        `SELECT id FROM calendar_feeds WHERE removed_at IS NULL AND NOT is_paused AND next_fetch_at <= now()
           AND (fetching_since IS NULL OR fetching_since < now() - interval '60 seconds')
         ORDER BY next_fetch_at LIMIT $1`,
        [limit],
      );
      return rows.map(({ id }) => id);
    },

    async claimFeed(id, leaseSeconds) {
      const [, count]: [unknown, number] = await manager.query(
        `UPDATE calendar_feeds SET fetching_since = now() WHERE id = $1 AND removed_at IS NULL AND NOT is_paused
           AND (fetching_since IS NULL OR fetching_since < now() - make_interval(secs => $2))`,
        [id, leaseSeconds],
      );
      return count === 1;
    },

    async listEvents(feedId) {
      const rows: EventQueryRow[] = await manager.query(
        `SELECT id, uid, code, occurrence, kind, nights::text AS nights, state, is_echo, origin_freed_at, suspect_since, missing_since, missing_fetches
         FROM calendar_events WHERE feed_id = $1 AND (state = 'live' OR upper(nights) > current_date - 30) ORDER BY id`,
        [feedId],
      );
      return rows.map(toEvent);
    },

    async applyChanges(feed, changes, at) {
      const touched = [
        ...(await insertAdded(manager, feed, changes, at)),
        ...(await updateChanged(manager, changes, at)),
      ];
      if (Object.keys(changes.outcomes).length > 0) {
        await manager.query(
          `UPDATE calendar_feeds SET outcomes = (
             SELECT jsonb_object_agg(outcome, n) FROM (
               SELECT counts.key AS outcome, sum(counts.value::bigint) AS n
               FROM (VALUES (outcomes), ($2::jsonb)) AS given(object), jsonb_each_text(given.object) AS counts
               GROUP BY counts.key) AS sums)
           WHERE id = $1`,
          [feed.id, JSON.stringify(changes.outcomes)],
        );
      }
      return hullOf(touched);
    },

    async freeEvents(feed) {
      const [rows]: [{ nights: string }[]] = await manager.query(
        `UPDATE calendar_events SET state = 'freed', missing_since = NULL, origin_freed_at = NULL, suspect_since = NULL
         WHERE feed_id = $1 AND state = 'live' RETURNING nights::text AS nights`,
        [feed.id],
      );
      return hullOf(rows.map(({ nights }) => toStay(nights)));
    },

    settleNights: (accommodationId, nights) => deriveBlocks(manager, accommodationId, nights),
  };
}

/** One statement for all of them, whatever their number; as arrays, since thousands of them as JSON cost more than their rows. */
async function insertAdded(
  manager: EntityManager,
  feed: CalendarFeed,
  { added }: FeedChanges,
  at: Date,
): Promise<Stay[]> {
  if (added.length === 0) return [];
  await manager.query(
    `INSERT INTO calendar_events (feed_id, accommodation_id, nights_since, uid, code, occurrence, kind, nights, is_echo, suspect_since)
     SELECT $1, $2, $3, unnest($4::text[]), unnest($5::text[]), unnest($6::date[]), unnest($7::text[]), unnest($8::daterange[]),
       unnest($9::boolean[]), unnest($10::timestamptz[])`,
    [
      feed.id,
      feed.accommodationId,
      at,
      added.map(({ uid }) => uid),
      added.map(({ code }) => code),
      added.map(({ occurrence }) => occurrence),
      added.map(({ kind }) => kind),
      added.map(({ nights }) => toRange(nights)),
      added.map(({ isEcho }) => isEcho),
      added.map(({ suspectSince }) => suspectSince?.toISOString() ?? null),
    ],
  );
  return added.map(({ nights }) => nights);
}

const columnOf: Record<keyof EventChange, string> = {
  uid: 'uid',
  code: 'code',
  occurrence: 'occurrence',
  kind: 'kind',
  nights: 'nights',
  state: 'state',
  isEcho: 'is_echo',
  originFreedAt: 'origin_freed_at',
  suspectSince: 'suspect_since',
  missingSince: 'missing_since',
  missingFetches: 'missing_fetches',
};

/** One statement too: a row says which columns it changes; the old nights come back with the new ones. */
async function updateChanged(manager: EntityManager, { changed }: FeedChanges, at: Date): Promise<Stay[]> {
  if (changed.length === 0) return [];
  const rows = changed.map(({ id, change }) => ({
    id,
    change: Object.fromEntries(
      Object.entries(change).map(([name, value]) => [
        columnOf[name as keyof EventChange],
        name === 'nights' ? toRange(value as Stay) : value,
      ]),
    ),
  }));
  const [returned]: [{ old_nights: string; nights: string }[]] = await manager.query(
    `UPDATE calendar_events e SET
       uid = new.uid, code = new.code, occurrence = new.occurrence, kind = new.kind, nights = new.nights, state = new.state,
       is_echo = new.is_echo, origin_freed_at = new.origin_freed_at, suspect_since = new.suspect_since, missing_since = new.missing_since,
       missing_fetches = new.missing_fetches,
       nights_since = CASE WHEN new.nights <> old.nights OR (new.state = 'live' AND (old.state <> 'live' OR new.is_echo <> old.is_echo))
         THEN $2 ELSE old.nights_since END
     FROM jsonb_to_recordset($1::jsonb) AS given(id bigint, change jsonb)
       JOIN calendar_events old ON old.id = given.id,
       LATERAL jsonb_populate_record(old, given.change) AS new
     WHERE e.id = given.id
     RETURNING old.nights::text AS old_nights, e.nights::text AS nights`,
    [JSON.stringify(rows), at],
  );
  return returned.flatMap((row) => [toStay(row.old_nights), toStay(row.nights)]);
}

type EventQueryRow = {
  id: string;
  uid: string | null;
  code: string | null;
  occurrence: string | null;
  kind: CalendarEventRow['kind'];
  nights: string;
  state: CalendarEventRow['state'];
  is_echo: boolean;
  origin_freed_at: Date | null;
  suspect_since: Date | null;
  missing_since: Date | null;
  missing_fetches: number;
};

function toEvent(row: EventQueryRow): StoredEvent {
  return {
    id: row.id,
    uid: row.uid,
    code: row.code,
    occurrence: row.occurrence,
    kind: row.kind,
    nights: toStay(row.nights),
    state: row.state,
    isEcho: row.is_echo,
    originFreedAt: row.origin_freed_at,
    suspectSince: row.suspect_since,
    missingSince: row.missing_since,
    missingFetches: row.missing_fetches,
  };
}

function toFeed({
  fetchingSince: _1,
  outcomes: _2,
  removedAt: _3,
  quarantine,
  ...feed
}: CalendarFeedRow): CalendarFeed {
  return { ...feed, quarantine: quarantine && { since: new Date(quarantine.since), missing: quarantine.missing } };
}

/** From the first night of any to the last of any; null for none. */
function hullOf(stays: readonly Stay[]): Stay | null {
  if (stays.length === 0) return null;
  let { checkIn, checkOut } = stays[0]!;
  for (const stay of stays) {
    if (stay.checkIn < checkIn) checkIn = stay.checkIn;
    if (stay.checkOut > checkOut) checkOut = stay.checkOut;
  }
  return { checkIn, checkOut };
}

function isConstraint(error: unknown, name: string): boolean {
  return error instanceof QueryFailedError && (error.driverError as { constraint?: string }).constraint === name;
}
