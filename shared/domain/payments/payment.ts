import type { Cents } from '../money.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import type { Outcome } from './decide-settlement.ts';

export type PaymentLinkId = string;

/** A link that a guest pays by: wanted → open → closing → closed, or failed. */
export type PaymentLink = {
  id: PaymentLinkId;
  reservationId: ReservationId;
  purpose: 'deposit' | 'balance';
  state: 'wanted' | 'open' | 'closing' | 'closed' | 'failed';
  amountCents: Cents;
  currency: string;
  expiresAt: Date;
  preferenceId: string | null;
  url: string | null;
  collectorId: string | null;
  attempts: number;
  lateToldAt: Date | null;
  createdAt: Date;
};

/**
 * A payment, normalised. Amounts are integer cents of `currency`; times are ISO in UTC. `status` is Mercado Pago's
 * (pending, authorized, in_process, in_mediation, approved, rejected, cancelled, refunded, charged_back). Nothing of the
 * payer is taken over.
 */
export type ProviderPayment = {
  id: string;
  status: string;
  statusDetail?: string;
  /** Gross. */
  amountCents: number;
  /** All that went back so far. */
  refundedCents: number;
  currency: string;
  externalReference?: string;
  collectorId?: string;
  /** False only for test-mode payments. */
  liveMode: boolean;
  dateCreated: string;
  dateLastUpdated: string;
  dateApproved?: string;
  preferenceId?: string;
  /** Our payment link, as put into the preference's metadata. */
  linkId?: string;
  /** `credit_card`, `account_money`, … */
  paymentType?: string;
  /** Every refund of it, ours or not; undefined when the provider's answer does not list them. */
  refunds?: readonly { id: string; cents: Cents; status: string }[];
};

export type AllocationPurpose = 'deposit' | 'balance' | 'credit' | 'refund' | 'charged_back' | 'parked';

/** A payment as we keep it. `approvedCents` is gross: what was ever approved, refunds not taken off. */
export type Payment = {
  id: string;
  provider: 'mercadopago' | 'cash' | 'transfer';
  providerPaymentId: string;
  reservationId: ReservationId | null;
  status: string;
  statusDetail: string | null;
  amountCents: Cents;
  refundedCents: Cents;
  approvedCents: Cents;
  currency: string;
  collectorId: string | null;
  isLive: boolean;
  outcome: Outcome;
  providerUpdatedAt: Date;
};

/** Net cents per purpose; a purpose that is not named holds nothing. */
export type Allocations = Partial<Record<AllocationPurpose, Cents>>;

/** A payment with where each of its cents lies. */
export type AllocatedPayment = { payment: Payment; allocations: Allocations };

/** Why money goes back. */
export type RefundReason =
  | 'duplicate'
  | 'late'
  | 'cancelled'
  | 'offer_declined'
  | 'offer_expired'
  | 'difference'
  | 'owner';

/**
 * Money on its way back: wanted → (processing →) made, or failed for good; by_hand waits for the owner (cash, transfers).
 * `isCounted`: the payment's `refundedCents` contain it.
 */
export type Refund = {
  id: string;
  paymentId: string;
  reservationId: ReservationId | null;
  cents: Cents;
  reason: RefundReason;
  state: 'wanted' | 'processing' | 'made' | 'failed' | 'by_hand';
  isCounted: boolean;
  providerRefundId: string | null;
  attempts: number;
  calledAt: Date | null;
};

export type OfferId = string;

/** Other nights or units for money that came after its nights were gone; the money itself lies as `credit`. */
export type Offer = {
  id: OfferId;
  /** The stay that could not be had, later the hold that was chosen instead and ended unpaid. */
  reservationId: ReservationId;
  contactId: string | null;
  state: 'open' | 'accepted' | 'declined' | 'expired' | 'withdrawn';
  expiresAt: Date;
  acceptedReservationId: ReservationId | null;
};
