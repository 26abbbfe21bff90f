import { In, type EntityManager } from 'typeorm';
import type { NoticeStore, OwnerNotice } from '#shared/domain/owner-notices/notice.ts';
import { ownerNotices, type OwnerNoticeRow } from '../schemas/operations.ts';

/** What the owner must hear, and what was decided. */
export function createNoticeStore(manager: EntityManager): NoticeStore {
  return {
    async lockUntold(limit) {
      const rows = await manager
        .createQueryBuilder(ownerNotices, 'n')
        .setLock('for_no_key_update')
        .setOnLocked('skip_locked')
        .where(`n.state = 'kept'`)
        .orderBy('n.id', 'ASC')
        .limit(limit)
        .getMany();
      return rows.map(toNotice);
    },

    async markTold(ids) {
      if (ids.length > 0) await manager.update(ownerNotices, { id: In([...ids]), state: 'kept' }, { state: 'told' });
    },

    async lock(id) {
      const row = await manager.findOne(ownerNotices, { where: { id }, lock: { mode: 'for_no_key_update' } });
      return row ? toNotice(row) : undefined;
    },

    async markDecided(id, decision) {
      await manager.update(ownerNotices, { id }, { state: 'done', decision, decidedAt: () => 'now()' });
    },

    async isKnown(type, data) {
      const rows: unknown[] = await manager.query(
        'SELECT 1 FROM owner_notices WHERE type = $1 AND data @> $2 LIMIT 1',
        [type, JSON.stringify(data)],
      );
      return rows.length > 0;
    },

    async sendAgain(messageId) {
      if (!/^\d{1,18}$/.test(messageId)) return undefined;
      const [rows]: [{ conversation_id: string }[], number] = await manager.query(
        `UPDATE outbound_messages SET state = 'unsent', next_attempt_at = now(), attempts = 0, ambiguous_sends = 0, is_ambiguous = false,
           provider_message_id = NULL, failure_code = NULL
         WHERE id = $1 AND state IN ('parked', 'failed', 'kept') RETURNING conversation_id`,
        [messageId],
      );
      return rows[0]?.conversation_id;
    },
  };
}

function toNotice(row: OwnerNoticeRow): OwnerNotice {
  const { id, type, reservationId, paymentId, conversationId, data, state } = row;
  return { id, type, reservationId, paymentId, conversationId, state, data: data as Record<string, unknown> };
}
