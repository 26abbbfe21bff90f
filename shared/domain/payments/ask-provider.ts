import type { PaymentGateway } from './gateway.ts';
import type { InTransaction } from '../ports.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import { settlePayment } from './settle-payment.ts';

/** Statuses of money that may still come. */
const onItsWay = new Set(['pending', 'in_process', 'authorized']);

/**
 * Asks the provider for every payment of a reservation and settles each in its own transaction; no lock is held while asking.
 * `isPending`: some payment may still be approved. Throws what the gateway throws.
 */
export async function settlePaymentsOf(
  reservationId: ReservationId,
  deps: { payments: PaymentGateway; inTransaction: InTransaction },
  signal: AbortSignal,
): Promise<{ isPending: boolean }> {
  const found = await deps.payments.findPayments({ externalReference: reservationId }, signal);
  for (const payment of found) await deps.inTransaction((stores) => settlePayment(payment, stores));
  return { isPending: found.some((payment) => onItsWay.has(payment.status)) };
}
