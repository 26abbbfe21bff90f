import { EntitySchema } from 'typeorm';
import { at, bigint, bool, cents, now, nullable, references, small, text, uuid, uuidId } from './columns.ts';

export type RefundRow = {
  id: string;
  paymentId: string;
  reservationId: string | null;
  cents: number;
  reason: string;
  requestedBy: string;
  state: 'wanted' | 'processing' | 'made' | 'failed' | 'by_hand';
  isCounted: boolean;
  providerRefundId: string | null;
  attempts: number;
  nextAttemptAt: Date;
  calledAt: Date | null;
  failure: string | null;
  madeAt: Date | null;
  createdAt: Date;
};

export const refunds = new EntitySchema<RefundRow>({
  name: 'refunds',
  columns: {
    id: uuidId(),
    paymentId: bigint('payment_id'),
    reservationId: uuid('reservation_id', nullable),
    cents: cents('cents'),
    reason: text('reason'),
    requestedBy: text('requested_by'),
    state: text('state', { default: 'wanted' }),
    isCounted: bool('is_counted', { default: false }),
    providerRefundId: text('provider_refund_id', nullable),
    attempts: small('attempts', { default: 0 }),
    nextAttemptAt: at('next_attempt_at', now),
    calledAt: at('called_at', nullable),
    failure: text('failure', nullable),
    madeAt: at('made_at', nullable),
    createdAt: at('created_at', now),
  },
  uniques: [{ name: 'one_row_per_refund', columns: ['providerRefundId'] }],
  indices: [
    { name: 'refunds_of_payment', columns: ['paymentId'] },
    { name: 'waiting_refunds', columns: ['nextAttemptAt'], where: `state IN ('wanted', 'processing')` },
  ],
  checks: [
    { name: 'refund_positive', expression: 'cents > 0' },
    { name: 'refund_state', expression: `state IN ('wanted', 'processing', 'made', 'failed', 'by_hand')` },
  ],
  foreignKeys: [
    references('refund_payment', 'payments', 'paymentId'),
    references('refund_reservation', 'reservations', 'reservationId'),
  ],
});

export type PaymentOfferRow = {
  id: string;
  reservationId: string;
  contactId: string | null;
  state: 'open' | 'accepted' | 'declined' | 'expired' | 'withdrawn';
  expiresAt: Date;
  acceptedReservationId: string | null;
  createdAt: Date;
  closedAt: Date | null;
};

export const paymentOffers = new EntitySchema<PaymentOfferRow>({
  name: 'payment_offers',
  columns: {
    id: uuidId(),
    reservationId: uuid('reservation_id'),
    contactId: bigint('contact_id', nullable),
    state: text('state', { default: 'open' }),
    expiresAt: at('expires_at'),
    acceptedReservationId: uuid('accepted_reservation_id', nullable),
    createdAt: at('created_at', now),
    closedAt: at('closed_at', nullable),
  },
  indices: [
    { name: 'one_open_offer', columns: ['reservationId'], unique: true, where: `state = 'open'` },
    { name: 'offers_of_contact', columns: ['contactId'] },
    { name: 'offers_accepted_as', columns: ['acceptedReservationId'] },
    { name: 'open_offers', columns: ['expiresAt'], where: `state = 'open'` },
  ],
  checks: [
    {
      name: 'offer_state',
      expression: `state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')`,
    },
  ],
  foreignKeys: [
    references('offer_reservation', 'reservations', 'reservationId'),
    references('offer_contact', 'contacts', 'contactId'),
    references('offer_accepted', 'reservations', 'acceptedReservationId'),
  ],
});
