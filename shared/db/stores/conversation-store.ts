import type { EntityManager } from 'typeorm';
import type {
  ConversationStore,
  LockedConversation,
  OutboxStore,
  RecordedMessage,
  WaitingMessage,
} from '#shared/domain/ports.ts';
import type { Database } from '../data-source.ts';
import { conversations, inboundMessages } from '../schemas/conversation.ts';
import { ownerNotices } from '../schemas/operations.ts';
import { createContactStore } from './contact-store.ts';

/** What does not come from the guest says nothing about whether the guest can be reached. */
const unheardTypes = new Set(['echo', 'system']);

/** Chats and what was written in them. */
export function createConversationStore(manager: EntityManager): ConversationStore {
  const people = createContactStore(manager);

  async function ensureConversation(contactId: string): Promise<string> {
    const [row]: { id: string }[] = await manager.query(
      `WITH made AS (
         INSERT INTO conversations (contact_id) VALUES ($1) ON CONFLICT ON CONSTRAINT one_conversation_per_contact DO NOTHING
         RETURNING id)
       SELECT id FROM made UNION ALL SELECT id FROM conversations WHERE contact_id = $1 LIMIT 1`,
      [contactId],
    );
    if (row) return row.id;
    // Made by somebody else since this statement began.
    return (await manager.findOneOrFail(conversations, { select: { id: true }, where: { contactId } })).id;
  }

  async function find(id: string, lock: string): Promise<LockedConversation | undefined> {
    const [row]: LockedConversation[] = await manager.query(
      `SELECT id, contact_id AS "contactId", state, language, paused_until AS "pausedUntil", last_answered_at AS "lastAnsweredAt"
       FROM conversations WHERE id = $1 ${lock}`,
      [id],
    );
    return row;
  }

  async function findRecorded(providerMessageId: string): Promise<RecordedMessage | undefined> {
    const [row]: Pick<RecordedMessage, 'conversationId' | 'messageId' | 'state'>[] = await manager.query(
      `SELECT conversation_id AS "conversationId", id AS "messageId", state FROM inbound_messages WHERE provider_message_id = $1`,
      [providerMessageId],
    );
    return row && { ...row, isNew: false, contactId: null, isMergePending: false };
  }

  return {
    async record(message, identities, state = 'unanswered') {
      const known = await findRecorded(message.providerMessageId);
      if (known) return known;
      if (identities.length === 0) return undefined;
      const { contactId, isMergePending } = await people.ensure(identities, {
        name: message.contact.profileName,
        at: new Date(message.sentAt),
        isReceived: true,
        isHeard: !unheardTypes.has(message.type),
      });
      const conversationId = await ensureConversation(contactId);
      const inserted: { id: string }[] = await manager.query(
        `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, sent_at, received_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT ON CONSTRAINT one_row_per_message DO NOTHING RETURNING id`,
        [
          conversationId,
          message.providerMessageId,
          message.type,
          toStorable(message.text),
          toStorableJson(message),
          message.sentAt,
          message.receivedAt,
          state,
        ],
      );
      if (inserted[0])
        return { conversationId, messageId: inserted[0].id, state, isNew: true, contactId, isMergePending };
      return findRecorded(message.providerMessageId);
    },

    async peek(id) {
      return find(id, '');
    },

    async lock(id) {
      return find(id, 'FOR NO KEY UPDATE SKIP LOCKED');
    },

    async lockPatiently(id) {
      return find(id, 'FOR NO KEY UPDATE');
    },

    async ensureContact(identities, name) {
      const { contactId } = await people.ensure(identities, { name });
      await ensureConversation(contactId);
      return contactId;
    },

    async save(id, change) {
      const changed = Object.keys(change) as (keyof typeof change)[];
      const list = changed.map((key, index) => `${columnOf[key]} = $${index + 2}`).join(', ');
      await manager.query(`UPDATE conversations SET ${list} WHERE id = $1`, [id, ...changed.map((key) => change[key])]);
    },

    async listUnanswered(id, limit) {
      return manager.query<WaitingMessage[]>(
        `SELECT m.id, m.provider_message_id AS "providerMessageId", m.type, m.text, m.payload, m.sent_at AS "sentAt",
           m.received_at AS "receivedAt", m.attempts, m.media_problem AS "mediaProblem", ${isOvertaken} AS "isOvertaken"
         FROM inbound_messages m
         WHERE m.conversation_id = $1 AND m.state = 'unanswered' AND m.next_attempt_at <= now() AND NOT (${waitsForNote})
         ORDER BY m.sent_at, m.id LIMIT $2`,
        [id, limit],
      );
    },

    async markMessages(ids, state) {
      if (ids.length === 0) return;
      await manager.query(
        `UPDATE inbound_messages SET state = $2, answered_at = clock_timestamp() WHERE id = ANY($1::bigint[])`,
        [ids, state],
      );
    },

    async postpone(ids, seconds) {
      await manager.query(
        `UPDATE inbound_messages SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
         WHERE id = ANY($1::bigint[]) AND state = 'unanswered'`,
        [ids, seconds],
      );
    },

    async listWaiting(overdueSeconds, limit) {
      const rows: { conversation_id: string }[] = await manager.query(
        `SELECT conversation_id FROM inbound_messages
         WHERE state = 'unanswered' AND next_attempt_at <= now() AND recorded_at <= now() - make_interval(secs => $1)
         GROUP BY conversation_id ORDER BY min(recorded_at) LIMIT $2`,
        [overdueSeconds, limit],
      );
      return rows.map((row) => row.conversation_id);
    },

    async findMessage(providerMessageId) {
      const row = await manager.findOne(inboundMessages, {
        select: { id: true, conversationId: true, state: true, text: true },
        where: { providerMessageId },
      });
      return row ?? undefined;
    },

    async rewrite(id, text) {
      await manager.update(inboundMessages, { id, state: 'unanswered' }, { text: toStorable(text) });
    },

    async findAddressee(contactId) {
      const row = await manager.findOneBy(conversations, { contactId });
      return row ? { conversationId: row.id, language: row.language } : undefined;
    },
  };
}

