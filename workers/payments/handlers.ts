import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { closePaymentLink } from './close-payment-link.ts';
import { createPaymentLink } from './create-payment-link.ts';
import { settlePaymentById } from './settle-payment.ts';
import { sweepMissingLinks } from './sweep-missing-links.ts';
import { sweepUnsettledPayments } from './sweep-unsettled-payments.ts';

/** Links, and the money that comes by them. */
export const paymentHandlers: Handlers<'payments', WorkerDeps> = {
  'create-payment-link': createPaymentLink,
  'close-payment-link': closePaymentLink,
  'settle-payment': settlePaymentById,
  'sweep-missing-links': sweepMissingLinks,
  'sweep-unsettled-payments': sweepUnsettledPayments,
};
