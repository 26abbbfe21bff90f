import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { createPlatformsSimulator, type PlatformsSimulator } from '#shared/integrations/icalendar/simulator.ts';
import { addFeed } from '#shared/domain/calendars/feeds.ts';
import type { CalendarDesk } from '#shared/domain/calendars/desk.ts';
import type { FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import type { ImportResult } from '#shared/domain/calendars/apply-fetch.ts';
import { blockNights } from '#shared/domain/calendars/blocks.ts';
import { confirmByHand } from '#shared/domain/reservations/confirm-by-hand.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import type { Stay } from '#shared/domain/stay.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { buildHold, inDays, openRecords, type Records } from '../../support/records.ts';

export const unit = 1;
export const otherUnit = 2;

/** The stay from day to day, counted from today. */
export function days(from: number, to: number): Stay {
  return { checkIn: inDays(from), checkOut: inDays(to) };
}

/** Records with platforms around them, on real HTTP. */
export type CalendarHouse = Records & {
  desk: CalendarDesk;
  platforms: PlatformsSimulator;
  feeds: Map<FeedChannel, number>;
  addFeed(channel: FeedChannel, accommodationId?: number): Promise<number>;
  /** A fetch now, whatever the schedule says. */
  import(channel: FeedChannel): Promise<ImportResult>;
  /** Minutes pass: everything about feeds and events moves into the past. */
  wait(minutes: number): Promise<void>;
  /** Blocks and stays of a unit, `kind from-to` in days from today. */
  occupied(accommodationId?: number): Promise<string[]>;
  hold(stay: Stay, overrides?: Parameters<typeof buildHold>[1]): Promise<Reservation | undefined>;
  confirm(stay: Stay, overrides?: Parameters<typeof buildHold>[1]): Promise<Reservation>;
  cancel(id: string): Promise<void>;
  block(stay: Stay): Promise<string>;
  notices(): Promise<{ type: string; data: Record<string, unknown> }[]>;
  feedRow(channel: FeedChannel): Promise<Record<string, unknown>>;
};

const secret = 'a secret of the tests';

export async function openCalendarHouse(): Promise<CalendarHouse> {
  const records = await openRecords();
  const { database, inTransaction } = records;
  const platforms = createPlatformsSimulator({
    platforms: [
      { name: 'airbnb', style: 'airbnb', reexports: true },
      { name: 'booking', style: 'booking', reexports: true },
      { name: 'vrbo', style: 'vrbo', reexports: true },
      { name: 'google', style: 'generic', reexports: true },
      { name: 'other', style: 'generic', reexports: true },
    ],
    today: () => inDays(0),
  });
  await platforms.listen();
  const desk = createCalendarDesk({
    icalTokenSecret: secret,
    dataEncryptionKey: secret,
    timezone: 'America/Argentina/Buenos_Aires',
    allowPrivateFeeds: true,
    publicUrl: 'http://127.0.0.1',
    fetchTimeoutMs: 2_000,
  });
  const deps = { inTransaction, calendars: desk };
  const feeds = new Map<FeedChannel, number>();
  const house: CalendarHouse = {
    ...records,
    desk,
    platforms,
    feeds,
    async addFeed(channel, accommodationId = unit) {
      const { id } = await inTransaction((stores) =>
        addFeed({ accommodationId, channel, url: platforms.feedUrl(channel) }, stores, desk),
      );
      feeds.set(channel, id);
      return id;
    },
    async import(channel) {
      const result = await importFeed(feeds.get(channel)!, deps, AbortSignal.timeout(20_000));
      if (!result) throw new Error('the feed is somebody else’s');
      return result;
    },
    async wait(minutes) {
      // One round trip: a history waits often.
      await database.query(passTime.join(';\n').replaceAll('$1', String(minutes)));
    },
    async occupied(accommodationId = unit) {
      const rows: { kind: string; first: number; last: number }[] = await database.query(
        `SELECT kind, lower(nights) - $2::date AS first, upper(nights) - $2::date AS last FROM occupancies
         WHERE accommodation_id = $1 ORDER BY nights, kind`,
        [accommodationId, inDays(0)],
      );
      return rows.map(({ kind, first, last }) => `${kind} ${first}-${last}`);
    },
    async hold(stay, overrides = {}) {
      const request = await buildHold(records, { ...stay, ...overrides });
      const outcome = await inTransaction((stores) => holdStay(request, stores, noCourtesyLock));
      return outcome.type === 'held' ? outcome.reservation : undefined;
    },
    async confirm(stay, overrides) {
      const held = await house.hold(stay, overrides);
      if (!held) throw new Error('the nights are taken');
      const outcome = await inTransaction((stores) => confirmByHand(held.id, stores, { actor: 'operator' }));
      if (outcome.type !== 'confirmed') throw new Error('the nights were taken meanwhile');
      return outcome.reservation;
    },
    async cancel(id) {
      await inTransaction((stores) => cancelReservation(id, stores, { actor: 'operator' }));
    },
    async block(stay) {
      const { block } = await inTransaction((stores) => blockNights({ accommodationId: unit, nights: stay }, stores));
      return block.id;
    },
    notices: () => database.query('SELECT type, data FROM owner_notices ORDER BY id'),
    async feedRow(channel) {
      const [row] = await database.query('SELECT * FROM calendar_feeds WHERE id = $1', [feeds.get(channel)]);
      return row as Record<string, unknown>;
    },
    async close() {
      await platforms.close();
      await records.close();
    },
  };
  return house;
}

/** Tests move rows, not clocks. */
const passTime = [
  `UPDATE calendar_feeds SET last_good_at = last_good_at - make_interval(mins => $1), last_attempt_at = last_attempt_at - make_interval(mins => $1),
     next_fetch_at = next_fetch_at - make_interval(mins => $1), fetching_since = fetching_since - make_interval(mins => $1),
     failure_told_at = failure_told_at - make_interval(mins => $1),
     quarantine = CASE WHEN quarantine IS NULL THEN NULL ELSE jsonb_set(quarantine, '{since}',
       to_jsonb((quarantine->>'since')::timestamptz - make_interval(mins => $1))) END`,
  `UPDATE calendar_events SET origin_freed_at = origin_freed_at - make_interval(mins => $1), suspect_since = suspect_since - make_interval(mins => $1), missing_since = missing_since - make_interval(mins => $1),
     nights_since = nights_since - make_interval(mins => $1), created_at = created_at - make_interval(mins => $1)`,
  `UPDATE calendar_exports SET served_at = served_at - make_interval(mins => $1)`,
  `UPDATE occupancies SET taken_at = taken_at - make_interval(mins => $1)`,
  `UPDATE reservations SET confirmed_at = confirmed_at - make_interval(mins => $1)`,
  `UPDATE blocks SET created_at = created_at - make_interval(mins => $1)`,
];

/** The invariant of rules.md (Blocks are derived): every fault it finds, as rows. */
export async function findBlockFaults({ database }: Pick<Records, 'database'>): Promise<unknown[]> {
  return database.query(`
    WITH live AS (
      SELECT r.accommodation_id, range_agg(daterange(r.check_in, r.check_out)) AS nights FROM reservations r
      WHERE r.status IN ('held', 'confirmed') GROUP BY r.accommodation_id
    ), sources AS (
      SELECT 'block' || b.id AS source, b.accommodation_id, b.nights FROM blocks b WHERE b.removed_at IS NULL
      UNION ALL
      SELECT 'event' || e.id, e.accommodation_id, e.nights FROM calendar_events e WHERE e.state = 'live' AND NOT e.is_echo
    ), wanted AS (
      SELECT s.source, s.accommodation_id, datemultirange(s.nights) - coalesce(l.nights, '{}'::datemultirange) AS nights
      FROM sources s LEFT JOIN live l USING (accommodation_id)
    ), present AS (
      SELECT coalesce('block' || o.block_id, 'event' || o.calendar_event_id) AS source, o.accommodation_id, range_agg(o.nights) AS nights
      FROM occupancies o WHERE o.kind = 'block' GROUP BY 1, 2
    )
    SELECT coalesce(w.source, p.source) AS source, w.nights::text AS wanted, p.nights::text AS present
    FROM wanted w FULL JOIN present p USING (source, accommodation_id)
    WHERE coalesce(w.nights, '{}'::datemultirange) <> coalesce(p.nights, '{}'::datemultirange)`);
}
