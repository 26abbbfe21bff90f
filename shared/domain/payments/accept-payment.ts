import { DomainError } from '../errors.ts';
import type { Stores } from '../ports.ts';
import { confirmReservation } from '../reservations/confirm.ts';
import type { Actor, Reservation } from '../reservations/reservation.ts';
import { isStanding, splitForStay, sumHoldings, type Outcome } from './decide-settlement.ts';
import { spendCredit } from './credit.ts';
import type { Payment } from './payment.ts';
import { lockReservation } from './settle-payment.ts';

/**
 * The owner takes parked money as it is (too little, another currency, another payee, a reference nobody knew): it counts for
 * its reservation or for the one named. A hold is confirmed by it, an expired one when its nights are free. Throws
 * `payment_not_found`, `reservation_not_found`, `stay_unavailable`, and `invalid_state` when nothing is parked or the stay is
 * cancelled.
 */
export async function acceptPayment(
  wanted: { paymentId: string; reservationId?: string; actor: Actor },
  stores: Stores,
): Promise<{ payment: Payment; reservation: Reservation; outcome: Outcome }> {
  const seen = await stores.payments.findPaymentByAnyId(wanted.paymentId);
  if (!seen) throw new DomainError('payment_not_found');
  const reservationId = wanted.reservationId ?? seen.reservationId;
  const reservation = reservationId ? await lockReservation(reservationId, stores) : null;
  if (!reservation) throw new DomainError('reservation_not_found');
  const payment = await stores.payments.lockPaymentById(seen.id);
  if (!payment) throw new DomainError('payment_not_found');
  const { parked = 0 } = await stores.payments.allocationsOf(payment.id);
  if (parked <= 0) throw new DomainError('invalid_state', { outcome: payment.outcome });
  if (reservation.status === 'cancelled') throw new DomainError('invalid_state', { status: reservation.status });
  if (reservation.status === 'expired' && !(await stores.reservations.takeNights(reservation)))
    throw new DomainError('stay_unavailable');

  if (payment.reservationId !== reservation.id)
    await stores.payments.updatePayment(payment.id, { reservationId: reservation.id });
  const confirms = !isStanding(reservation.status);
  if (confirms) await spendCredit(reservation, stores);
  const { parked: _parked, ...has } = await stores.payments.allocationsOf(payment.id);
  const others = (await stores.payments.listOf(reservation.id)).filter((other) => other.payment.id !== payment.id);
  const isForeign = payment.currency !== reservation.currency;
  const own = { depositCents: has.deposit ?? 0, balanceCents: has.balance ?? 0 };
  const held = sumHoldings(others, reservation);
  const split = isForeign
    ? { deposit: parked, balance: 0, parked: 0 }
    : splitForStay(parked, reservation, {
        depositCents: held.depositCents + own.depositCents,
        balanceCents: held.balanceCents + own.balanceCents,
      });
  const deposit = own.depositCents + (split.deposit ?? 0);
  // More than the stay costs is kept to the guest's account when the owner says so.
  const balance = own.balanceCents + (split.balance ?? 0) + (split.parked ?? 0);
  await stores.payments.allocate(payment.id, { ...has, deposit, balance }, 'accepted');
  const outcome: Outcome = confirms ? 'confirmed' : split.deposit ? 'deposit' : 'balance';
  await stores.payments.updatePayment(payment.id, { outcome });
  await stores.reservations.addEvent(reservation.id, wanted.actor, 'payment_accepted', {
    paymentId: payment.providerPaymentId,
    cents: parked,
    currency: payment.currency,
  });
  if (!confirms) return { payment, reservation, outcome };
  const after = sumHoldings(await stores.payments.listOf(reservation.id), reservation);
  const paidCents = after.depositCents + after.balanceCents;
  return {
    payment,
    reservation: await confirmReservation(reservation, stores, { actor: wanted.actor, paidCents }),
    outcome,
  };
}
