import type { Cents } from '../money.ts';
import type { ReservationStatus } from '../reservations/reservation.ts';
import type { AllocatedPayment, AllocationPurpose, Allocations } from './payment.ts';

/** Why money is parked: recorded, told to the owner, confirming nothing. */
export type ParkReason =
  | 'unknown_reference'
  | 'test_mode'
  | 'other_currency'
  | 'other_collector'
  | 'in_mediation'
  | 'insufficient'
  /** More than the whole stay costs. */
  | 'overpaid'
  /** The owner's own record of money for a stay that cannot be had: no machine sends it back. */
  | 'late'
  | 'cancelled'
  | 'refund_failed'
  | 'dispute_over';

/** Where a payment stands, in one stable word: a metric's label, so a closed list. */
export type Outcome =
  | 'recorded'
  | 'pending'
  | 'rejected'
  | 'confirmed'
  | 'rescued'
  | 'deposit'
  | 'balance'
  | 'offered'
  | 'refunding:duplicate'
  | 'refunding:late'
  | 'refunding:cancelled'
  | 'refunding:requested'
  | 'refunded'
  | 'disputed'
  | 'charged_back'
  | `parked:${ParkReason}`;

const moneyStatuses = new Set(['approved', 'refunded', 'charged_back', 'in_mediation']);

/** Was this payment's money ever ours? */
export function isMoney(status: string): boolean {
  return moneyStatuses.has(status);
}

/** Is its money with the payer's bank? A charge-back that was decided for the lodging keeps its status, but the money is back. */
export function isChargedBack({ status, statusDetail }: { status: string; statusDetail: string | null }): boolean {
  return status === 'charged_back' && statusDetail !== 'reimbursed';
}

/** Does a stay stand on its deposit? */
export function isStanding(status: ReservationStatus): boolean {
  return status === 'confirmed' || status === 'completed' || status === 'no_show';
}

/** What a reservation's other payments hold, in its currency; net cents. */
export type Holdings = {
  depositCents: Cents;
  balanceCents: Cents;
  /** Of an accepted or open offer. */
  creditCents: Cents;
  /** Parked only because each was too little. */
  partialsCents: Cents;
};

/** Sums what payments of one reservation hold; money in another currency that the owner accepted counts as its whole deposit. */
export function sumHoldings(
  payments: readonly AllocatedPayment[],
  { currency, depositCents }: { currency: string; depositCents: Cents },
): Holdings {
  const own = payments.filter(({ payment }) => payment.currency === currency);
  const foreign = payments.some(({ payment, allocations }) => payment.currency !== currency && allocations.deposit);
  const sum = (purpose: AllocationPurpose, of = own): Cents =>
    of.reduce((total, { allocations }) => total + (allocations[purpose] ?? 0), 0);
  return {
    depositCents: foreign ? Math.max(depositCents, sum('deposit')) : sum('deposit'),
    balanceCents: sum('balance'),
    creditCents: sum('credit'),
    partialsCents: sum('parked', own.filter(isPartial)),
  };
}

/** Parked for no other reason than that it was too little. */
export function isPartial({ payment }: AllocatedPayment): boolean {
  return payment.outcome === 'parked:insufficient';
}

/** What is known at the moment the rows are locked. */
export type PlacementFacts = {
  reservation: { status: ReservationStatus; depositCents: Cents; totalCents: Cents; currency: string } | null;
  /** What the payer was asked for; the owner's own records count as balance. */
  purpose: 'deposit' | 'balance';
  /** Who our link collects for; null when no link tells. */
  expectedCollectorId: string | null;
  others: Holdings;
  /** The reservation's money is offered for something else, or was taken for it. */
  hasOffer: boolean;
  /** Whether an expired hold could be taken again, its nights being free. */
  rescue: 'possible' | 'check_in_past' | 'other_stay';
  isProduction: boolean;
};

/** What is to be done with money that was just approved. `rescue`: take the nights again; gone → offer, else refund. */
export type Placement =
  | { do: 'park'; reason: ParkReason }
  | { do: 'refund'; reason: 'duplicate' | 'late' | 'cancelled' }
  | { do: 'deposit'; confirms: boolean }
  | { do: 'balance' }
  | { do: 'rescue' };

export type NewMoney = {
  netCents: Cents;
  currency: string;
  status: string;
  liveMode: boolean;
  collectorId: string | null;
};

