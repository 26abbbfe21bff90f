import { EntitySchema } from 'typeorm';
import {
  at,
  bigId,
  bigint,
  bool,
  cents,
  json,
  now,
  nullable,
  references,
  small,
  text,
  uuid,
  uuidId,
} from './columns.ts';

export type PaymentLinkState = 'wanted' | 'open' | 'closing' | 'closed' | 'failed';
export type PaymentLinkRow = {
  id: string;
  reservationId: string;
  purpose: 'deposit' | 'balance';
  state: PaymentLinkState;
  amountCents: number;
  currency: string;
  expiresAt: Date;
  preferenceId: string | null;
  url: string | null;
  collectorId: string | null;
  attempts: number;
  nextAttemptAt: Date;
  lateToldAt: Date | null;
  madeAt: Date | null;
  closedAt: Date | null;
  askedAt: Date | null;
  createdAt: Date;
};

export const paymentLinks = new EntitySchema<PaymentLinkRow>({
  name: 'payment_links',
  columns: {
    id: uuidId(),
    reservationId: uuid('reservation_id'),
    purpose: text('purpose', { default: 'deposit' }),
    state: text('state', { default: 'wanted' }),
    amountCents: cents('amount_cents'),
    currency: text('currency'),
    expiresAt: at('expires_at'),
    preferenceId: text('preference_id', nullable),
    url: text('url', nullable),
    collectorId: text('collector_id', nullable),
    attempts: small('attempts', { default: 0 }),
    nextAttemptAt: at('next_attempt_at', now),
    lateToldAt: at('late_told_at', nullable),
    madeAt: at('made_at', nullable),
    closedAt: at('closed_at', nullable),
    askedAt: at('asked_at', nullable),
    createdAt: at('created_at', now),
  },
  uniques: [{ name: 'link_preference', columns: ['preferenceId'] }],
  indices: [
    { name: 'links_of_reservation', columns: ['reservationId'] },
    { name: 'waiting_links', columns: ['nextAttemptAt'], where: `state IN ('wanted', 'closing')` },
  ],
  checks: [
    { name: 'link_purpose', expression: `purpose IN ('deposit', 'balance')` },
    { name: 'link_state', expression: `state IN ('wanted', 'open', 'closing', 'closed', 'failed')` },
    { name: 'link_amount_positive', expression: 'amount_cents > 0' },
  ],
  foreignKeys: [references('link_reservation', 'reservations', 'reservationId')],
});

export type PaymentRow = {
  id: string;
  provider: 'mercadopago' | 'cash' | 'transfer';
  providerPaymentId: string;
  reservationId: string | null;
  paymentLinkId: string | null;
  status: string;
  statusDetail: string | null;
  amountCents: number;
  refundedCents: number;
  approvedCents: number;
  currency: string;
  externalReference: string | null;
  collectorId: string | null;
  isLive: boolean;
  outcome: string;
  providerUpdatedAt: Date;
  receivedAt: Date | null;
  raw: object;
  createdAt: Date;
  updatedAt: Date;
};

export const payments = new EntitySchema<PaymentRow>({
  name: 'payments',
  columns: {
    id: bigId(),
    provider: text('provider', { default: 'mercadopago' }),
    providerPaymentId: text('provider_payment_id'),
    reservationId: uuid('reservation_id', nullable),
    paymentLinkId: uuid('payment_link_id', nullable),
    status: text('status'),
    statusDetail: text('status_detail', nullable),
    amountCents: cents('amount_cents'),
    refundedCents: cents('refunded_cents', { default: 0 }),
    approvedCents: cents('approved_cents', { default: 0 }),
    currency: text('currency'),
    externalReference: text('external_reference', nullable),
    collectorId: text('collector_id', nullable),
    isLive: bool('is_live'),
    outcome: text('outcome', { default: 'recorded' }),
    providerUpdatedAt: at('provider_updated_at'),
    receivedAt: at('received_at', nullable),
    raw: json('raw', { default: {} }),
    createdAt: at('created_at', now),
    updatedAt: at('updated_at', now),
  },
  uniques: [{ name: 'one_row_per_payment', columns: ['provider', 'providerPaymentId'] }],
  indices: [{ name: 'payments_of_reservation', columns: ['reservationId'] }],
  checks: [
    { name: 'payment_provider', expression: `provider IN ('mercadopago', 'cash', 'transfer')` },
    { name: 'amount_not_negative', expression: 'amount_cents >= 0' },
    { name: 'refunded_not_negative', expression: 'refunded_cents >= 0' },
    { name: 'approved_not_negative', expression: 'approved_cents >= 0' },
  ],
  foreignKeys: [
    references('payment_reservation', 'reservations', 'reservationId'),
    references('payment_link', 'payment_links', 'paymentLinkId'),
  ],
});

export type AllocationPurpose = 'deposit' | 'balance' | 'credit' | 'refund' | 'charged_back' | 'parked';
export type PaymentAllocationRow = {
  id: string;
  paymentId: string;
  purpose: AllocationPurpose;
  cents: number;
  reason: string | null;
  createdAt: Date;
};

export const paymentAllocations = new EntitySchema<PaymentAllocationRow>({
  name: 'payment_allocations',
  columns: {
    id: bigId(),
    paymentId: bigint('payment_id'),
    purpose: text('purpose'),
    cents: cents('cents'),
    reason: text('reason', nullable),
    createdAt: at('created_at', now),
  },
  indices: [{ name: 'allocations_of_payment', columns: ['paymentId'] }],
  checks: [
    {
      name: 'allocation_purpose',
      expression: `purpose IN ('deposit', 'balance', 'credit', 'refund', 'charged_back', 'parked')`,
    },
    { name: 'allocation_not_zero', expression: 'cents <> 0' },
  ],
  foreignKeys: [references('allocation_payment', 'payments', 'paymentId')],
});
