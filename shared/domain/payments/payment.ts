import type { Cents } from '../money.ts';
import type { ReservationId } from '../reservations/reservation.ts';

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
};

export type AllocationPurpose = 'deposit' | 'balance' | 'credit' | 'refund' | 'charged_back' | 'parked';

/** A payment as we keep it. `approvedCents` is gross: what was ever approved, refunds not taken off. */
export type Payment = {
  id: string;
  provider: 'mercadopago' | 'cash' | 'transfer';
  providerPaymentId: string;
  reservationId: ReservationId | null;
  status: string;
  amountCents: Cents;
  refundedCents: Cents;
  approvedCents: Cents;
  currency: string;
  outcome: string;
  providerUpdatedAt: Date;
};

/** Net cents per purpose. */
export type Allocations = Partial<Record<AllocationPurpose, Cents>>;
