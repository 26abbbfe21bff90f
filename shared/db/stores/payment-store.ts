import type { EntityManager } from 'typeorm';
import type {
  AllocatedPayment,
  Allocations,
  AllocationPurpose,
  Payment,
  PaymentLink,
} from '#shared/domain/payments/payment.ts';
import type { Outcome } from '#shared/domain/payments/decide-settlement.ts';
import type { PaymentStore } from '#shared/domain/ports.ts';
import {
  paymentAllocations,
  paymentLinks,
  payments,
  type PaymentLinkRow,
  type PaymentRow,
} from '../schemas/payment.ts';

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
         WHERE r.status = 'held' AND greatest(l.made_at, l.asked_at) < now() - interval '2 minutes'
         ORDER BY greatest(l.made_at, l.asked_at) LIMIT $1`,
        [limit],
      );
      return rows.map((row) => row.id);
    },
    async markAsked(reservationId) {
      await manager.update(paymentLinks, { reservationId, state: 'open' }, { askedAt: () => 'now()' });
    },

    async findPayment(providerPaymentId) {
      return toPayment(await manager.findOneBy(payments, { provider: 'mercadopago', providerPaymentId }));
    },
    async findPaymentByAnyId(id) {
      if (!/^[\w-]{1,64}$/.test(id)) return undefined;
      const byProvider = await manager.findOneBy(payments, { providerPaymentId: id });
      return toPayment(byProvider ?? (/^\d{1,18}$/.test(id) ? await manager.findOneBy(payments, { id }) : null));
    },
    async lockPayment(provided, reservationId) {
      const inserted: { id: string }[] = await manager.query(
        `INSERT INTO payments (provider_payment_id, reservation_id, status, status_detail, amount_cents, currency, external_reference,
                               collector_id, is_live, provider_updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT ON CONSTRAINT one_row_per_payment DO NOTHING RETURNING id`,
        [
          provided.id,
          reservationId,
          provided.status,
          provided.statusDetail ?? null,
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
      return { payment: toPayment(row)!, isNew: inserted.length > 0 };
    },
    async lockPaymentById(id) {
      return toPayment(await manager.findOne(payments, { where: { id }, lock: { mode: 'for_no_key_update' } }));
    },
    async insertReceived({ provider, reference, reservationId, amountCents, currency }) {
      const inserted: { id: string }[] = await manager.query(
        `INSERT INTO payments (provider, provider_payment_id, reservation_id, status, amount_cents, currency, is_live,
                               provider_updated_at, received_at)
         VALUES ($1, $2, $3, 'approved', $4, $5, true, now(), now())
         ON CONFLICT ON CONSTRAINT one_row_per_payment DO NOTHING RETURNING id`,
        [provider, reference, reservationId, amountCents, currency],
      );
      const row = await manager.findOneOrFail(payments, {
        where: { provider, providerPaymentId: reference },
        lock: { mode: 'for_no_key_update' },
      });
      return { payment: toPayment(row)!, isNew: inserted.length > 0 };
    },
    async updatePayment(id, change) {
      await manager.update(payments, { id }, { ...change, updatedAt: () => 'now()' });
    },
    async listOf(reservationId) {
      const rows = await manager.find(payments, { where: { reservationId }, order: { id: 'ASC' } });
      if (rows.length === 0) return [];
      const sums: { payment_id: string; purpose: AllocationPurpose; cents: string }[] = await manager.query(
        `SELECT payment_id, purpose, sum(cents) AS cents FROM payment_allocations WHERE payment_id = ANY ($1)
         GROUP BY payment_id, purpose HAVING sum(cents) <> 0`,
        [rows.map(({ id }) => id)],
      );
      return rows.map((row): AllocatedPayment => {
        const own = sums.filter((sum) => sum.payment_id === row.id);
        return {
          payment: toPayment(row)!,
          allocations: Object.fromEntries(own.map(({ purpose, cents }) => [purpose, Number(cents)])),
        };
      });
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
    async hasOwnerNotice(type, { paymentId, reservationId }) {
      const rows: unknown[] = paymentId
        ? await manager.query('SELECT 1 FROM owner_notices WHERE type = $1 AND payment_id = $2 LIMIT 1', [
            type,
            paymentId,
          ])
        : await manager.query(
            `SELECT 1 FROM owner_notices WHERE type = $1 AND reservation_id = $2 AND state <> 'done' LIMIT 1`,
            [type, reservationId],
          );
      return rows.length > 0;
    },
  };
}

function toLink(row: PaymentLinkRow | null): PaymentLink | undefined {
  if (!row) return undefined;
  const { nextAttemptAt: _1, madeAt: _2, closedAt: _3, askedAt: _4, ...link } = row;
  return link;
}

function toPayment(row: PaymentRow | null): Payment | undefined {
  if (!row) return undefined;
  const {
    paymentLinkId: _1,
    externalReference: _2,
    receivedAt: _3,
    raw: _4,
    createdAt: _5,
    updatedAt: _6,
    ...payment
  } = row;
  return { ...payment, outcome: row.outcome as Outcome };
}
