import { randomUUID } from 'node:crypto';
import { DomainError } from '../errors.ts';
import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import type { Actor, ReservationId } from '../reservations/reservation.ts';
import type { Outcome } from './decide-settlement.ts';
import type { Payment } from './payment.ts';
import { placeMoney } from './place-money.ts';
import { lockReservation } from './settle-payment.ts';

export type ReceivedMoney = {
  reservationId: ReservationId;
  amountCents: Cents;
  method: 'cash' | 'transfer';
  /** The owner's own number for it; the same one is recorded once. Made up when absent. */
  reference?: string;
  /** ISO 4217; the reservation's when absent. */
  currency?: string;
  actor: Actor;
};

/**
 * Cash or a transfer that the owner received: allocated as any other money, so a deposit confirms a hold and takes the nights of
 * an expired one again when they are free. Throws `reservation_not_found` and `invalid_money`; `isNew` false: that
 * reference was recorded before and nothing changed.
 */
export async function recordPayment(
  received: ReceivedMoney,
  stores: Stores,
): Promise<{ payment: Payment; outcome: Outcome; isNew: boolean }> {
  const { amountCents, method, actor } = received;
  if (!Number.isSafeInteger(amountCents) || amountCents <= 0) throw new DomainError('invalid_money');
  const reservation = await lockReservation(received.reservationId, stores);
  if (!reservation) throw new DomainError('reservation_not_found');
  const { payment, isNew } = await stores.payments.insertReceived({
    provider: method,
    reference: received.reference ?? `${method}-${randomUUID()}`,
    reservationId: reservation.id,
    amountCents,
    currency: received.currency ?? reservation.currency,
  });
  if (!isNew) {
    const isSame = payment.amountCents === amountCents && payment.reservationId === reservation.id;
    if (!isSame) throw new DomainError('invalid_state', { reference: payment.providerPaymentId });
    return { payment, outcome: payment.outcome, isNew };
  }
  await stores.payments.updatePayment(payment.id, { approvedCents: amountCents });
  const known = { ...payment, approvedCents: amountCents };
  const money = { payment: known, reservation, netCents: amountCents, refundCents: 0, link: null, actor };
  return { payment: known, outcome: await placeMoney(money, stores), isNew };
}
