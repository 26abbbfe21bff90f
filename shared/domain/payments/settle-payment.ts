import { paymentPending, paymentRejected } from '../conversations/notices.ts';
import type { Stores } from '../ports.ts';
import type { Reservation } from '../reservations/reservation.ts';
import { tellGuest } from '../reservations/tell-guest.ts';
import {
  adjustAllocations,
  isChargedBack,
  isMoney,
  isStanding,
  outcomeOf,
  splitForStay,
  sumHoldings,
  type Outcome,
} from './decide-settlement.ts';
import { withdrawEmptyOffer } from './offers.ts';
import type { Allocations, Payment, PaymentLink, ProviderPayment } from './payment.ts';
import { paymentEvent, placeMoney } from './place-money.ts';
import { dropUncalledRefunds, recogniseRefunds, returnedCents } from './refunds.ts';
import { tellOwnerOnce } from './tell-owner.ts';

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `stale`: an older event than what is known; `unchanged`: nothing new in it. */
export type SettleOutcome = Outcome | 'stale' | 'unchanged';

/**
 * Applies what the provider says about a payment, in the caller's transaction and in the lock order of house.md: unit,
 * reservation, payment. Harmless to repeat, in any order: a payment's state only moves forward by `dateLastUpdated`, and
 * money that has its place keeps it but for what happened to it since.
 */
export async function settlePayment(provided: ProviderPayment, stores: Stores): Promise<SettleOutcome> {
  // The row knows better than the reference: money follows its guest to another stay, or the owner gave it one.
  const seen = await stores.payments.findPayment(provided.id);
  const reservationId = seen?.reservationId ?? toReservationId(provided.externalReference);
  let reservation = reservationId ? await lockReservation(reservationId, stores) : null;
  const { payment, isNew } = await stores.payments.lockPayment(provided, reservation?.id ?? null);
  // Moved while we waited (rare; a deadlock here is retried by the transaction).
  if (payment.reservationId && payment.reservationId !== reservation?.id)
    reservation = await lockReservation(payment.reservationId, stores);

  const now = normalise(provided, payment);
  if (!isNew && isStale(now, payment)) return 'stale';
  const isSame = !isNew && sameness(now) === sameness(payment);
  const refunds = await recogniseRefunds(provided, { payment: now, reservation }, now.refundedCents, stores);
  const wasMoney = payment.approvedCents > 0;
  const areCounted = returnedCents(now.refundedCents, now.approvedCents, refunds);
  const has = await stores.payments.allocationsOf(payment.id);
  if (isSame && (!wasMoney || (has.refund ?? 0) === areCounted)) {
    // What was in between and is told later is the past.
    if (now.providerUpdatedAt > payment.providerUpdatedAt)
      await stores.payments.updatePayment(payment.id, { providerUpdatedAt: now.providerUpdatedAt });
    return 'unchanged';
  }

  const link = reservation ? await findLink(provided.linkId, reservation, stores) : null;
  const { id: _id, outcome: before, ...known } = now;
  await stores.payments.updatePayment(payment.id, {
    ...known,
    ...(provided.dateApproved ? { receivedAt: new Date(provided.dateApproved) } : {}),
    ...(link ? { paymentLinkId: link.id } : {}),
  });
  const of = { payment: now, reservation };
  const isRejected = provided.status === 'rejected' || provided.status === 'cancelled';
  if (!isMoney(provided.status) && !wasMoney)
    return tellOfNoMoney(of, isRejected ? 'rejected' : 'pending', { before, link }, stores);
  const isDecided = wasMoney && !(before === 'parked:in_mediation' && provided.status === 'approved');
  if (isDecided) return moveMoney(of, before, refunds, stores);

  const netCents = now.approvedCents - areCounted;
  const money = { payment: now, reservation, netCents, refundCents: areCounted, link, actor: 'mercadopago' as const };
  const isLost = isChargedBack(now);
  if (!isLost && netCents > 0) return placeMoney(money, stores);
  const outcome = isLost ? 'charged_back' : 'refunded';
  const purpose = isLost ? 'charged_back' : 'parked';
  await stores.payments.allocate(payment.id, { refund: areCounted, [purpose]: netCents }, outcome);
  return finish(of, outcome, before, stores);
}

/** The row as it will be: a provider's oddities made regular. */
function normalise(provided: ProviderPayment, payment: Payment): Payment {
  const wasMoney = payment.approvedCents > 0;
  // Approved once and now refused: all of it went back.
  const isUndone = wasMoney && (provided.status === 'rejected' || provided.status === 'cancelled');
  const isWhole = isUndone || (provided.status === 'refunded' && provided.refundedCents === 0);
  return {
    ...payment,
    status: provided.status,
    statusDetail: provided.statusDetail ?? null,
    amountCents: provided.amountCents,
    refundedCents: isWhole ? provided.amountCents : Math.min(provided.refundedCents, provided.amountCents),
    approvedCents: isMoney(provided.status) ? provided.amountCents : payment.approvedCents,
    // A payment's currency and payee do not change; what was first seen stays.
    collectorId: payment.collectorId ?? provided.collectorId ?? null,
    providerUpdatedAt: new Date(provided.dateLastUpdated),
  };
}

/** All that the provider can change about a payment. */
function sameness({ status, statusDetail, amountCents, refundedCents, approvedCents, collectorId }: Payment): string {
  return JSON.stringify([status, statusDetail, amountCents, refundedCents, approvedCents, collectorId]);
}

const rank: Record<string, number> = {
  rejected: 1,
  cancelled: 1,
  approved: 2,
  in_mediation: 3,
  refunded: 4,
  charged_back: 4,
};

