import type { FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import type { CalendarDate } from '#shared/domain/stay.ts';
import type { Database } from '../data-source.ts';
import { parseRange } from '../ranges.ts';

/** What a bar of the occupancy is: a stay of ours by its status, a channel's event, our own nights come back, a manual block. */
export type BarKind = 'held' | 'confirmed' | 'completed' | 'channel' | 'echo' | 'block';

export type OccupancyBar = {
  kind: BarKind;
  channel: FeedChannel | null;
  from: CalendarDate;
  /** Not a night of it. */
  to: CalendarDate;
  code: string | null;
  guest: string | null;
  /** Of a block: why; of a channel's event: its number over there. */
  note: string | null;
  /** An open case says that somebody else wants these nights too. */
  isInConflict: boolean;
};

export type UnitOccupancy = { id: number; name: string; isActive: boolean; bars: OccupancyBar[] };

/**
 * Everything that lies on the nights `[from, to)`, from its sources and not from what the referee let through: a channel's event
 * under a stay of ours is there too. Active units in the owner's order; one that is no longer let while something lies on it.
 */
export async function readOccupancy(
  database: Pick<Database, 'query'>,
  window: { from: CalendarDate; to: CalendarDate },
): Promise<UnitOccupancy[]> {
  const units: { id: number; name: string; is_active: boolean }[] = await database.query(
    'SELECT id, name, is_active FROM accommodations ORDER BY position, id',
  );
  const rows: BarRow[] = await database.query(
    `SELECT r.accommodation_id, daterange(r.check_in, r.check_out)::text AS nights, r.status AS kind, NULL AS channel, r.code,
            c.profile_name AS guest, NULL AS note,
            EXISTS (SELECT FROM calendar_conflicts k WHERE k.reservation_id = r.id AND k.state = 'open') AS is_in_conflict
     FROM reservations r LEFT JOIN contacts c ON c.id = r.contact_id
     WHERE r.status IN ('held', 'confirmed', 'completed') AND r.check_in < $2::date AND r.check_out > $1::date
     UNION ALL
     SELECT e.accommodation_id, e.nights::text, CASE WHEN e.is_echo THEN 'echo' ELSE 'channel' END, f.channel, NULL, NULL, e.code,
            EXISTS (SELECT FROM calendar_conflicts k WHERE k.calendar_event_id = e.id AND k.state = 'open')
     FROM calendar_events e JOIN calendar_feeds f ON f.id = e.feed_id
     WHERE e.state <> 'freed' AND e.nights && daterange($1::date, $2::date)
     UNION ALL
     SELECT accommodation_id, nights::text, 'block', NULL, NULL, NULL, reason, false
     FROM blocks WHERE removed_at IS NULL AND nights && daterange($1::date, $2::date)
     ORDER BY 1, 2, 3`,
    [window.from, window.to],
  );
  const perUnit = Map.groupBy(rows, (row) => row.accommodation_id);
  return units
    .map(({ id, name, is_active }) => ({ id, name, isActive: is_active, bars: (perUnit.get(id) ?? []).map(toBar) }))
    .filter(({ isActive, bars }) => isActive || bars.length > 0);
}

type BarRow = {
  accommodation_id: number;
  nights: string;
  kind: BarKind;
  channel: FeedChannel | null;
  code: string | null;
  guest: string | null;
  note: string | null;
  is_in_conflict: boolean;
};

function toBar(row: BarRow): OccupancyBar {
  return {
    ...parseRange(row.nights),
    kind: row.kind,
    channel: row.channel,
    code: row.code,
    guest: row.guest,
    note: row.note === '' ? null : row.note,
    isInConflict: row.is_in_conflict,
  };
}
