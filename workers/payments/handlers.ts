import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { closePaymentLink } from './close-payment-link.ts';
import { createPaymentLink } from './create-payment-link.ts';
import { refundPayment } from './refund-payment.ts';
import { settlePaymentById } from './settle-payment.ts';
import { sweepDueOffers } from './sweep-due-offers.ts';
import { sweepMissingLinks } from './sweep-missing-links.ts';
import { sweepRecentPayments } from './sweep-recent-payments.ts';
import { sweepUnmadeRefunds } from './sweep-unmade-refunds.ts';
import { sweepUnsettledPayments } from './sweep-unsettled-payments.ts';

/** Links, and the money that comes by them. */
export const paymentHandlers: Handlers<'payments', WorkerDeps> = {
  'create-payment-link': createPaymentLink,
  'close-payment-link': closePaymentLink,
  'settle-payment': settlePaymentById,
  'sweep-missing-links': sweepMissingLinks,
  'sweep-unsettled-payments': sweepUnsettledPayments,
  'refund-payment': refundPayment,
  'sweep-unmade-refunds': sweepUnmadeRefunds,
  'sweep-due-offers': sweepDueOffers,
  'sweep-recent-payments': sweepRecentPayments,
};
