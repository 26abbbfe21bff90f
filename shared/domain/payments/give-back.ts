import { DomainError } from '../errors.ts';
import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import type { Actor, Reservation } from '../reservations/reservation.ts';
import { isStanding } from './decide-settlement.ts';
import { withdrawEmptyOffer } from './offers.ts';
import type { AllocationPurpose, Payment, Refund } from './payment.ts';
import { markMade, netOf, requestRefund } from './refunds.ts';
import { lockReservation } from './settle-payment.ts';

export type GiveBack = {
  /** All payments of a reservation, or one payment (by our id or the provider's). */
  reservationId?: string;
  paymentId?: string;
  /** At most so many cents in all; everything that may go when absent. */
  cents?: Cents;
  /** Also what a stay that stands was paid with; implied by `cents`. */
  includingStay?: boolean;
  actor: Actor;
};

/**
 * The owner sends money back: by itself only what no standing stay counts on; the stay stays as it is. Throws
 * `reservation_not_found`, `payment_not_found`, and `invalid_state` when there is nothing to give back.
 */
export async function giveBack(wanted: GiveBack, stores: Stores): Promise<Refund[]> {
  const { reservation, payments } = await lockAll(wanted, stores);
  const isFree = wanted.cents !== undefined || wanted.includingStay || !reservation || !isStanding(reservation.status);
  const from: AllocationPurpose[] = isFree ? ['parked', 'credit', 'balance', 'deposit'] : ['parked', 'credit'];
  const refunds: Refund[] = [];
  let left = wanted.cents ?? Number.MAX_SAFE_INTEGER;
  // What nobody counts on goes first, over all payments, before a deposit is touched.
  for (const purpose of from)
    for (const payment of payments) {
      const asked = { cents: left, from: [purpose], reason: 'owner', actor: wanted.actor } as const;
      const refund = await requestRefund({ payment, reservation }, asked, stores);
      if (refund) refunds.push(refund);
      left -= refund?.cents ?? 0;
    }
  if (reservation) await withdrawEmptyOffer(reservation, stores);
  if (refunds.length === 0) throw new DomainError('invalid_state', { reason: 'nothing_to_give_back' });
  return refunds;
}

/** The owner has handed back what only a person can (cash, transfers): the guest is told. */
export async function markGivenByHand(wanted: { reservationId: string }, stores: Stores): Promise<Refund[]> {
  const { reservation, payments } = await lockAll(wanted, stores);
  const done: Refund[] = [];
  for (const payment of payments) {
    const given = (await stores.refunds.listOf(payment.id)).filter(({ state }) => state === 'by_hand');
    if (given.length === 0) continue;
    for (const refund of given) {
      done.push(await markMade(refund, null, { payment, reservation }, stores));
      await stores.refunds.update(refund.id, { isCounted: true });
    }
    const refundedCents = given.reduce((sum, { cents }) => sum + cents, payment.refundedCents);
    const isOver = netOf(await stores.payments.allocationsOf(payment.id)) <= 0;
    await stores.payments.updatePayment(payment.id, { refundedCents, ...(isOver ? { outcome: 'refunded' } : {}) });
  }
  return done;
}

async function lockAll(
  { reservationId, paymentId }: Pick<GiveBack, 'reservationId' | 'paymentId'>,
  stores: Stores,
): Promise<{ reservation: Reservation | null; payments: Payment[] }> {
  const seen = paymentId ? await stores.payments.findPaymentByAnyId(paymentId) : undefined;
  if (paymentId && !seen) throw new DomainError('payment_not_found');
  const ofReservation = seen?.reservationId ?? reservationId;
  const reservation = ofReservation ? await lockReservation(ofReservation, stores) : null;
  if (!reservation && !seen) throw new DomainError('reservation_not_found');
  const ids = seen ? [seen.id] : (await stores.payments.listOf(reservation!.id)).map(({ payment }) => payment.id);
  const payments: Payment[] = [];
  for (const id of ids) {
    const payment = await stores.payments.lockPaymentById(id);
    if (payment) payments.push(payment);
  }
  return { reservation, payments };
}
