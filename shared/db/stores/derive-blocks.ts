import type { EntityManager } from 'typeorm';
import type { Stay } from '#shared/domain/stay.ts';
import { toRange } from '../ranges.ts';

/**
 * Derives the blocks of a unit's nights anew: what is left of each manual block and each live foreign event that is no echo
 * when every live reservation is taken away (rules.md: blocks are derived). Rows that are right already are not written. Then
 * echoes that lost their origin are marked and cases whose overlap ended are closed. The unit's lock is held.
 */
export async function deriveBlocks(manager: EntityManager, accommodationId: number, nights: Stay): Promise<void> {
  const range = toRange(nights);
  await manager.query(writeBlocks, [accommodationId, range]);
  await manager.query(markOrphans, [accommodationId, range]);
  await manager.query(closeCases, [accommodationId]);
}

/** In no order, since nights that ascend widen the last page of the exclusion's index, and what is above it, row by row. */
const writeBlocks = `
  WITH sources AS (
    SELECT b.id AS block_id, NULL::bigint AS event_id, b.nights FROM blocks b
    WHERE b.accommodation_id = $1 AND b.removed_at IS NULL AND b.nights && $2::daterange
    UNION ALL
    SELECT NULL, e.id, e.nights FROM calendar_events e
    WHERE e.accommodation_id = $1 AND e.state = 'live' AND NOT e.is_echo AND e.nights && $2::daterange
  ), taken AS (
    SELECT coalesce(range_agg(o.nights), '{}'::datemultirange) AS nights FROM occupancies o
    WHERE o.accommodation_id = $1 AND o.kind = 'reservation'
  ), target AS (
    SELECT s.block_id, s.event_id, unnest(datemultirange(s.nights) - t.nights) AS piece FROM sources s, taken t
  ), present AS (
    SELECT o.id, o.block_id, o.calendar_event_id AS event_id, o.nights FROM occupancies o
    WHERE o.accommodation_id = $1 AND o.kind = 'block'
      AND (o.nights && $2::daterange
        OR o.block_id IN (SELECT block_id FROM sources) OR o.calendar_event_id IN (SELECT event_id FROM sources))
  ), wrong AS (
    SELECT p.id FROM present p LEFT JOIN target t
      ON t.piece = p.nights AND coalesce(t.block_id, -t.event_id) = coalesce(p.block_id, -p.event_id)
    WHERE t.piece IS NULL
  ), deleted AS (
    DELETE FROM occupancies o USING wrong w WHERE o.id = w.id
  )
  INSERT INTO occupancies (accommodation_id, nights, kind, block_id, calendar_event_id)
  SELECT $1, t.piece, 'block', t.block_id, t.event_id
  FROM target t LEFT JOIN present p
    ON t.piece = p.nights AND coalesce(t.block_id, -t.event_id) = coalesce(p.block_id, -p.event_id)
  WHERE p.id IS NULL ORDER BY random()`;

/** What we export to a channel; see `exportedNights` in calendar-exports.ts, whose union this is. */
const markOrphans = `
  UPDATE calendar_events e SET origin_freed_at = now()
  FROM calendar_feeds f
  WHERE f.id = e.feed_id AND e.accommodation_id = $1 AND e.state = 'live' AND e.is_echo AND e.origin_freed_at IS NULL
    AND e.nights && $2::daterange
    AND NOT datemultirange(e.nights) <@ coalesce((
      SELECT range_agg(exported.nights) FROM (
        SELECT o.nights FROM occupancies o JOIN reservations r ON r.id = o.reservation_id
        WHERE o.accommodation_id = $1 AND o.nights && e.nights AND (r.status = 'confirmed' OR EXISTS (
          SELECT FROM calendar_exports x WHERE x.accommodation_id = $1 AND x.channel = f.channel AND x.includes_holds))
        UNION ALL
        SELECT b.nights FROM blocks b WHERE b.accommodation_id = $1 AND b.removed_at IS NULL AND b.nights && e.nights
        UNION ALL
        SELECT other.nights FROM calendar_events other JOIN calendar_feeds g ON g.id = other.feed_id
        WHERE other.accommodation_id = $1 AND other.state = 'live' AND NOT other.is_echo AND other.suspect_since IS NULL
          AND g.channel <> f.channel AND other.nights && e.nights) AS exported), '{}'::datemultirange)`;

const closeCases = `
  UPDATE calendar_conflicts c SET state = 'resolved', resolution = 'overlap_ended', resolved_at = now()
  FROM calendar_events e, reservations r
  WHERE c.accommodation_id = $1 AND c.state = 'open' AND e.id = c.calendar_event_id AND r.id = c.reservation_id
    AND NOT (e.state = 'live' AND NOT e.is_echo AND r.status = 'confirmed' AND r.accommodation_id = e.accommodation_id
      AND e.nights && daterange(r.check_in, r.check_out))`;