/** What waits to be said, to guests and to the owner. */
export function createOutboxStore(manager: EntityManager): OutboxStore {
  return {
    async add({ conversationId, payload, purpose, reservationId, answersMessageId, templateText, ownerNoticeId }) {
      await manager.query(
        `INSERT INTO outbound_messages (conversation_id, payload, purpose, reservation_id, answers_message_id, template_text, owner_notice_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [conversationId, payload, purpose, reservationId, answersMessageId, templateText, ownerNoticeId],
      );
    },
    async addOwnerNotice({ type, reservationId, paymentId, conversationId, data }) {
      await manager.insert(ownerNotices, {
        type,
        reservationId: reservationId ?? null,
        paymentId: paymentId ?? null,
        conversationId: conversationId ?? null,
        data: data ?? {},
      });
    },
    async finishOwnerNotice(id) {
      const { affected } = await manager.update(ownerNotices, { id }, { state: 'done' });
      return affected === 1;
    },
  };
}

const columnOf = {
  state: 'state',
  language: 'language',
  pausedUntil: 'paused_until',
  lastAnsweredAt: 'last_answered_at',
} as const;

/** Postgres stores every character but NUL; lone surrogates would make invalid UTF-8. */
function toStorable(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll('\u0000', '').toWellFormed();
}

function toStorableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? toStorable(inner) : inner));
}

/** How long a message waits for a voice note before it, from its own arrival (by whichever clock is earlier). */
const patience = `interval '20 seconds'`;
const waitsForNote = `least(m.received_at, m.recorded_at) > now() - ${patience} AND EXISTS (
  SELECT FROM inbound_messages n WHERE n.conversation_id = m.conversation_id AND n.state = 'untranscribed'
    AND (n.sent_at, n.id) < (m.sent_at, m.id))`;
/** WhatsApp's time is in whole seconds: within one, the order of arrival tells what was answered too early. */
const isOvertaken = `EXISTS (
  SELECT FROM inbound_messages a WHERE a.conversation_id = m.conversation_id AND a.id > m.id AND a.sent_at = m.sent_at
    AND a.state = 'answered')`;

/**
 * What a conversation still wants after its holder has committed, in one look and without a lock: whether something waits that may
 * be answered now, else how many milliseconds the first message that waits for a note does so (null: none does).
 */
export async function lookForMore(
  database: Database,
  conversationId: string,
): Promise<{ isAnswerable: boolean; noteWaitMs: number | null }> {
  const [row]: { is_answerable: boolean; wait_ms: string | null }[] = await database.query(
    `SELECT coalesce(bool_or(NOT (${waitsForNote})), false) AS is_answerable,
       extract(epoch FROM min(least(m.received_at, m.recorded_at)) + ${patience} - now()) * 1000 AS wait_ms
     FROM inbound_messages m WHERE m.conversation_id = $1 AND m.state = 'unanswered' AND m.next_attempt_at <= now()`,
    [conversationId],
  );
  const noteWaitMs = row!.wait_ms === null ? null : Math.max(0, Number(row!.wait_ms));
  return { isAnswerable: row!.is_answerable, noteWaitMs: row!.is_answerable ? null : noteWaitMs };
}

/** Those of the conversations where something waits, be it for a note. */
export async function listWithMore(database: Database, conversationIds: readonly string[]): Promise<string[]> {
  if (conversationIds.length === 0) return [];
  const rows: { id: string }[] = await database.query(
    `SELECT chat.id FROM unnest($1::bigint[]) AS chat (id) WHERE EXISTS (
       SELECT FROM inbound_messages m WHERE m.conversation_id = chat.id AND m.state = 'unanswered' AND m.next_attempt_at <= now())`,
    [conversationIds],
  );
  return rows.map(({ id }) => id);
}
