import type { CalendarDesk } from '../calendars/desk.ts';
import { importBeforeSettling } from '../calendars/import-before-sale.ts';
import type { PaymentGateway } from './gateway.ts';
import type { InTransaction } from '../ports.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import type { ProviderPayment } from './payment.ts';
import { settlePayment } from './settle-payment.ts';

/** Statuses of money that may still come. */
const onItsWay = new Set(['pending', 'in_process', 'authorized']);

/** With a calendar desk, what platforms sold is heard before money settles anything. */
export type Asking = { payments: PaymentGateway; inTransaction: InTransaction; calendars?: CalendarDesk };

/**
 * Asks the provider for every payment of a reservation and settles each in its own transaction; no lock is held while asking.
 * `isPending`: some payment may still be approved. Throws what the gateway throws.
 */
export async function settlePaymentsOf(
  reservationId: ReservationId,
  deps: Asking,
  signal: AbortSignal,
): Promise<{ isPending: boolean }> {
  const found = await deps.payments.findPayments({ externalReference: reservationId }, signal);
  for (const payment of found) {
    const whole = await withRefunds(payment, deps, signal);
    await importBeforeSettling(whole, deps, signal);
    await deps.inTransaction((stores) => settlePayment(whole, stores));
  }
  return { isPending: found.some((payment) => onItsWay.has(payment.status)) };
}

/** The payment with its refunds by name, asked for where an answer of a search says only how much went back. */
export async function withRefunds(
  payment: ProviderPayment,
  deps: Asking,
  signal: AbortSignal,
): Promise<ProviderPayment> {
  const isSilent = payment.refunds === undefined || (payment.refunds.length === 0 && payment.refundedCents > 0);
  if (!isSilent || (payment.refundedCents === 0 && payment.status !== 'refunded')) return payment;
  return (await deps.payments.getPayment(payment.id, signal)) ?? payment;
}
