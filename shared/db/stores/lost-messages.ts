import type { Database } from '../data-source.ts';

/** What a provider told us: a message by its id, or a status of one. */
export type Told = { kind: 'message' | 'status'; providerMessageId: string; status: string };

/** For each, in order: is there no row of it? */
export async function listUnrecorded(database: Database, told: readonly Told[]): Promise<boolean[]> {
  if (told.length === 0) return [];
  const rows: { is_unrecorded: boolean }[] = await database.query(
    `SELECT CASE t.kind
        WHEN 'message' THEN NOT EXISTS (SELECT FROM inbound_messages m WHERE m.provider_message_id = t.id)
        ELSE NOT EXISTS (SELECT FROM delivery_reports r WHERE r.provider_message_id = t.id AND r.status = t.status)
          AND EXISTS (SELECT FROM outbound_messages o WHERE o.provider_message_id = t.id) END AS is_unrecorded
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS t (kind, id, status, position) ORDER BY position`,
    [told.map(({ kind }) => kind), told.map((each) => each.providerMessageId), told.map(({ status }) => status)],
  );
  return rows.map((row) => row.is_unrecorded);
}
