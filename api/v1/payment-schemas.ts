import { z } from 'zod';
import { cents, currency, instant, nullableInstant } from './schemas.ts';

export const refundSchema = z
  .object({
    id: z.uuid(),
    cents,
    reason: z.string(),
    state: z.enum(['wanted', 'processing', 'made', 'failed', 'by_hand']),
    requestedBy: z.string(),
    failure: z.string().nullable(),
    createdAt: instant,
    madeAt: nullableInstant,
  })
  .meta({ id: 'Refund' });

export const paymentSchema = z
  .object({
    id: z.string(),
    provider: z.enum(['mercadopago', 'cash', 'transfer']),
    providerPaymentId: z.string(),
    reservationCode: z.string().nullable(),
    /** The provider's word. */
    status: z.string(),
    statusDetail: z.string().nullable(),
    /** What it became with us: confirmed, parked:insufficient, … */
    outcome: z.string(),
    amountCents: cents,
    approvedCents: cents,
    refundedCents: cents,
    currency,
    /** Cents by purpose: deposit, balance, credit, refund, charged_back, parked. */
    allocations: z.record(z.string(), cents),
    refunds: z.array(refundSchema),
    receivedAt: nullableInstant,
    createdAt: instant,
  })
  .meta({ id: 'Payment' });
