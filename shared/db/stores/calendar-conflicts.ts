import type { EntityManager } from 'typeorm';
import type { FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import type { CalendarStore, Conflict } from '#shared/domain/calendars/ports.ts';
import { toStay } from '../ranges.ts';
import { calendarConflicts } from '../schemas/calendar.ts';

type ConflictStore = Pick<
  CalendarStore,
  | 'listHoldsUnderStays'
  | 'openConflicts'
  | 'listConflicts'
  | 'resolveConflict'
  | 'listUnitsWithStaleEchoes'
  | 'flagStaleEchoes'
>;

/** Foreign stays that lie over ours. */
export function createConflictStore(manager: EntityManager): ConflictStore {
  const list = async (where: string, parameters: unknown[]): Promise<Conflict[]> => {
    const rows: ConflictRow[] = await manager.query(
      `${selectConflicts} WHERE ${where} ORDER BY r.check_in, c.id`,
      parameters,
    );
    return rows.map(toConflict);
  };

  return {
    async listHoldsUnderStays(accommodationId) {
      const rows: { id: string }[] = await manager.query(
        `SELECT DISTINCT r.id, r.check_in FROM reservations r JOIN calendar_events e
           ON e.accommodation_id = r.accommodation_id AND e.nights && daterange(r.check_in, r.check_out)
         WHERE r.accommodation_id = $1 AND r.status = 'held' AND ${isForeignStay} ORDER BY r.check_in`,
        [accommodationId],
      );
      return rows.map(({ id }) => id);
    },

    async openConflicts(accommodationId, today) {
      // What is past is no use to anybody: at least one night that both want must lie ahead.
      const opened: { id: string }[] = await manager.query(
        `INSERT INTO calendar_conflicts (accommodation_id, reservation_id, calendar_event_id)
         SELECT r.accommodation_id, r.id, e.id FROM reservations r JOIN calendar_events e
           ON e.accommodation_id = r.accommodation_id AND e.nights && daterange(r.check_in, r.check_out)
         WHERE r.accommodation_id = $1 AND r.status = 'confirmed' AND ${isForeignStay}
           AND least(upper(e.nights), r.check_out) > $2::date
         ORDER BY r.check_in, e.id
         ON CONFLICT DO NOTHING RETURNING id`,
        [accommodationId, today],
      );
      return opened.length === 0 ? [] : list('c.id = ANY($1::bigint[])', [opened.map(({ id }) => id)]);
    },

    listConflicts: (state, accommodationId) =>
      list(`($1 = 'all' OR c.state = $1) AND ($2::integer IS NULL OR c.accommodation_id = $2)`, [
        state,
        accommodationId ?? null,
      ]),

    async resolveConflict(id, resolution) {
      const { affected } = await manager.update(
        calendarConflicts,
        { id, state: 'open' },
        { state: 'resolved', resolution, resolvedAt: () => 'now()' },
      );
      return affected === 1;
    },

    async listUnitsWithStaleEchoes() {
      const rows: { accommodation_id: number }[] = await manager.query(
        `SELECT DISTINCT accommodation_id FROM calendar_events WHERE ${isStaleEcho} ORDER BY accommodation_id`,
      );
      return rows.map((row) => row.accommodation_id);
    },

    async flagStaleEchoes(accommodationId) {
      const [rows]: [{ nights: string; channel: FeedChannel }[]] = await manager.query(
        `UPDATE calendar_events e SET is_echo = false, origin_freed_at = NULL, nights_since = now()
         FROM calendar_feeds f WHERE f.id = e.feed_id AND e.accommodation_id = $1 AND ${isStaleEcho}
         RETURNING e.nights::text AS nights, f.channel`,
        [accommodationId],
      );
      return rows.map(({ nights, channel }) => ({ nights: toStay(nights), channel }));
    },
  };
}

/** A live event that somebody bought, as far as anyone can tell. */
const isForeignStay = `e.state = 'live' AND NOT e.is_echo AND e.suspect_since IS NULL AND e.kind IN ('reservation', 'closed')`;
const isStaleEcho = `state = 'live' AND is_echo AND origin_freed_at <= now() - interval '24 hours' AND upper(nights) > current_date`;

const selectConflicts = `
  SELECT c.id, c.accommodation_id, c.reservation_id, r.code, f.channel, r.check_in, r.check_out, e.nights::text AS nights,
    c.state, c.resolution, c.opened_at, c.resolved_at
  FROM calendar_conflicts c JOIN reservations r ON r.id = c.reservation_id
    JOIN calendar_events e ON e.id = c.calendar_event_id JOIN calendar_feeds f ON f.id = e.feed_id`;

type ConflictRow = {
  id: string;
  accommodation_id: number;
  reservation_id: string;
  code: string;
  channel: FeedChannel;
  check_in: string;
  check_out: string;
  nights: string;
  state: 'open' | 'resolved';
  resolution: string | null;
  opened_at: Date;
  resolved_at: Date | null;
};

function toConflict(row: ConflictRow): Conflict {
  return {
    id: row.id,
    accommodationId: row.accommodation_id,
    reservationId: row.reservation_id,
    code: row.code,
    channel: row.channel,
    stay: { checkIn: row.check_in, checkOut: row.check_out },
    foreignNights: toStay(row.nights),
    state: row.state,
    resolution: row.resolution,
    openedAt: row.opened_at,
    resolvedAt: row.resolved_at,
  };
}