/** Older than what is known; of the same instant, what goes back on the way of a payment. */
function isStale(now: Payment, known: Payment): boolean {
  if (now.providerUpdatedAt < known.providerUpdatedAt) return true;
  if (now.providerUpdatedAt > known.providerUpdatedAt) return false;
  return (rank[now.status] ?? 0) < (rank[known.status] ?? 0) || now.refundedCents < known.refundedCents;
}

type Of = { payment: Payment; reservation: Reservation | null };

/** Money that has its place: what happened to it since is moved, and the owner decides where a stay stands on less. */
async function moveMoney(
  of: Of,
  before: Outcome,
  refunds: Parameters<typeof returnedCents>[2],
  stores: Stores,
): Promise<Outcome> {
  const { payment, reservation } = of;
  const isLost = isChargedBack(payment);
  const going = isLost ? await dropUncalledRefunds(refunds, of, stores) : refunds;
  const has = await stores.payments.allocationsOf(payment.id);
  let next = adjustAllocations(has, {
    grossCents: payment.approvedCents,
    returnedCents: returnedCents(payment.refundedCents, payment.approvedCents, going),
    isChargedBack: isLost,
  });
  if (has.charged_back && !isLost && reservation && isStanding(reservation.status)) {
    // A dispute was won: its money is what it was for, as far as the stay still needs it.
    const others = (await stores.payments.listOf(reservation.id)).filter((other) => other.payment.id !== payment.id);
    const { deposit = 0, balance = 0, credit = 0, parked = 0, refund = 0 } = next;
    const split = splitForStay(deposit + balance + credit + parked, reservation, sumHoldings(others, reservation));
    next = { refund, ...split };
  }
  await stores.payments.allocate(payment.id, next, payment.status);
  const outcome = outcomeOf(payment, next, before);
  return finish(of, outcome, before, stores, heldOf(has) > heldOf(next));
}

/** Writes the outcome and the timeline, tells the owner of what he must know, once. */
async function finish(
  { payment, reservation }: Of,
  outcome: Outcome,
  before: Outcome,
  stores: Stores,
  isLess = false,
): Promise<Outcome> {
  await stores.payments.updatePayment(payment.id, { outcome });
  if (reservation)
    await stores.reservations.addEvent(reservation.id, 'mercadopago', 'payment', paymentEvent(payment, outcome));
  const isAlarm = outcome === 'charged_back' || outcome === 'disputed' || outcome === 'parked:dispute_over';
  if (isAlarm && outcome !== before)
    await tellOwnerOnce(
      `payment_${outcome.replace(':', '_')}`,
      { payment, reservation, data: { cents: payment.approvedCents } },
      stores,
    );
  if (!reservation) return outcome;
  await withdrawEmptyOffer(reservation, stores);
  if (isLess) await openCaseWhenShort(reservation, stores);
  return outcome;
}

/** Cents that a stay stands on. A refund of ours left them when it was asked for, so that it is nobody's case here. */
function heldOf({ deposit = 0, balance = 0 }: Allocations): number {
  return deposit + balance;
}

/** Money left a stay that stands on it: one case for the owner while it is short; its nights stay taken. */
async function openCaseWhenShort(reservation: Reservation, stores: Stores): Promise<void> {
  if (!isStanding(reservation.status)) return;
  const { depositCents, balanceCents } = sumHoldings(await stores.payments.listOf(reservation.id), reservation);
  if (depositCents + balanceCents >= reservation.depositCents) return;
  if (await stores.payments.hasOwnerNotice('deposit_reversed', { reservationId: reservation.id })) return;
  const data = {
    code: reservation.code,
    heldCents: depositCents + balanceCents,
    depositCents: reservation.depositCents,
  };
  await stores.outbox.addOwnerNotice({ type: 'deposit_reversed', reservationId: reservation.id, data });
  await stores.reservations.addEvent(reservation.id, 'system', 'deposit_short', data);
}

/** A payment on its way, or one that was refused: nothing to allocate; a guest whose hold is alive is told. */
async function tellOfNoMoney(
  { payment, reservation }: Of,
  outcome: 'pending' | 'rejected',
  { before, link }: { before: Outcome; link: PaymentLink | null },
  stores: Stores,
): Promise<Outcome> {
  await stores.payments.updatePayment(payment.id, { outcome });
  if (!reservation) return outcome;
  await stores.reservations.addEvent(reservation.id, 'mercadopago', 'payment', paymentEvent(payment, outcome));
  if (reservation.status !== 'held' || before === outcome) return outcome;
  if (outcome === 'pending') await tellGuest(reservation, stores, 'payment_pending', paymentPending);
  else
    await tellGuest(reservation, stores, 'payment_rejected', (context) =>
      paymentRejected(context, { url: link?.state === 'open' ? link.url : null }),
    );
  return outcome;
}

function toReservationId(reference: string | undefined): string | undefined {
  return reference && uuidPattern.test(reference) ? reference.toLowerCase() : undefined;
}

/** The link that a payment names, if it is this reservation's; else the reservation's newest. */
async function findLink(
  linkId: string | undefined,
  reservation: Reservation,
  stores: Stores,
): Promise<PaymentLink | null> {
  const named = linkId && uuidPattern.test(linkId) ? await stores.payments.findLink(linkId) : undefined;
  return named ?? (await stores.payments.findLinkOf(reservation.id)) ?? null;
}

/** A reservation under its unit's lock; null when it is none of ours. */
export async function lockReservation(id: string, stores: Stores): Promise<Reservation | null> {
  const seen = await stores.reservations.find(id);
  if (!seen) return null;
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const locked = await stores.reservations.lock(seen.id);
  // Moved to another unit in between: lock that one too (rare; a deadlock is retried by the transaction).
  if (locked && locked.accommodationId !== seen.accommodationId)
    await stores.occupancies.lockUnits([locked.accommodationId]);
  return locked ?? null;
}
