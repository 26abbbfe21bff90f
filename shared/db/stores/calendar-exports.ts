import type { EntityManager } from 'typeorm';
import type { CalendarExport, ExportedEvent } from '#shared/domain/calendars/ports.ts';
import type { CalendarDate } from '#shared/domain/stay.ts';
import { toStay } from '../ranges.ts';

type ExportedRow = { source: ExportedEvent['source']; id: string; nights: string; changed_at: Date };

/**
 * What a channel is told about a unit: confirmed stays, manual blocks, what other channels block, and live holds where it asked
 * for them; what came from the channel itself is left out, and so is what is, or may be, an echo. Oldest night first.
 */
export async function readExportedEvents(
  manager: EntityManager,
  of: CalendarExport,
  from: CalendarDate,
): Promise<ExportedEvent[]> {
  const rows: ExportedRow[] = await manager.query(
    `SELECT CASE r.status WHEN 'held' THEN 'hold' ELSE 'stay' END AS source, r.id::text AS id, o.nights::text AS nights,
       greatest(o.taken_at, CASE WHEN $3 THEN o.taken_at ELSE r.confirmed_at END) AS changed_at
     FROM occupancies o JOIN reservations r ON r.id = o.reservation_id
     WHERE o.accommodation_id = $1 AND upper(o.nights) > $4::date AND (r.status = 'confirmed' OR (r.status = 'held' AND $3))
     UNION ALL
     SELECT 'block', b.id::text, b.nights::text, b.created_at FROM blocks b
     WHERE b.accommodation_id = $1 AND b.removed_at IS NULL AND upper(b.nights) > $4::date
     UNION ALL
     SELECT 'event', e.id::text, e.nights::text, e.nights_since FROM calendar_events e JOIN calendar_feeds f ON f.id = e.feed_id
     WHERE e.accommodation_id = $1 AND e.state = 'live' AND NOT e.is_echo AND e.suspect_since IS NULL AND f.channel <> $2 AND upper(e.nights) > $4::date
     ORDER BY nights, source, id`,
    [of.accommodationId, of.channel, of.includesHolds, from],
  );
  return rows.map((row) => {
    return { source: row.source, id: row.id, nights: toStay(row.nights), changedAt: row.changed_at };
  });
}
