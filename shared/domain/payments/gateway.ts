import type { ProviderPayment } from './payment.ts';

/** What a payment link is made from. Amounts are integer cents; `expiresAt` is when it closes. */
export type PaymentLinkRequest = {
  linkId: string;
  /** Becomes `external_reference`: never a phone or a name. */
  reservationId: string;
  /** What the payer reads; no personal data. */
  title: string;
  amountCents: number;
  currency: string;
  expiresAt: Date;
  notificationUrl: string;
  backUrl?: string;
  /** `preference-<payment link id>`: asking twice makes one link. */
  idempotencyKey: string;
};

/** A link as the provider made it; `url` goes to the guest unchanged, `expiresAt` is the provider's. */
export type ProviderLink = { preferenceId: string; url: string; collectorId: string; expiresAt: Date };

/** A refund as the provider holds it; `approved` is money on its way back, `in_process` is not yet. */
export type ProviderRefund = { refundId: string; status: string; amountCents?: number };

/**
 * The port in front of the payment provider. Preferences are behind it today, and Orders can follow: a link, its payments by
 * our reference, and refunds by our key are all that it asks for; no word of it is a preference's own but `preferenceId`, the
 * provider's id of the link, opaque to us. Every call throws its adapter's own error and nothing else, with a `kind` (`not_found`,
 * `rate_limited`, `temporary`, `invalid`, `auth`, `ambiguous`); an aborted signal makes it `ambiguous` (the call may still arrive).
 */
export type PaymentGateway = {
  createPaymentLink(request: PaymentLinkRequest, signal?: AbortSignal): Promise<ProviderLink>;
  /** The payment as it is now; undefined when the provider does not know it (yet). */
  getPayment(id: string, signal?: AbortSignal): Promise<ProviderPayment | undefined>;
  /** All payments of one reservation, oldest first. */
  findPayments(by: { externalReference: string }, signal?: AbortSignal): Promise<ProviderPayment[]>;
  /** All payments that changed between the two times, by `date_last_updated`, oldest first. */
  findPaymentsUpdatedSince(from: Date, to: Date, signal?: AbortSignal): Promise<ProviderPayment[]>;
  /** Ends a link now; a link that does not exist counts as ended. A card payment in flight may still arrive. */
  closePaymentLink(preferenceId: string, signal?: AbortSignal): Promise<void>;
  /** Gives back `amountCents`, or all that is left. `idempotencyKey` is `refund-<refund id>`. */
  refund(
    request: { paymentId: string; amountCents?: number; idempotencyKey: string },
    signal?: AbortSignal,
  ): Promise<ProviderRefund>;
  /** Who we are there: the collector of our payments. */
  getMe(signal?: AbortSignal): Promise<{ id: string; siteId?: string; nickname?: string }>;
};
