import type { EntityManager } from 'typeorm';
import type { Allocations, AllocationPurpose, Payment, PaymentLink } from '#shared/domain/payments/payment.ts';
import type { PaymentStore } from '#shared/domain/ports.ts';
import { paymentAllocations, paymentLinks, payments, type PaymentLinkRow, type PaymentRow } from '../schemas/payment.ts';

/** Links, payments and where each cent of them lies. */
export function createPaymentStore(manager: EntityManager): PaymentStore {
  async function allocationsOf(paymentId: string): Promise<Allocations> {
    const rows: { purpose: AllocationPurpose; cents: string }[] = await manager.query(
      `SELECT purpose, sum(cents) AS cents FROM payment_allocations WHERE payment_id = $1 GROUP BY purpose HAVING sum(cents) <> 0`,
      [paymentId],
    );
    return Object.fromEntries(rows.map((row) => [row.purpose, Number(row.cents)]));
  }

  return {
    async addLink(link) {
      const inserted = await manager.insert(paymentLinks, link);
      return String(inserted.identifiers[0]!['id']);
    },
    async findLink(id) {
      return toLink(await manager.findOneBy(paymentLinks, { id }));
    },
    async lockLink(id) {
      return toLink(await manager.findOne(paymentLinks, { where: { id }, lock: { mode: 'for_no_key_update' } }));
    },
    async findLinkOf(reservationId) {
      return toLink(await manager.findOne(paymentLinks, { where: { reservationId }, order: { createdAt: 'DESC' } }));
    },
    async updateLink(id, change) {
      await manager.update(paymentLinks, { id }, change);
    },
    async listWaitingLinks(overdueSeconds, limit) {
      return manager.query(
        `SELECT id, state FROM payment_links
         WHERE state IN ('wanted', 'closing') AND next_attempt_at <= now() - make_interval(secs => $1)
         ORDER BY next_attempt_at LIMIT $2`,
        [overdueSeconds, limit],
      );
    },
    async listHoldsToAskAbout(limit) {
      const rows: { id: string }[] = await manager.query(
        `SELECT r.id FROM reservations r JOIN payment_links l ON l.reservation_id = r.id AND l.state = 'open'
         WHERE r.status = 'held' AND l.made_at < now() - interval '2 minutes' ORDER BY r.release_at LIMIT $1`,
        [limit],
      );
      return rows.map((row) => row.id);
    },

    async lockPayment(provided, reservationId) {
      const inserted: { id: string }[] = await manager.query(
        `INSERT INTO payments (provider_payment_id, reservation_id, status, amount_cents, currency, external_reference,
                               collector_id, is_live, provider_updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT ON CONSTRAINT one_row_per_payment DO NOTHING RETURNING id`,
        [
          provided.id,
          reservationId,
          provided.status,
          provided.amountCents,
          provided.currency,
          provided.externalReference ?? null,
          provided.collectorId ?? null,
          provided.liveMode,
          provided.dateLastUpdated,
        ],
      );
      const row = await manager.findOneOrFail(payments, {
        where: { provider: 'mercadopago', providerPaymentId: provided.id },
        lock: { mode: 'for_no_key_update' },
      });
      return { payment: toPayment(row), isNew: inserted.length > 0 };
    },
    async updatePayment(id, change) {
      await manager.update(payments, { id }, { ...change, updatedAt: () => 'now()' });
    },
    async listOf(reservationId) {
      const rows = await manager.find(payments, { where: { reservationId }, order: { id: 'ASC' } });
      const result = [];
      for (const row of rows) result.push({ payment: toPayment(row), allocations: await allocationsOf(row.id) });
      return result;
    },
    allocationsOf,
    async allocate(paymentId, target, reason) {
      const has = await allocationsOf(paymentId);
      const purposes = new Set([...Object.keys(has), ...Object.keys(target)] as AllocationPurpose[]);
      for (const purpose of purposes) {
        const cents = (target[purpose] ?? 0) - (has[purpose] ?? 0);
        if (cents !== 0) await manager.insert(paymentAllocations, { paymentId, purpose, cents, reason });
      }
    },
  };
}

function toLink(row: PaymentLinkRow | null): PaymentLink | undefined {
  if (!row) return undefined;
  const { nextAttemptAt: _1, madeAt: _2, closedAt: _3, ...link } = row;
  return link;
}

function toPayment(row: PaymentRow): Payment {
  const { id, provider, providerPaymentId, reservationId, status, amountCents, refundedCents, approvedCents } = row;
  const { currency, outcome, providerUpdatedAt } = row;
  return {
    id,
    provider,
    providerPaymentId,
    reservationId,
    status,
    amountCents,
    refundedCents,
    approvedCents,
    currency,
    outcome,
    providerUpdatedAt,
  };
}
