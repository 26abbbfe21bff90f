import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import type { Reservation } from '../reservations/reservation.ts';
import { splitForStay, sumHoldings } from './decide-settlement.ts';
import type { AllocatedPayment } from './payment.ts';
import { requestRefund } from './refunds.ts';

/**
 * A reservation is being confirmed: its credit becomes its deposit as far as that is still needed, oldest money first, and the
 * rest goes back. The reservation is locked. Returns the cents that were used.
 */
export async function spendCredit(reservation: Reservation, stores: Stores): Promise<Cents> {
  const held = await lockCredits(reservation.id, stores);
  if (held.length === 0) return 0;
  let usedCents = 0;
  let { depositCents } = sumHoldings(await stores.payments.listOf(reservation.id), reservation);
  for (const { payment, allocations } of held) {
    const { credit = 0, deposit = 0, ...rest } = allocations;
    const isOwn = payment.currency === reservation.currency;
    const used = isOwn ? (splitForStay(credit, reservation, { depositCents, balanceCents: 0 }).deposit ?? 0) : 0;
    depositCents += used;
    usedCents += used;
    await stores.payments.allocate(
      payment.id,
      { ...rest, deposit: deposit + used, credit: credit - used },
      'credit_used',
    );
    await stores.payments.updatePayment(payment.id, { outcome: 'deposit' });
    const leftover = { cents: credit, from: ['credit'], reason: 'difference', actor: 'system' } as const;
    await requestRefund({ payment, reservation }, leftover, stores);
  }
  const offer = await stores.offers.findOfReservation(reservation.id);
  if (offer?.state === 'open')
    await stores.offers.update(offer.id, {
      state: 'accepted',
      acceptedReservationId: reservation.id,
      closedAt: stores.now,
    });
  return usedCents;
}

/** Payments of a reservation with money that is offered for something else, or was taken for it; oldest first. */
export async function creditsOf(reservationId: string, stores: Stores): Promise<AllocatedPayment[]> {
  return (await stores.payments.listOf(reservationId)).filter(({ allocations }) => (allocations.credit ?? 0) > 0);
}

/** Locks them, oldest first, and reads again what lies on them. */
export async function lockCredits(reservationId: string, stores: Stores): Promise<AllocatedPayment[]> {
  for (const { payment } of await creditsOf(reservationId, stores)) await stores.payments.lockPaymentById(payment.id);
  return creditsOf(reservationId, stores);
}

/** Cents of credit that lie on them. */
export function sumCredit(payments: readonly AllocatedPayment[]): Cents {
  return payments.reduce((sum, { allocations }) => sum + (allocations.credit ?? 0), 0);
}
