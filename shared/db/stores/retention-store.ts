import type { Database } from '../data-source.ts';

/** Empties raw payloads of handled messages older than that many days, a batch of them; returns how many. */
export async function forgetOldPayloads(database: Database, days: number, limit: number): Promise<number> {
  const [, count]: [unknown, number] = await database.query(
    `UPDATE inbound_messages SET payload = '{}' WHERE id IN (
       SELECT id FROM inbound_messages
       WHERE payload <> '{}'::jsonb AND recorded_at < now() - make_interval(days => $1) AND state NOT IN ('unanswered', 'untranscribed')
       ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [days, limit],
  );
  return count;
}
