import type { Database } from '../data-source.ts';

/** A night that is taken or free against the rule: what is wrong and where. */
export type OccupancyFault = { fault: string; what: string };

/**
 * The invariant of rules.md: occupancies = live reservations ∪ (live events that are no echo and manual blocks, minus live
 * reservations). An empty list is what it should be; at most 100 rows.
 */
export async function findOccupancyFaults(database: Database): Promise<OccupancyFault[]> {
  return database.query(
    `WITH sources AS (
       SELECT 'block ' || id AS what, id AS block_id, NULL::bigint AS event_id, accommodation_id, nights FROM blocks WHERE removed_at IS NULL
       UNION ALL
       SELECT 'event ' || id, NULL, id, accommodation_id, nights FROM calendar_events WHERE state = 'live' AND NOT is_echo
     ), taken AS (
       SELECT accommodation_id, range_agg(nights) AS nights FROM occupancies WHERE kind = 'reservation' GROUP BY accommodation_id
     )
     SELECT 'live reservation without its nights' AS fault, r.code AS what FROM reservations r
     WHERE r.status IN ('held', 'confirmed') AND NOT EXISTS (
       SELECT FROM occupancies o WHERE o.reservation_id = r.id AND o.accommodation_id = r.accommodation_id AND o.nights = daterange(r.check_in, r.check_out))
     UNION ALL
     SELECT 'nights without a live reservation', r.code FROM occupancies o JOIN reservations r ON r.id = o.reservation_id
     WHERE r.status NOT IN ('held', 'confirmed')
     UNION ALL
     SELECT 'block that does not take what it should', s.what FROM sources s LEFT JOIN taken t USING (accommodation_id)
     LEFT JOIN LATERAL (SELECT range_agg(o.nights) AS nights FROM occupancies o WHERE o.block_id = s.block_id OR o.calendar_event_id = s.event_id) o ON true
     WHERE coalesce(o.nights, '{}') <> datemultirange(s.nights) - coalesce(t.nights, '{}')
     UNION ALL
     SELECT 'nights taken by what is gone', 'occupancy ' || o.id FROM occupancies o
     WHERE o.kind = 'block' AND NOT EXISTS (SELECT FROM sources s WHERE s.block_id = o.block_id OR s.event_id = o.calendar_event_id)
     LIMIT 100`,
  );
}

/** The two rules of the referee by their definitions; undefined: it is not there. */
export async function readReferee(database: Database): Promise<Record<string, string>> {
  const rows: { name: string; definition: string }[] = await database.query(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = 'occupancies'::regclass AND contype = 'x' AND convalidated`,
  );
  return Object.fromEntries(rows.map(({ name, definition }) => [name, definition]));
}
