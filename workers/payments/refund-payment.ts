import { isChargedBack } from '#shared/domain/payments/decide-settlement.ts';
import type { Payment, Refund } from '#shared/domain/payments/payment.ts';
import { markFailed, markMade, markProcessing } from '#shared/domain/payments/refunds.ts';
import { lockReservation, settlePayment } from '#shared/domain/payments/settle-payment.ts';
import type { Stores } from '#shared/domain/ports.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { MercadoPagoError } from '#shared/integrations/mercadopago/errors.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** So often the provider may refuse before the owner is asked: a balance that is too low today may do tomorrow. */
const mostRefusals = 12;
const longestWaitMs = 3_600_000;

/**
 * Gives money back. The row was there before, the attempt is on it before the call, the key makes a repeated call the same
 * refund; before a call is repeated the payment is looked at, since the last one may have been heard (keys do not live for ever).
 * Dying anywhere leaves a row that the sweep finds.
 */
export async function refundPayment(
  { refundId }: Payload<'refund-payment'>,
  deps: Pick<WorkerDeps, 'payments' | 'inTransaction' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const seen = await deps.inTransaction(async (stores) => {
    const refund = await stores.refunds.find(refundId);
    const payment = refund && (await stores.payments.lockPaymentById(refund.paymentId));
    return refund && payment ? { refund, payment } : undefined;
  });
  if (!seen || (seen.refund.state !== 'wanted' && seen.refund.state !== 'processing')) return;
  if (seen.refund.calledAt !== null) await lookAgain(seen.payment, deps, signal);

  const begun = await deps.inTransaction((stores) => beginAttempt(refundId, stores));
  if (!begun) return;
  const { refund, payment } = begun;
  try {
    const made = await deps.payments.refund(
      { paymentId: payment.providerPaymentId, amountCents: refund.cents, idempotencyKey: `refund-${refund.id}` },
      signal,
    );
    await record(refund.id, deps, async (current, of, stores) => {
      const isDone = made.status === 'approved';
      const isRefused = made.status === 'rejected' || made.status === 'cancelled';
      if (isRefused) await markFailed(current, `provider:${made.status}`, of, stores);
      else if (isDone) await markMade(current, made.refundId, of, stores);
      else if (current.state === 'wanted') await markProcessing(current, made.refundId, stores);
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    deps.log.warn({ err: error, refundId }, 'refund refused');
    await lookAgain(payment, deps, signal);
    if (refund.attempts < mostRefusals) return;
    await record(refund.id, deps, async (current, of, stores) => {
      await markFailed(current, error.message, of, stores);
    });
    return;
  }
  // What the payment itself says now; when this fails, the sweeps or a notice do it.
  await lookAgain(payment, deps, signal);
}

/** Refused for what we asked, not for the moment. */
function isRefusal(error: unknown): error is MercadoPagoError {
  return error instanceof MercadoPagoError && (error.kind === 'invalid' || error.kind === 'not_found');
}

async function lookAgain(
  payment: Payment,
  deps: Pick<WorkerDeps, 'payments' | 'inTransaction'>,
  signal: AbortSignal,
): Promise<void> {
  const provided = await deps.payments.getPayment(payment.providerPaymentId, signal);
  if (provided) await deps.inTransaction((stores) => settlePayment(provided, stores));
}

/** Counts the attempt, unless the refund needs none any more. */
async function beginAttempt(
  refundId: string,
  stores: Stores,
): Promise<{ refund: Refund; payment: Payment } | undefined> {
  const locked = await lockAll(refundId, stores);
  if (!locked) return undefined;
  const { refund, payment, reservation } = locked;
  if (refund.state === 'processing') {
    await stores.refunds.update(refund.id, { nextAttemptAt: new Date(stores.now.getTime() + 10 * 60_000) });
    return undefined;
  }
  if (refund.state !== 'wanted') return undefined;
  // What can no longer go back has gone already, whoever sent it; what is left still goes.
  const isLost = isChargedBack(payment);
  const leftCents = isLost ? 0 : payment.approvedCents - payment.refundedCents;
  const cents = refund.calledAt === null && leftCents > 0 ? Math.min(refund.cents, leftCents) : refund.cents;
  if (cents !== refund.cents) await stores.refunds.update(refund.id, { cents });
  if (cents > leftCents) {
    await markFailed(refund, isLost ? 'charged_back' : 'already_returned', { payment, reservation }, stores);
    return undefined;
  }
  const attempts = refund.attempts + 1;
  const nextAttemptAt = new Date(stores.now.getTime() + Math.min(longestWaitMs, 15_000 * 2 ** refund.attempts));
  await stores.refunds.update(refund.id, { attempts, nextAttemptAt, calledAt: stores.now });
  return { refund: { ...refund, cents, attempts, calledAt: stores.now }, payment };
}

type Of = { payment: Payment; reservation: Reservation | null };

async function record(
  refundId: string,
  deps: Pick<WorkerDeps, 'inTransaction'>,
  write: (refund: Refund, of: Of, stores: Stores) => Promise<void>,
): Promise<void> {
  await deps.inTransaction(async (stores) => {
    const locked = await lockAll(refundId, stores);
    if (locked && (locked.refund.state === 'wanted' || locked.refund.state === 'processing'))
      await write(locked.refund, locked, stores);
  });
}

/** Unit, reservation, payment, refund: the order of house.md. */
async function lockAll(refundId: string, stores: Stores): Promise<(Of & { refund: Refund }) | undefined> {
  const seen = await stores.refunds.find(refundId);
  if (!seen) return undefined;
  const reservation = seen.reservationId ? await lockReservation(seen.reservationId, stores) : null;
  const payment = await stores.payments.lockPaymentById(seen.paymentId);
  const refund = await stores.refunds.lock(refundId);
  return payment && refund ? { refund, payment, reservation } : undefined;
}
