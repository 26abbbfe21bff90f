import type { EntityManager } from 'typeorm';
import type { Identity } from '#shared/domain/contacts.ts';
import type { Database } from '../data-source.ts';

/** What an erasure found and removed; figures only. */
export type Erasure = {
  contacts: number;
  messages: number;
  notices: number;
  reservations: number;
  /** Paths below the media folder, to be deleted after the commit. */
  mediaPaths: string[];
  /** Chats that were locked: somebody has to look at them again. */
  conversationIds: string[];
  /** What may still be found elsewhere: numbers, business-scoped ids and message ids. */
  traces: string[];
};

/** Everybody who is or was that person: by a name of theirs, retired ones and merged contacts too. */
export async function findPeople(
  database: Pick<Database, 'query'>,
  identities: readonly Identity[],
): Promise<string[]> {
  return idsOf(
    await database.query(
      `WITH RECURSIVE found AS (
         SELECT i.contact_id AS id FROM contact_identities i JOIN unnest($1::text[], $2::text[]) AS shown (kind, match_key)
           ON i.kind = shown.kind AND i.match_key = shown.match_key
         UNION
         SELECT c.id FROM contacts c JOIN found f ON c.merged_into_id = f.id OR c.id = (SELECT merged_into_id FROM contacts WHERE id = f.id)
       ) SELECT id FROM found ORDER BY id`,
      [identities.map(({ kind }) => kind), identities.map(({ matchKey }) => matchKey)],
    ),
  );
}

/** The person whose reservation it is; empty when it has none. */
export async function findPeopleOfReservation(database: Pick<Database, 'query'>, code: string): Promise<string[]> {
  return idsOf(
    await database.query('SELECT contact_id AS id FROM reservations WHERE code = $1 AND contact_id IS NOT NULL', [
      code.trim().toUpperCase(),
    ]),
  );
}

/**
 * Removes all that is personal about these contacts, in one transaction: names, numbers, what was written and said, notes about
 * them. Contacts, bookings and payments stay under their numbers of ours. The media of the paths given back are the caller's.
 */
export async function erasePeople(database: Database, contactIds: readonly string[]): Promise<Erasure> {
  return database.transaction(async (manager) => {
    await manager.query(`SET LOCAL lock_timeout = '20s'`);
    const chats = idsOf(
      await manager.query(
        'SELECT id FROM conversations WHERE contact_id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE',
        [contactIds],
      ),
    );
    const stays = idsOf(
      await manager.query('SELECT id FROM reservations WHERE contact_id = ANY($1::bigint[])', [contactIds]),
    );
    const traces = await readTraces(manager, contactIds, chats);
    const mediaPaths: { path: string }[] = await manager.query(
      'SELECT media_path AS path FROM inbound_messages WHERE conversation_id = ANY($1::bigint[]) AND media_path IS NOT NULL',
      [chats],
    );
    const messages = (await eraseInbound(manager, chats)) + (await eraseOutbound(manager, chats));
    const notices = await eraseNotices(manager, chats, stays);
    await eraseBookings(manager, stays);
    await eraseElsewhere(manager, traces);
    await manager.query(`UPDATE conversations SET state = '{}' WHERE id = ANY($1::bigint[])`, [chats]);
    await manager.query('DELETE FROM contact_identities WHERE contact_id = ANY($1::bigint[])', [contactIds]);
    await manager.query('UPDATE contacts SET profile_name = NULL, send_to = NULL WHERE id = ANY($1::bigint[])', [
      contactIds,
    ]);
    return {
      contacts: contactIds.length,
      messages,
      notices,
      reservations: stays.length,
      mediaPaths: mediaPaths.map(({ path }) => path),
      conversationIds: chats,
      traces,
    };
  });
}

/** Where a text of these still stands, as table.column with how often; to be empty after an erasure. */
export async function findTraces(database: Database, traces: readonly string[]): Promise<Record<string, number>> {
  const columns: { table: string; column: string }[] = await database.query(
    `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
     JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type IN ('text', 'jsonb')
     ORDER BY 1, 2`,
  );
  const found: Record<string, number> = {};
  const patterns = traces.map(toPattern);
  if (patterns.length === 0) return found;
  for (const { table, column } of columns) {
    const [row]: { count: number }[] = await database.query(
      `SELECT count(*)::int AS count FROM "${table}" WHERE "${column}"::text LIKE ANY($1::text[])`,
      [patterns],
    );
    if (row!.count > 0) found[`${table}.${column}`] = row!.count;
  }
  return found;
}

/** Numbers in every form that was kept, business-scoped ids, and message ids, which hold the number in base64. */
async function readTraces(
  manager: EntityManager,
  contactIds: readonly string[],
  chats: readonly string[],
): Promise<string[]> {
  const rows: { text: string | null }[] = await manager.query(
    `SELECT value AS text FROM contact_identities WHERE contact_id = ANY($1::bigint[])
     UNION SELECT match_key FROM contact_identities WHERE contact_id = ANY($1::bigint[]) AND kind = 'phone'
     UNION SELECT send_to FROM contacts WHERE id = ANY($1::bigint[])
     UNION SELECT provider_message_id FROM inbound_messages WHERE conversation_id = ANY($2::bigint[])
     UNION SELECT provider_message_id FROM outbound_messages WHERE conversation_id = ANY($2::bigint[])`,
    [contactIds, chats],
  );
  // The ten digits of an Argentine number are in all its spellings.
  const texts = rows.map(({ text }) => text?.replace(/^\+/, '').replace(/^AR(?=\d{10}$)/, ''));
  return [...new Set(texts)].filter(
    (text) => text !== undefined && text.length >= 8 && !text.startsWith('erased:'),
  ) as string[];
}

