import type { EntityManager } from 'typeorm';
import type { Refund, RefundReason } from '#shared/domain/payments/payment.ts';
import type { RefundStore } from '#shared/domain/ports.ts';
import { refunds, type RefundRow } from '../schemas/refund.ts';

/** Money on its way back: rows before calls. */
export function createRefundStore(manager: EntityManager): RefundStore {
  return {
    async add(refund) {
      const inserted = await manager.insert(refunds, refund);
      return String(inserted.identifiers[0]!['id']);
    },
    async find(id) {
      return toRefund(await manager.findOneBy(refunds, { id }));
    },
    async lock(id) {
      return toRefund(await manager.findOne(refunds, { where: { id }, lock: { mode: 'for_no_key_update' } }));
    },
    async update(id, change) {
      await manager.update(refunds, { id }, change);
    },
    async listOf(paymentId) {
      const rows = await manager.find(refunds, { where: { paymentId }, order: { createdAt: 'ASC', id: 'ASC' } });
      return rows.map((row) => toRefund(row)!);
    },
    async listOfReservation(reservationId) {
      const rows = await manager.find(refunds, { where: { reservationId }, order: { createdAt: 'ASC', id: 'ASC' } });
      return rows.map((row) => toRefund(row)!);
    },
    async listWaiting(overdueSeconds, limit) {
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM refunds WHERE state IN ('wanted', 'processing') AND next_attempt_at <= now() - make_interval(secs => $1)
         ORDER BY next_attempt_at LIMIT $2`,
        [overdueSeconds, limit],
      );
      return rows.map(({ id }) => id);
    },
  };
}

function toRefund(row: RefundRow | null): Refund | undefined {
  if (!row) return undefined;
  const { id, paymentId, reservationId, cents, reason, state, isCounted, providerRefundId, attempts, calledAt } = row;
  return {
    id,
    paymentId,
    reservationId,
    cents,
    reason: reason as RefundReason,
    state,
    isCounted,
    providerRefundId,
    attempts,
    calledAt,
  };
}
