import { In, type EntityManager } from 'typeorm';
import type { ConversationStore, LockedConversation, OutboxStore, WaitingMessage } from '#shared/domain/ports.ts';
import {
  conversations,
  inboundMessages,
  outboundMessages,
  type ConversationRow,
  type InboundMessageRow,
} from '../schemas/conversation.ts';
import { ownerNotices } from '../schemas/operations.ts';
import { createContactStore } from './contact-store.ts';

/** What does not come from the guest says nothing about whether the guest can be reached. */
const unheardTypes = new Set(['echo', 'system']);
const recordedBefore = { isNew: false, contactId: null, isMergePending: false } as const;

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

  return {
    async record(message, identities, state = 'unanswered') {
      const known = await manager.findOne(inboundMessages, {
        select: { id: true, conversationId: true, state: true },
        where: { providerMessageId: message.providerMessageId },
      });
      if (known)
        return { ...recordedBefore, conversationId: known.conversationId, messageId: known.id, state: known.state };
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
      const raced = await manager.findOneByOrFail(inboundMessages, { providerMessageId: message.providerMessageId });
      return { ...recordedBefore, conversationId: raced.conversationId, messageId: raced.id, state: raced.state };
    },

    async peek(id) {
      const row = await manager.findOneBy(conversations, { id });
      return row ? toLocked(row) : undefined;
    },

    async lock(id) {
      const row = await manager
        .createQueryBuilder(conversations, 'c')
        .setLock('for_no_key_update')
        .setOnLocked('skip_locked')
        .where('c.id = :id', { id })
        .getOne();
      return row ? toLocked(row) : undefined;
    },

    async lockPatiently(id) {
      const row = await manager.findOne(conversations, { where: { id }, lock: { mode: 'for_no_key_update' } });
      return row ? toLocked(row) : undefined;
    },

    async ensureContact(identities, name) {
      const { contactId } = await people.ensure(identities, { name });
      await ensureConversation(contactId);
      return contactId;
    },

    async save(id, change) {
      await manager.update(conversations, { id }, change);
    },

    async listUnanswered(id, limit) {
      const { entities, raw } = await manager
        .createQueryBuilder(inboundMessages, 'm')
        .addSelect(isOvertaken, 'is_overtaken')
        .where('m.conversationId = :id', { id })
        .andWhere(`m.state = 'unanswered'`)
        .andWhere('m.nextAttemptAt <= now()')
        .andWhere(`NOT (${waitsForNote})`)
        .orderBy('m.sentAt', 'ASC')
        .addOrderBy('m.id', 'ASC')
        .limit(limit)
        .getRawAndEntities<{ is_overtaken: boolean }>();
      return entities.map((row, index) => toWaiting(row, raw[index]?.is_overtaken ?? false));
    },

    async waitForNoteMs(id) {
      const [row]: { wait_ms: string | null }[] = await manager.query(
        `SELECT extract(epoch FROM min(least(m.received_at, m.recorded_at)) + ${patience} - now()) * 1000 AS wait_ms
         FROM inbound_messages m WHERE m.conversation_id = $1 AND m.state = 'unanswered' AND m.next_attempt_at <= now()`,
        [id],
      );
      return row?.wait_ms == null ? null : Math.max(0, Number(row.wait_ms));
    },

    async markMessages(ids, state) {
      if (ids.length === 0) return;
      await manager.update(inboundMessages, { id: In([...ids]) }, { state, answeredAt: () => 'clock_timestamp()' });
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
      await manager.insert(outboundMessages, {
        conversationId,
        payload,
        purpose,
        reservationId: reservationId ?? null,
        answersMessageId: answersMessageId ?? null,
        templateText: templateText ?? null,
        ownerNoticeId: ownerNoticeId ?? null,
      });
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

/** Postgres stores every character but NUL; lone surrogates would make invalid UTF-8. */
function toStorable(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll('\u0000', '').toWellFormed();
}

function toStorableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? toStorable(inner) : inner));
}

function toLocked(row: ConversationRow): LockedConversation {
  const { id, contactId, state, language, pausedUntil, lastAnsweredAt } = row;
  return { id, contactId, state, language, pausedUntil, lastAnsweredAt };
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

function toWaiting(row: InboundMessageRow, isOvertaken: boolean): WaitingMessage {
  const { id, providerMessageId, type, text, payload, sentAt, receivedAt, attempts, mediaProblem } = row;
  return { id, providerMessageId, type, text, payload, sentAt, receivedAt, attempts, mediaProblem, isOvertaken };
}
