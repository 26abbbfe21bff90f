import { expect } from 'chai';
import type { FetchedCalendar } from '#shared/domain/calendars/feed.ts';
import { unblockNights } from '#shared/domain/calendars/blocks.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import { serveExport } from '#shared/domain/calendars/serve-export.ts';
import { confirmReservation } from '#shared/domain/reservations/confirm.ts';
import { readCalendar } from '#shared/integrations/icalendar/read-calendar.ts';
import { findOccupancyFaults } from '../../support/records.ts';
import { channels, type Channel } from '../../unit/calendars/histories.ts';
import type { Fetched, OurSide } from '../../unit/calendars/play-history.ts';
import { findBlockFaults, unit, type CalendarHouse } from './calendar-house.ts';

/** Our side on a real database, through the same functions as the workers; only the wire is left out. */
export async function createDatabaseSide(house: CalendarHouse): Promise<OurSide> {
  await house.database.query(
    `TRUNCATE calendar_conflicts, occupancies, calendar_events, calendar_feeds, calendar_exports, blocks, reservation_events,
       payment_links, payment_allocations, payments, owner_notices, outbound_messages, reservations, refused_holds RESTART IDENTITY CASCADE`,
  );
  for (const channel of channels) await house.addFeed(channel);
  let answer: FetchedCalendar = { type: 'not_modified' };
  const lastText = new Map<Channel, string | null>();
  const deps = {
    inTransaction: house.inTransaction,
    calendars: { ...house.desk, fetchCalendar: () => Promise.resolve(answer) },
  };
  const nightsOfQuery = async (query: string): Promise<Set<string>> => {
    const rows: { night: string }[] = await house.database.query(
      `SELECT DISTINCT to_char(night, 'YYYY-MM-DD') AS night FROM (${query}) AS q,
         generate_series(lower(q.nights)::timestamp, upper(q.nights)::timestamp - interval '1 day', interval '1 day') AS night`,
    );
    return new Set(rows.map(({ night }) => night));
  };

  return {
    async import(from, fetched: Fetched) {
      answer = toAnswer(from, fetched, lastText);
      const result = await importFeed(house.feeds.get(from)!, deps, AbortSignal.timeout(10_000));
      expect(result, 'an import that nobody else does').to.not.equal(undefined);
    },
    serve: (to) =>
      house.inTransaction(async (stores) => {
        const link = house.desk.makeLink(await stores.calendars.getExport(unit, to));
        const token = link.slice(link.lastIndexOf('/') + 1, -'.ics'.length);
        return (await serveExport(token, { isFetch: true }, stores, house.desk))!;
      }),
    hold: async (stay) => (await house.hold(stay))?.id,
    confirm: (id) =>
      house.inTransaction(async (stores) => {
        await stores.occupancies.lockUnits([unit]);
        const reservation = await stores.reservations.lock(id);
        if (reservation?.status === 'held')
          await confirmReservation(reservation, stores, { actor: 'operator', paidCents: 0 });
      }),
    drop: (id) => house.cancel(id),
    block: (stay) => house.block(stay),
    async unblock(id) {
      await house.inTransaction((stores) => unblockNights(id, stores));
    },
    wait: (minutes) => house.wait(minutes),
    async reservations() {
      const rows: { id: string; check_in: string; check_out: string; status: string }[] = await house.database.query(
        `SELECT id, check_in, check_out, status FROM reservations WHERE status IN ('held', 'confirmed') ORDER BY created_at, id`,
      );
      return new Map(
        rows.map((row) => [
          row.id,
          { stay: { checkIn: row.check_in, checkOut: row.check_out }, isConfirmed: row.status === 'confirmed' },
        ]),
      );
    },
    taken: () => nightsOfQuery('SELECT nights FROM occupancies'),
    doubted: () =>
      nightsOfQuery(`SELECT nights FROM calendar_events WHERE state = 'live' AND origin_freed_at IS NOT NULL`),
    async quarantined() {
      const rows: { channel: Channel }[] = await house.database.query(
        'SELECT channel FROM calendar_feeds WHERE quarantine IS NOT NULL',
      );
      return new Set(rows.map(({ channel }) => channel));
    },
    async checkInvariant() {
      expect(await findBlockFaults(house)).to.deep.equal([]);
      expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    },
  };
}

function toAnswer(from: Channel, fetched: Fetched, lastText: Map<Channel, string | null>): FetchedCalendar {
  if (fetched === 'error') return { type: 'failed', reason: 'http_500', retryAfterMs: null };
  if (lastText.get(from) === fetched.text) return { type: 'not_modified' };
  const reading = readCalendar(fetched.text, { timeZone: 'UTC', channel: from });
  lastText.set(from, reading.isComplete ? fetched.text : null);
  return { type: 'calendar', reading, etag: null, lastModified: null };
}