/** Where newly approved money belongs, by the table of rules.md (Money): pure, so that every cell can be tested. */
export function decidePlacement(money: NewMoney, facts: PlacementFacts): Placement {
  const { reservation, others } = facts;
  if (!reservation) return { do: 'park', reason: 'unknown_reference' };
  if (facts.isProduction && !money.liveMode) return { do: 'park', reason: 'test_mode' };
  if (money.currency !== reservation.currency) return { do: 'park', reason: 'other_currency' };
  if (facts.expectedCollectorId && money.collectorId && money.collectorId !== facts.expectedCollectorId)
    return { do: 'park', reason: 'other_collector' };
  if (money.status === 'in_mediation') return { do: 'park', reason: 'in_mediation' };
  if (reservation.status === 'cancelled') return { do: 'refund', reason: 'cancelled' };
  const isCovered = others.depositCents >= reservation.depositCents;
  if (isStanding(reservation.status) && isCovered)
    return facts.purpose === 'balance' ? { do: 'balance' } : { do: 'refund', reason: 'duplicate' };
  if (reservation.status === 'expired' && facts.hasOffer) return { do: 'refund', reason: 'duplicate' };
  const together = others.depositCents + others.creditCents + others.partialsCents + money.netCents;
  if (together < reservation.depositCents) return { do: 'park', reason: 'insufficient' };
  if (reservation.status === 'held') return { do: 'deposit', confirms: true };
  if (isStanding(reservation.status)) return { do: 'deposit', confirms: false };
  return facts.rescue === 'possible' ? { do: 'rescue' } : { do: 'refund', reason: 'late' };
}

/** Splits money that counts for a stay: its deposit first, then its balance, and what the stay does not cost is parked. */
export function splitForStay(
  netCents: Cents,
  stay: { depositCents: Cents; totalCents: Cents },
  others: { depositCents: Cents; balanceCents: Cents },
): Allocations {
  const deposit = Math.min(netCents, Math.max(0, stay.depositCents - others.depositCents));
  const owed = Math.max(0, stay.totalCents - others.depositCents - others.balanceCents - deposit);
  const balance = Math.min(netCents - deposit, owed);
  return { deposit, balance, parked: netCents - deposit - balance };
}

/** From where cents leave when they go back: what nobody counts on first, the deposit last. */
const leavingOrder: readonly AllocationPurpose[] = ['parked', 'credit', 'balance', 'deposit', 'charged_back'];

/** Takes cents out of the purposes in that order and puts them under another; takes less when there is less. */
export function moveCents(
  from: Allocations,
  cents: Cents,
  to: AllocationPurpose,
  order: readonly AllocationPurpose[] = leavingOrder,
): Allocations {
  const result: Allocations = { ...from };
  let left = cents;
  for (const purpose of order) {
    if (purpose === to) continue;
    const taken = Math.min(left, result[purpose] ?? 0);
    result[purpose] = (result[purpose] ?? 0) - taken;
    left -= taken;
  }
  result[to] = (result[to] ?? 0) + (cents - left);
  return result;
}

/**
 * Money that has its place keeps it; only what the provider says happened since is moved: more or less gross, cents that went
 * back (`returnedCents` in all, our refunds on their way included), a charge-back, or the end of one (back to `parked`).
 */
export function adjustAllocations(
  has: Allocations,
  to: { grossCents: Cents; returnedCents: Cents; isChargedBack: boolean },
): Allocations {
  const sum = Object.values(has).reduce((total, cents) => total + cents, 0);
  let next: Allocations = { ...has };
  if (to.grossCents > sum) next.parked = (next.parked ?? 0) + to.grossCents - sum;
  if (to.grossCents < sum) {
    const { refund = 0, ...kept } = moveCents(next, sum - to.grossCents, 'refund');
    next = { ...kept, refund: refund - (sum - to.grossCents) };
  }
  const more = to.returnedCents - (next.refund ?? 0);
  next = more >= 0 ? moveCents(next, more, 'refund') : moveCents(next, -more, 'parked', ['refund']);
  if (to.isChargedBack) return { refund: next.refund ?? 0, charged_back: to.grossCents - (next.refund ?? 0) };
  return next.charged_back ? moveCents(next, next.charged_back, 'parked', ['charged_back']) : next;
}

/** The word for money that has its place, after something happened to it; `before` stays where it is still true. */
export function outcomeOf(
  payment: { status: string; statusDetail: string | null },
  has: Allocations,
  before: Outcome,
): Outcome {
  const { status } = payment;
  const net = Object.entries(has).reduce((total, [purpose, cents]) => total + (purpose === 'refund' ? 0 : cents), 0);
  if (isChargedBack(payment)) return 'charged_back';
  if (net <= 0) return before.startsWith('refunding:') && status !== 'refunded' ? before : 'refunded';
  if (status === 'in_mediation') return before === 'parked:in_mediation' ? before : 'disputed';
  const isPassing = ['disputed', 'charged_back', 'refunded'].includes(before) || before.startsWith('refunding:');
  if (!isPassing) return before;
  if (has.deposit) return 'deposit';
  if (has.balance) return 'balance';
  if (has.credit) return 'offered';
  return 'parked:dispute_over';
}
