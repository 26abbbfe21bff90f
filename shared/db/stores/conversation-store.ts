import { In, type EntityManager } from 'typeorm';
import type { Identity } from '#shared/domain/contacts.ts';
import type { ConversationStore, LockedConversation, OutboxStore, WaitingMessage } from '#shared/domain/ports.ts';
import {
  contactIdentities,
  contacts,
  conversations,
  inboundMessages,
  outboundMessages,
  type ConversationRow,
  type InboundMessageRow,
} from '../schemas/conversation.ts';
import { ownerNotices } from '../schemas/operations.ts';

/** People, chats and what they wrote. */
export function createConversationStore(manager: EntityManager): ConversationStore {
  async function findContactId(identities: readonly Identity[]): Promise<string | undefined> {
    const rows = await manager.find(contactIdentities, {
      where: identities.map(({ kind, matchKey }) => ({ kind, matchKey })),
      order: { contactId: 'ASC' },
    });
    // Phone and BSUID may point at two people who turn out to be one: the phone's is the older acquaintance.
    return rows.find((row) => row.kind === 'phone')?.contactId ?? rows[0]?.contactId;
  }

  async function ensureContact(identities: readonly Identity[], profileName: string | undefined): Promise<string> {
    let contactId = await findContactId(identities);
    if (!contactId) {
      const inserted = await manager.insert(contacts, { profileName: profileName ?? null, sendTo: null });
      contactId = String(inserted.identifiers[0]!['id']);
    }
    for (const { kind, value, matchKey } of identities) {
      await manager.query(
        `INSERT INTO contact_identities (contact_id, kind, value, match_key) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT one_contact_per_identity DO NOTHING`,
        [contactId, kind, value, matchKey],
      );
    }
    // Two first messages at once: whoever inserted the identity owns it, the other contact stays empty.
    return (await findContactId(identities))!;
  }

  async function ensureConversation(contactId: string): Promise<string> {
    await manager.query(
      `INSERT INTO conversations (contact_id) VALUES ($1) ON CONFLICT ON CONSTRAINT one_conversation_per_contact DO NOTHING`,
      [contactId],
    );
    const row = await manager.findOneOrFail(conversations, { select: { id: true }, where: { contactId } });
    return row.id;
  }

  return {
    async record(message, identities) {
      const known = await manager.findOne(inboundMessages, {
        select: { id: true, conversationId: true, state: true },
        where: { providerMessageId: message.providerMessageId },
      });
      if (known) return { conversationId: known.conversationId, messageId: known.id, state: known.state };
      if (identities.length === 0) return undefined;
      const contactId = await ensureContact(identities, message.contact.profileName);
      const conversationId = await ensureConversation(contactId);
      const inserted: { id: string }[] = await manager.query(
        `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, sent_at, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT ON CONSTRAINT one_row_per_message DO NOTHING RETURNING id`,
        [
          conversationId,
          message.providerMessageId,
          message.type,
          toStorable(message.text),
          toStorableJson(message),
          message.sentAt,
          message.receivedAt,
        ],
      );
      if (inserted[0]) return { conversationId, messageId: inserted[0].id, state: 'unanswered' };
      const raced = await manager.findOneByOrFail(inboundMessages, { providerMessageId: message.providerMessageId });
      return { conversationId: raced.conversationId, messageId: raced.id, state: raced.state };
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

    async save(id, change) {
      await manager.update(conversations, { id }, change);
    },

    async listUnanswered(id, limit) {
      const rows = await manager
        .createQueryBuilder(inboundMessages, 'm')
        .where('m.conversationId = :id', { id })
        .andWhere(`m.state = 'unanswered'`)
        .andWhere('m.nextAttemptAt <= now()')
        .orderBy('m.sentAt', 'ASC')
        .addOrderBy('m.id', 'ASC')
        .limit(limit)
        .getMany();
      return rows.map(toWaiting);
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

    async findAddressee(contactId) {
      const row = await manager.findOneBy(conversations, { contactId });
      return row ? { conversationId: row.id, language: row.language } : undefined;
    },
  };
}

/** What waits to be said, to guests and to the owner. */
export function createOutboxStore(manager: EntityManager): OutboxStore {
  return {
    async add({ conversationId, payload, purpose, reservationId, answersMessageId }) {
      await manager.insert(outboundMessages, {
        conversationId,
        payload,
        purpose,
        reservationId: reservationId ?? null,
        answersMessageId: answersMessageId ?? null,
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

function toWaiting(row: InboundMessageRow): WaitingMessage {
  const { id, providerMessageId, type, text, payload, sentAt, receivedAt, attempts } = row;
  return { id, providerMessageId, type, text, payload, sentAt, receivedAt, attempts };
}
