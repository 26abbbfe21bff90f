import { maxNights, addDays, daysBetween, type CalendarDate } from '#shared/domain/stay.ts';
import type { Database } from '../data-source.ts';
import { parseRange } from '../ranges.ts';

/** What takes nights of a unit: a stay of ours, a manual block, or a stay or block of another channel. */
export type CalendarSpan = {
  kind: 'held' | 'confirmed' | 'completed' | 'block' | 'foreign';
  from: CalendarDate;
  /** Not a night of it: the day of leaving. */
  to: CalendarDate;
  code: string | null;
  guestName: string | null;
  /** Of a manual block: why. */
  reason: string | null;
  blockId: string | null;
  calendarEventId: string | null;
};

export type UnitCalendar = {
  accommodation: { id: number; name: string };
  spans: CalendarSpan[];
  /** Nights of the window that are taken, each once. */
  takenNights: number;
};

export type OccupancyCalendar = {
  units: UnitCalendar[];
  takenNights: number;
  allNights: number;
  occupancyPercent: number;
};

/**
 * What takes nights in `[from, to)`, per active unit in the owner's order, and how full the house is: taken nights of all
 * nights of all units. Stays that are over count where they were.
 */
export async function readCalendar(
  database: Pick<Database, 'query'>,
  window: { from: CalendarDate; to: CalendarDate; accommodationId?: number | undefined },
): Promise<OccupancyCalendar> {
  const units: { id: number; name: string }[] = await database.query(
    `SELECT id, name FROM accommodations WHERE is_active AND ($1::int IS NULL OR id = $1) ORDER BY position, id`,
    [window.accommodationId ?? null],
  );
  const rows: SpanRow[] = await database.query(
    `SELECT o.accommodation_id, o.nights::text AS nights, o.kind, r.status, r.code, c.profile_name, b.reason, o.block_id, o.calendar_event_id
     FROM occupancies o LEFT JOIN reservations r ON r.id = o.reservation_id LEFT JOIN contacts c ON c.id = r.contact_id
     LEFT JOIN blocks b ON b.id = o.block_id
     WHERE o.nights && daterange($1, $2)
     UNION ALL
     SELECT r.accommodation_id, daterange(r.check_in, r.check_out)::text, 'reservation', r.status, r.code, c.profile_name, NULL, NULL, NULL
     FROM reservations r LEFT JOIN contacts c ON c.id = r.contact_id
     WHERE r.status = 'completed' AND r.check_in < $2::date AND r.check_in > $1::date - $3::int AND r.check_out > $1::date
     ORDER BY 1, 2`,
    // No stay is longer: what began before that is over, and is not looked at.
    [window.from, window.to, maxNights],
  );
  const calendars = units.map((accommodation): UnitCalendar => {
    const spans = rows.filter((row) => row.accommodation_id === accommodation.id).map(toSpan);
    return { accommodation, spans, takenNights: countNights(spans, window) };
  });
  const takenNights = calendars.reduce((sum, unit) => sum + unit.takenNights, 0);
  const allNights = units.length * daysBetween(window.from, window.to);
  const occupancyPercent = allNights === 0 ? 0 : Math.round((takenNights * 1_000) / allNights) / 10;
  return { units: calendars, takenNights, allNights, occupancyPercent };
}

type SpanRow = {
  accommodation_id: number;
  nights: string;
  kind: 'reservation' | 'block';
  status: 'held' | 'confirmed' | 'completed' | null;
  code: string | null;
  profile_name: string | null;
  reason: string | null;
  block_id: string | null;
  calendar_event_id: string | null;
};

function toSpan(row: SpanRow): CalendarSpan {
  return {
    ...parseRange(row.nights),
    kind: row.status ?? (row.block_id === null ? 'foreign' : 'block'),
    code: row.code,
    guestName: row.profile_name,
    reason: row.reason,
    blockId: row.block_id,
    calendarEventId: row.calendar_event_id,
  };
}

/** Each night once, however many blocks lie on it. */
function countNights(spans: readonly CalendarSpan[], window: { from: CalendarDate; to: CalendarDate }): number {
  const nights = new Set<CalendarDate>();
  for (const { from, to } of spans)
    for (
      let night = from > window.from ? from : window.from;
      night < to && night < window.to;
      night = addDays(night, 1)
    )
      nights.add(night);
  return nights.size;
}
