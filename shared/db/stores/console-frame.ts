import type { Database } from '../data-source.ts';

/** What is around every page of the console: whose house it is, and what waits for a person. */
export type FrameFigures = { lodging: string; counts: { waiting: number; notices: number } };

/** Reads it: chats that a person has and has not answered, notices that nobody has dealt with. */
export async function readFrame(database: Pick<Database, 'query'>): Promise<FrameFigures> {
  const [row]: { name: string | null; waiting: number; notices: number }[] = await database.query(
    `SELECT (SELECT name FROM lodgings) AS name,
            (SELECT count(DISTINCT conversation_id) FROM inbound_messages m WHERE state = 'left_to_person'
               AND recorded_at > now() - interval '30 days'
               AND recorded_at > coalesce((SELECT max(created_at) FROM outbound_messages o
                                            WHERE o.conversation_id = m.conversation_id AND o.purpose = 'person'), '-infinity'))::int AS waiting,
            (SELECT count(*) FROM owner_notices WHERE state = 'kept')::int AS notices`,
  );
  return { lodging: row?.name ?? 'Posada', counts: { waiting: row?.waiting ?? 0, notices: row?.notices ?? 0 } };
}

/**
 * A text that changes when something changes that the console shows live: messages and what becomes of them, who has a chat,
 * reservations, notices, payments. With `conversationId` also the deliveries of that chat.
 */
export async function readLiveVersion(
  database: Pick<Database, 'query'>,
  conversationId: string | null,
): Promise<string> {
  const [row]: { version: string }[] = await database.query(
    `SELECT concat_ws(' ',
       (SELECT max(id) FROM inbound_messages), (SELECT max(id) FROM outbound_messages),
       (SELECT count(*) FROM inbound_messages WHERE state IN ('unanswered', 'untranscribed')),
       (SELECT count(*) FROM outbound_messages WHERE state IN ('unsent', 'sending')),
       (SELECT md5(string_agg(id || ' ' || paused_until, ',' ORDER BY id)) FROM conversations WHERE paused_until > now()),
       (SELECT max(id) FROM reservation_events), (SELECT max(id) FROM payments), (SELECT max(id) FROM payment_allocations),
       (SELECT concat(max(id), '/', count(*)) FROM owner_notices WHERE state = 'kept'),
       (SELECT concat(max(id), '/', count(*)) FROM calendar_conflicts WHERE state = 'open'),
       (SELECT max(last_good_at) FROM calendar_feeds),
       (SELECT md5(string_agg(concat(id, state, delivery), ',' ORDER BY id)) FROM
          (SELECT id, state, delivery FROM outbound_messages WHERE conversation_id = $1 ORDER BY id DESC LIMIT 40) o)) AS version`,
    [conversationId],
  );
  return row?.version ?? '';
}