/** An id of ours instead of the provider's: unique, and it says nothing. */
async function eraseInbound(manager: EntityManager, chats: readonly string[]): Promise<number> {
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE inbound_messages SET text = NULL, payload = '{}', provider_message_id = 'erased:' || id, media_path = NULL, media_sha256 = NULL,
       state = CASE WHEN state IN ('answered', 'failed', 'left_to_person') THEN state ELSE 'ignored' END
     WHERE conversation_id = ANY($1::bigint[])`,
    [chats],
  );
  return count;
}

const blank = `'{"kind":"text","body":""}'::jsonb`;
const blanked = `payload = ${blank}, template_text = NULL,
  state = CASE WHEN o.state = 'sent' THEN o.state ELSE 'failed' END,
  failure_code = CASE WHEN o.state IN ('sent', 'failed') THEN o.failure_code ELSE 'erased' END`;

async function eraseOutbound(manager: EntityManager, chats: readonly string[]): Promise<number> {
  await manager.query(
    `DELETE FROM delivery_reports d USING outbound_messages o WHERE o.id = d.message_id AND o.conversation_id = ANY($1::bigint[])`,
    [chats],
  );
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE outbound_messages o SET ${blanked},
       provider_message_id = CASE WHEN o.provider_message_id IS NULL THEN NULL ELSE 'erased:' || o.id END
     WHERE o.conversation_id = ANY($1::bigint[])`,
    [chats],
  );
  return count;
}

/** What a notice says beside codes and amounts can be a person's; so can what the owner was told of it. */
async function eraseNotices(
  manager: EntityManager,
  chats: readonly string[],
  stays: readonly string[],
): Promise<number> {
  const [rows]: [{ id: string }[], number] = await manager.query(
    `UPDATE owner_notices SET data = coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(data)
       WHERE key IN ('code', 'outcome', 'reason', 'status', 'currency', 'channel', 'refundId', 'messageId', 'failure', 'keepsDeposit')
          OR jsonb_typeof(value) IN ('number', 'boolean')), '{}')
     WHERE conversation_id = ANY($1::bigint[]) OR reservation_id = ANY($2::uuid[]) RETURNING id`,
    [chats, stays],
  );
  await manager.query(`UPDATE outbound_messages o SET ${blanked} WHERE o.owner_notice_id = ANY($1::bigint[])`, [
    rows.map(({ id }) => id),
  ]);
  return rows.length;
}

/** Free words on bookings: why one was cancelled, how a conflict was settled, whose transfer it was. */
async function eraseBookings(manager: EntityManager, stays: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE reservation_events e SET data = (e.data - 'note' - 'reference')
       - CASE WHEN e.type = 'cancelled' THEN 'reason' ELSE '' END
       - CASE WHEN p.id IS NOT NULL THEN 'paymentId' ELSE '' END
     FROM reservation_events s LEFT JOIN payments p
       ON p.reservation_id = s.reservation_id AND p.provider IN ('cash', 'transfer') AND p.provider_payment_id = s.data ->> 'paymentId'
     WHERE e.id = s.id AND e.reservation_id = ANY($1::uuid[])`,
    [stays],
  );
  await manager.query(
    `UPDATE payments SET raw = '{}',
       provider_payment_id = CASE WHEN provider IN ('cash', 'transfer') THEN 'erased:' || id ELSE provider_payment_id END
     WHERE reservation_id = ANY($1::uuid[])`,
    [stays],
  );
  await manager.query(
    `UPDATE calendar_conflicts SET resolution = 'settled'
     WHERE reservation_id = ANY($1::uuid[]) AND resolution IS NOT NULL AND resolution <> 'overlap_ended'`,
    [stays],
  );
}

/** Answers of the API are kept for a day and may quote anybody: all go. Messages to others that name the number are blanked. */
async function eraseElsewhere(manager: EntityManager, traces: readonly string[]): Promise<void> {
  await manager.query('UPDATE idempotency_keys SET answer = NULL WHERE answer IS NOT NULL');
  if (traces.length === 0) return;
  const patterns = traces.map(toPattern);
  await manager.query(
    `UPDATE outbound_messages o SET ${blanked} WHERE o.payload::text LIKE ANY($1::text[]) OR o.template_text LIKE ANY($1::text[])`,
    [patterns],
  );
  await manager.query(`UPDATE owner_notices SET data = '{}' WHERE data::text LIKE ANY($1::text[])`, [patterns]);
  await manager.query('DELETE FROM delivery_reports WHERE provider_message_id = ANY($1::text[])', [traces]);
}

function toPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

function idsOf(rows: { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
