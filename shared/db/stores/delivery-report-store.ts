import { toIdentities, type Identity } from '#shared/domain/contacts.ts';
import type { StatusUpdate } from '#shared/domain/conversations/message.ts';
import type { EntityManager } from 'typeorm';
import { inOrderOf, inTurns, sideBySide } from '#shared/side-by-side.ts';
import type { Database } from '../data-source.ts';
import { waitBriefly } from '../lock-wait.ts';
import { hasUnsent } from './delivery-store.ts';
import { listNewNames } from './recipient-store.ts';

/** What a status did. */
export type Merged =
  /** None of our messages: it may be about one whose send is not answered yet. */
  | { type: 'unknown' }
  /** It was told before, or changes nothing. */
  | { type: 'known'; conversationId: string }
  | {
      type: 'merged';
      conversationId: string;
      contactId: string;
      /** Names of the guest that we did not know. */
      newNames: Identity[];
      /** Something waits to be sent in the conversation. */
      hasUnsent: boolean;
    }
  /** The message did not arrive, for that reason; what is to be done about it is still to be decided. */
  | {
      type: 'failed';
      conversationId: string;
      contactId: string;
      messageId: string;
      attempts: number;
      createdAt: Date;
      wasTemplate: boolean;
    };

/**
 * Merges a status once (by its id and word), with its reason and price, by rank: sent, delivered, read; `failed` counts unless the
 * message has arrived. Our own id (`opaqueId`) finds a message whose send was never answered. A status of an earlier send of the
 * same message is kept, and counts only when it says that the message arrived after all. Another program on the same number may
 * number its messages as we do: what is known by our id alone must be about a name of our guest.
 */
export async function mergeStatus(database: Database, status: StatusUpdate): Promise<Merged> {
  return database.transaction((manager) => merge(manager, status));
}

/** Several at once, in one transaction; those about one message one after the other. */
export async function mergeTogether(database: Database, statuses: readonly StatusUpdate[]): Promise<Merged[]> {
  const namesOf = ({ providerMessageId, opaqueId }: StatusUpdate): string[] => [
    providerMessageId,
    ...(opaqueId ? [`ours ${opaqueId}`] : []),
  ];
  return database.transaction(async (manager) => {
    await waitBriefly(manager);
    return inOrderOf(
      statuses,
      ({ opaqueId }) => Number(opaqueId ?? 0),
      (ordered) => inTurns(ordered, namesOf, (status) => merge(manager, status)),
    );
  });
}

