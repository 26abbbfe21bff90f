import { refundDone, refundStuck } from '../conversations/money-notices.ts';
import type { Stores } from '../ports.ts';
import type { Actor, Reservation } from '../reservations/reservation.ts';
import { tellGuest } from '../reservations/tell-guest.ts';
import { isChargedBack, moveCents, type Outcome } from './decide-settlement.ts';
import type { Cents } from '../money.ts';
import type { AllocationPurpose, Allocations, Payment, ProviderPayment, Refund, RefundReason } from './payment.ts';

const outcomes: Record<RefundReason, Outcome> = {
  duplicate: 'refunding:duplicate',
  late: 'refunding:late',
  cancelled: 'refunding:cancelled',
  offer_declined: 'refunding:requested',
  offer_expired: 'refunding:late',
  difference: 'refunding:requested',
  owner: 'refunding:requested',
};

/**
 * Sends cents of a payment on their way back: the row and its allocation now, the call after the commit. At most what lies
 * under `from`; undefined when nothing does. Cash and transfers are given back by the owner, who is told. The payment is locked.
 */
export async function requestRefund(
  { payment, reservation }: { payment: Payment; reservation: Reservation | null },
  wanted: { cents: Cents; from: readonly AllocationPurpose[]; reason: RefundReason; actor: Actor },
  stores: Stores,
): Promise<Refund | undefined> {
  const has = await stores.payments.allocationsOf(payment.id);
  const available = wanted.from.reduce((sum, purpose) => sum + (has[purpose] ?? 0), 0);
  const cents = Math.min(wanted.cents, available);
  if (cents <= 0) return undefined;
  const next = moveCents(has, cents, 'refund', wanted.from);
  await stores.payments.allocate(payment.id, next, `refund:${wanted.reason}`);
  if (netOf(next) <= 0) await stores.payments.updatePayment(payment.id, { outcome: outcomes[wanted.reason] });
  const state = payment.provider === 'mercadopago' ? 'wanted' : 'by_hand';
  const id = await stores.refunds.add({
    paymentId: payment.id,
    reservationId: reservation?.id ?? null,
    cents,
    reason: wanted.reason,
    requestedBy: wanted.actor,
    state,
  });
  if (reservation)
    await stores.reservations.addEvent(reservation.id, wanted.actor, 'refund_requested', {
      refundId: id,
      paymentId: payment.providerPaymentId,
      cents,
      currency: payment.currency,
      reason: wanted.reason,
    });
  if (state === 'wanted') stores.nudge({ type: 'make_refund', refundId: id });
  else
    await stores.outbox.addOwnerNotice({
      type: 'refund_by_hand',
      paymentId: payment.id,
      reservationId: reservation?.id ?? null,
      data: { cents, refundId: id, currency: payment.currency, ...(reservation ? { code: reservation.code } : {}) },
    });
  return stores.refunds.find(id);
}

/** Cents that were not given back. */
export function netOf(allocations: Allocations): Cents {
  return Object.entries(allocations).reduce((sum, [purpose, cents]) => (purpose === 'refund' ? sum : sum + cents), 0);
}

/** Is a refund of ours still to reach the payment's own figure? */
function isGoing(refund: Refund): boolean {
  return refund.state !== 'failed' && !refund.isCounted;
}

/** What a payment's refund allocation must be, its refunds at the provider and ours on their way. */
export function returnedCents(refundedCents: Cents, grossCents: Cents, refunds: readonly Refund[]): Cents {
  const going = refunds.filter(isGoing).reduce((sum, { cents }) => sum + cents, 0);
  return Math.min(grossCents, refundedCents + going);
}

/** The payer's bank took the money: refunds that were never called for are dropped, so that nobody gets it twice. */
export async function dropUncalledRefunds(refunds: readonly Refund[], of: Of, stores: Stores): Promise<Refund[]> {
  const result: Refund[] = [];
  for (const refund of refunds) {
    const isDropped = refund.state === 'by_hand' || (refund.state === 'wanted' && refund.calledAt === null);
    if (isDropped) await drop(refund, 'charged_back', of, stores);
    result.push(isDropped ? { ...refund, state: 'failed' } : refund);
  }
  return result;
}

const doneAtProvider = new Set(['approved', 'authorized']);
const refusedAtProvider = new Set(['rejected', 'cancelled', 'error']);

/**
 * Recognises our refunds in what the provider lists for a payment, and returns them as they are then. A refund there that none
 * of ours is known by, of the cents of one that is wanted, is that one: its worker died after the call, or the owner was quicker
 * in the provider's panel; either way it is not made twice. Where the answer names no refunds, the sums must do. The payment is locked; the guest hears of each that is done now.
 */
