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

/** A payment as the provider tells it. Cents; dates are ISO instants, `dateLastUpdated` orders the events of one payment. */
export type ProviderPayment = {
  id: string;
  status: string;
  statusDetail?: string;
  /** Gross. */
  amountCents: Cents;
  /** All that went back so far. */
  refundedCents: Cents;
  currency: string;
  externalReference?: string;
  collectorId?: string;
  /** False only for test-mode payments. */
  liveMode: boolean;
  dateCreated: string;
  dateLastUpdated: string;
  dateApproved?: string;
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
