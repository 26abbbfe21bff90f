import type { Cents } from '../money.ts';
import type { ReservationStatus } from '../reservations/reservation.ts';
import type { AllocationPurpose, Allocations, PaymentLink, ProviderPayment } from './payment.ts';

/** Why money is parked: recorded, told to the owner, confirming nothing. */
export type ParkReason =
  | 'unknown_reference'
  | 'test_mode'
  | 'other_currency'
  | 'other_collector'
  | 'insufficient'
  | 'late'
  | 'cancelled_reservation'
  | 'duplicate'
  | 'in_mediation';

/** What is known about a payment's reservation at the moment its rows are locked. */
export type SettlementFacts = {
  reservation: { status: ReservationStatus; depositCents: Cents; currency: string } | null;
  link: Pick<PaymentLink, 'collectorId'> | null;
  /** Net cents that other payments of the reservation hold as its deposit. */
  depositFromOthersCents: Cents;
  /** Net cents of other payments parked only because they were too little. */
  parkedPartialsCents: Cents;
  /** What this payment is allocated to so far. */
  allocated: Allocations;
  isProduction: boolean;
};

export type Settlement = {
  /** One stable word per end; `parked:<reason>` for parked money. */
  outcome: 'pending' | 'rejected' | 'confirmed' | 'deposit' | 'refunded' | 'charged_back' | `parked:${ParkReason}`;
  allocations: Allocations;
  confirms: boolean;
  /** Somebody took money back (not by a refund of ours) from a stay that stands on it. */
  endangersStay: boolean;
};

const moneyStatuses = new Set(['approved', 'refunded', 'charged_back', 'in_mediation']);

/** Was this payment's money ever ours? */
export function isMoney(status: string): boolean {
  return moneyStatuses.has(status);
}

/**
 * What a payment means, by the table of rules.md (Money): pure, so that every cell can be tested. Allocations are net cents
 * per purpose; their sum is the gross amount once the payment was approved, and nothing before.
 */
export function decideSettlement(payment: ProviderPayment, facts: SettlementFacts): Settlement {
  const calm = { confirms: false, endangersStay: false };
  if (payment.status === 'rejected' || payment.status === 'cancelled')
    return { outcome: 'rejected', allocations: facts.allocated, ...calm };
  if (!isMoney(payment.status)) return { outcome: 'pending', allocations: facts.allocated, ...calm };

  const refunded = payment.status === 'refunded' ? payment.refundedCents || payment.amountCents : payment.refundedCents;
  const net = payment.amountCents - refunded;
  const had = facts.allocated.deposit ?? 0;
  const standing = facts.reservation !== null && ['confirmed', 'completed', 'no_show'].includes(facts.reservation.status);
  const isShort = (deposit: Cents): boolean =>
    standing && had > 0 && facts.depositFromOthersCents + deposit < (facts.reservation?.depositCents ?? 0);

  if (payment.status === 'charged_back')
    return {
      outcome: 'charged_back',
      allocations: { refund: refunded, charged_back: net },
      confirms: false,
      endangersStay: isShort(0),
    };
  if (net <= 0)
    return { outcome: 'refunded', allocations: { refund: refunded }, confirms: false, endangersStay: isShort(0) };

  const keep = (purpose: AllocationPurpose): Allocations => ({ refund: refunded, [purpose]: net });
  // Money that once became a deposit stays one while its stay stands; a part of it may have gone back.
  if (had > 0 && standing)
    return { outcome: 'confirmed', allocations: keep('deposit'), confirms: false, endangersStay: isShort(net) };

  const park = (reason: ParkReason): Settlement => ({ outcome: `parked:${reason}`, allocations: keep('parked'), ...calm });
  const { reservation } = facts;
  if (!reservation) return park('unknown_reference');
  if (facts.isProduction && !payment.liveMode) return park('test_mode');
  if (payment.currency !== reservation.currency) return park('other_currency');
  if (facts.link?.collectorId && payment.collectorId && payment.collectorId !== facts.link.collectorId)
    return park('other_collector');
  if (payment.status === 'in_mediation') return park('in_mediation');
  if (reservation.status === 'cancelled') return park('cancelled_reservation');
  if (reservation.status === 'expired') return park('late');
  if (standing) return park('duplicate');
  if (facts.depositFromOthersCents + facts.parkedPartialsCents + net < reservation.depositCents) return park('insufficient');
  return { outcome: 'confirmed', allocations: keep('deposit'), confirms: true, endangersStay: false };
}