async function merge(manager: EntityManager, status: StatusUpdate): Promise<Merged> {
  const opaqueId = status.opaqueId && /^\d{1,18}$/.test(status.opaqueId) ? status.opaqueId : null;
  const code = status.errors[0] ? String(status.errors[0].code) : null;
  const [row]: ReportedRow[] = await manager.query(
    `SELECT o.id, o.conversation_id, v.contact_id, o.state, o.delivery, o.provider_message_id, o.attempts, o.created_at,
       o.needs_template OR o.payload ->> 'kind' = 'template' AS was_template
     FROM outbound_messages o JOIN conversations v ON v.id = o.conversation_id
     WHERE o.id = coalesce((SELECT id FROM outbound_messages WHERE provider_message_id = $1), $2::bigint)
     FOR NO KEY UPDATE OF o`,
    [status.providerMessageId, opaqueId],
  );
  if (!row) return { type: 'unknown' };
  const { conversation_id: conversationId, contact_id: contactId } = row;
  if (row.provider_message_id !== status.providerMessageId && (await isOfSomebodyElse(status, contactId, manager)))
    return { type: 'unknown' };
  const reported: unknown[] = await manager.query(
    `INSERT INTO delivery_reports (message_id, provider_message_id, status, code, reported_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT ON CONSTRAINT one_report_per_status DO NOTHING RETURNING id`,
    [row.id, status.providerMessageId, status.status, code, status.at],
  );
  if (reported.length === 0) return { type: 'known', conversationId };
  if (status.pricing?.category !== undefined || status.pricing?.billable !== undefined)
    await manager.query(
      'UPDATE outbound_messages SET category = coalesce($2, category), is_billable = coalesce($3, is_billable) WHERE id = $1',
      [row.id, status.pricing.category ?? null, status.pricing.billable ?? null],
    );
  const [earlier]: { has_failed: boolean }[] = await manager.query(
    `SELECT EXISTS (SELECT FROM delivery_reports WHERE provider_message_id = $1 AND status = 'failed') AS has_failed`,
    [status.providerMessageId],
  );
  const hasArrived = row.delivery === 'delivered' || row.delivery === 'read';
  const saysArrived = status.status === 'delivered' || status.status === 'read';
  const isOfEarlierSend = row.provider_message_id !== null && row.provider_message_id !== status.providerMessageId;
  if (status.status === 'failed') {
    if (hasArrived || isOfEarlierSend) return { type: 'known', conversationId };
    await manager.query(
      `UPDATE outbound_messages SET state = 'failed', delivery = 'failed', delivery_at = $2, failure_code = $3,
         provider_message_id = coalesce(provider_message_id, $4), is_ambiguous = false WHERE id = $1`,
      [row.id, status.at, code ?? 'failed', status.providerMessageId],
    );
    return {
      type: 'failed',
      conversationId,
      contactId,
      messageId: row.id,
      attempts: row.attempts,
      createdAt: row.created_at,
      wasTemplate: row.was_template,
    };
  }
  // "sent" that is overtaken by its own failure, or by another send, is history.
  if (!saysArrived && (earlier!.has_failed || isOfEarlierSend)) return { type: 'known', conversationId };
  const rank = ranks.indexOf(status.status as (typeof ranks)[number]);
  await manager.query(
    `UPDATE outbound_messages SET
       state = CASE WHEN $2 >= 0 AND (state IN ('unsent', 'sending', 'parked') OR $2 > 0) THEN 'sent' ELSE state END,
       provider_message_id = coalesce(provider_message_id, $3),
       sent_at = CASE WHEN $2 >= 0 THEN coalesce(sent_at, $4::timestamptz) ELSE sent_at END,
       is_ambiguous = CASE WHEN $2 >= 0 THEN false ELSE is_ambiguous END,
       failure_code = CASE WHEN $2 > 0 THEN NULL ELSE failure_code END,
       delivery_at = CASE WHEN $2 > coalesce(array_position($5::text[], delivery) - 1, -1) THEN $4::timestamptz ELSE delivery_at END,
       delivery = CASE WHEN $2 > coalesce(array_position($5::text[], delivery) - 1, -1) THEN ($5::text[])[$2 + 1] ELSE delivery END
     WHERE id = $1`,
    [row.id, rank, status.providerMessageId, status.at, ranks],
  );
  const [newNames, isAny] = await sideBySide([
    listNewNames(manager, contactId, toIdentities(status.recipient)),
    hasUnsent(manager, conversationId),
  ]);
  return { type: 'merged', conversationId, contactId, newNames, hasUnsent: isAny };
}

/** The status names whom it is about, and no name of that contact. */
async function isOfSomebodyElse(
  { recipient }: StatusUpdate,
  contactId: string,
  manager: EntityManager,
): Promise<boolean> {
  const names = toIdentities(recipient);
  if (names.length === 0) return false;
  const known: unknown[] = await manager.query(
    `SELECT 1 FROM contacts c JOIN contact_identities i ON i.contact_id IN (c.id, c.merged_into_id)
       JOIN unnest($2::text[], $3::text[]) AS shown (kind, match_key) USING (kind, match_key)
     WHERE c.id = $1 LIMIT 1`,
    [contactId, names.map(({ kind }) => kind), names.map(({ matchKey }) => matchKey)],
  );
  return known.length === 0;
}

/** The delivery words in their order; a later one never goes back. Words that Meta adds have no rank and change nothing. */
const ranks = ['sent', 'delivered', 'read'] as const;

type ReportedRow = {
  id: string;
  conversation_id: string;
  contact_id: string;
  state: string;
  delivery: string | null;
  provider_message_id: string | null;
  attempts: number;
  created_at: Date;
  was_template: boolean;
};
