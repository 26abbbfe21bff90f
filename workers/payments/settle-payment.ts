import { importBeforeSettling } from '#shared/domain/calendars/import-before-sale.ts';
import { settlePayment } from '#shared/domain/payments/settle-payment.ts';
import { MercadoPagoError } from '#shared/integrations/mercadopago/errors.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** A notice may come before its payment can be read; one that is unknown for longer does not exist. */
const unknownForMs = 10 * 60_000;

/** Somebody says this payment changed: fetch it (the notice itself is only a hint) and settle it. */
export async function settlePaymentById(
  { paymentId, toldAt }: Payload<'settle-payment'>,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments' | 'log'> & Partial<Pick<WorkerDeps, 'calendars'>>,
  signal: AbortSignal,
): Promise<void> {
  const payment = await deps.payments.getPayment(paymentId, signal);
  if (!payment) {
    const isNew = toldAt !== undefined && Date.now() - Date.parse(toldAt) < unknownForMs;
    if (isNew) throw new MercadoPagoError('temporary', { detail: 'the payment is not visible yet' });
    deps.log.info({ paymentId }, 'told of a payment that does not exist');
    return;
  }
  await importBeforeSettling(payment, deps, signal);
  const outcome = await deps.inTransaction((stores) => settlePayment(payment, stores));
  deps.log.info({ paymentId, outcome }, 'payment settled');
}