export async function recogniseRefunds(
  provided: ProviderPayment,
  { payment, reservation }: { payment: Payment; reservation: Reservation | null },
  refundedCents: Cents,
  stores: Stores,
): Promise<Refund[]> {
  const rows = await stores.refunds.listOf(payment.id);
  if (rows.length === 0) return rows;
  const known = new Set(rows.map(({ providerRefundId }) => providerRefundId));
  const listed = listRefunds(provided, refundedCents);
  const strangers = (listed ?? []).filter(({ id, status }) => !known.has(id) && !refusedAtProvider.has(status));
  const of = { payment, reservation };
  const result: Refund[] = [];
  let uncounted = refundedCents - rows.filter(({ isCounted }) => isCounted).reduce((sum, { cents }) => sum + cents, 0);
  for (const row of rows) {
    let current = row;
    const isOpen = row.state === 'wanted' || row.state === 'processing';
    const isLikely = listed === undefined && isOpen && row.calledAt !== null && uncounted >= row.cents;
    const at =
      listed?.find(({ id }) => id === row.providerRefundId) ??
      (row.state === 'wanted' ? takeMatch(strangers, row.cents) : undefined);
    if (isLikely) current = await markMade(row, row.providerRefundId, of, stores);
    else if (at && isOpen && doneAtProvider.has(at.status)) current = await markMade(row, at.id, of, stores);
    else if (at && row.state === 'wanted') current = await markProcessing(row, at.id, stores);
    else if (at && row.state === 'processing' && refusedAtProvider.has(at.status))
      current = await markFailed(row, `provider:${at.status}`, of, stores);
    const isThere = listed === undefined || at !== undefined;
    if (current.state === 'made' && !current.isCounted && isThere && uncounted >= current.cents) {
      uncounted -= current.cents;
      await stores.refunds.update(current.id, { isCounted: true });
      current = { ...current, isCounted: true };
    }
    result.push(current);
  }
  return result;
}

/** The provider's refunds by name; undefined when its answer names fewer cents than it says went back. */
function listRefunds({ refunds }: ProviderPayment, refundedCents: Cents): ProviderPayment['refunds'] {
  const named = (refunds ?? []).reduce((sum, { cents, status }) => (doneAtProvider.has(status) ? sum + cents : sum), 0);
  return named < refundedCents ? undefined : refunds;
}

function takeMatch<T extends { cents: Cents }>(from: T[], cents: Cents): T | undefined {
  const index = from.findIndex((each) => each.cents === cents);
  return index < 0 ? undefined : from.splice(index, 1)[0];
}

type Of = { payment: Payment; reservation: Reservation | null };

/** The provider gave it back: the guest is told, once, because the row goes this way once. */
export async function markMade(
  refund: Refund,
  providerRefundId: string | null,
  of: Of,
  stores: Stores,
): Promise<Refund> {
  const change = { state: 'made' as const, providerRefundId, failure: null };
  await stores.refunds.update(refund.id, { ...change, madeAt: stores.now });
  if (of.reservation) {
    await stores.reservations.addEvent(of.reservation.id, 'mercadopago', 'refund_made', {
      refundId: refund.id,
      paymentId: of.payment.providerPaymentId,
      cents: refund.cents,
      currency: of.payment.currency,
      reason: refund.reason,
    });
    const { cents, reason } = refund;
    const { currency, provider } = of.payment;
    await tellGuest(of.reservation, stores, 'refund_done', (context) =>
      refundDone(context, { cents, currency, reason, isByHand: provider !== 'mercadopago' }),
    );
  }
  return { ...refund, state: 'made', providerRefundId };
}

/** The provider took it and is not done: looked at again by the sweep. */
export async function markProcessing(refund: Refund, providerRefundId: string, stores: Stores): Promise<Refund> {
  const nextAttemptAt = new Date(stores.now.getTime() + 10 * 60_000);
  await stores.refunds.update(refund.id, { state: 'processing', providerRefundId, nextAttemptAt });
  return { ...refund, state: 'processing', providerRefundId };
}

/**
 * It cannot be given back this way: its cents are parked again, guest and owner are told and the owner decides. Never for a call
 * without an answer. Where the money left by another way meanwhile, there is nothing to tell.
 */
export async function markFailed(refund: Refund, failure: string, of: Of, stores: Stores): Promise<Refund> {
  const parkedCents = await drop(refund, failure, of, stores);
  const { payment, reservation } = of;
  if (reservation)
    await stores.reservations.addEvent(reservation.id, 'mercadopago', 'refund_failed', {
      refundId: refund.id,
      cents: refund.cents,
      reason: failure,
    });
  if (parkedCents > 0 && !isChargedBack(payment)) {
    await stores.payments.updatePayment(payment.id, { outcome: 'parked:refund_failed' });
    if (reservation) await tellGuest(reservation, stores, 'refund_stuck', refundStuck);
    await stores.outbox.addOwnerNotice({
      type: 'refund_failed',
      paymentId: payment.id,
      reservationId: reservation?.id ?? null,
      data: { cents: refund.cents, refundId: refund.id, failure, ...(reservation ? { code: reservation.code } : {}) },
    });
  }
  return { ...refund, state: 'failed' };
}

/** Ends a refund that is not made; the cents that neither went nor are going lie as charged back or parked. Returns those. */
async function drop(refund: Refund, failure: string, { payment }: Of, stores: Stores): Promise<Cents> {
  await stores.refunds.update(refund.id, { state: 'failed', failure });
  const has = await stores.payments.allocationsOf(payment.id);
  const target = returnedCents(payment.refundedCents, payment.approvedCents, await stores.refunds.listOf(payment.id));
  const freed = Math.max(0, (has.refund ?? 0) - target);
  const to = isChargedBack(payment) ? 'charged_back' : 'parked';
  await stores.payments.allocate(payment.id, moveCents(has, freed, to, ['refund']), failure);
  return freed;
}
