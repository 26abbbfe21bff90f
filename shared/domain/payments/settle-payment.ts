import {
  paymentInsufficient,
  paymentPending,
  paymentRefundPending,
  paymentRejected,
  paymentTooLateParked,
} from '../conversations/notices.ts';
import type { Stores } from '../ports.ts';
import { confirmReservation } from '../reservations/confirm.ts';
import type { Reservation } from '../reservations/reservation.ts';
import { tellGuest } from '../reservations/tell-guest.ts';
import { decideSettlement, isMoney, type Settlement } from './decide-settlement.ts';
import type { PaymentLink, ProviderPayment } from './payment.ts';

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `stale`: an older event than what is known; `unchanged`: nothing new in it. */
export type SettleOutcome = Settlement['outcome'] | 'stale' | 'unchanged';

/**
 * Applies what the provider says about a payment, in the caller's transaction and in the lock order of house.md: unit,
 * reservation, payment. Harmless to repeat, in any order: a payment's state only moves forward by `dateLastUpdated`.
 */
export async function settlePayment(provided: ProviderPayment, stores: Stores): Promise<SettleOutcome> {
  const reservation = await lockReservation(provided.externalReference, stores);
  const { payment, isNew } = await stores.payments.lockPayment(provided, reservation?.id ?? null);
  const updatedAt = new Date(provided.dateLastUpdated);
  if (!isNew && updatedAt < payment.providerUpdatedAt) return 'stale';
  const isSame =
    !isNew && provided.status === payment.status && provided.refundedCents === payment.refundedCents;
  if (isSame) return 'unchanged';

  const link = reservation ? ((await stores.payments.findLinkOf(reservation.id)) ?? null) : null;
  const others = reservation
    ? (await stores.payments.listOf(reservation.id)).filter((other) => other.payment.id !== payment.id)
    : [];
  const partials = others.filter((other) => other.payment.outcome === 'parked:insufficient');
  const settlement = decideSettlement(provided, {
    reservation: reservation ?? null,
    link,
    depositFromOthersCents: sum(others.map((other) => other.allocations.deposit)),
    parkedPartialsCents: sum(partials.map((other) => other.allocations.parked)),
    allocated: await stores.payments.allocationsOf(payment.id),
    isProduction: stores.settings.isProduction,
  });

  await stores.payments.updatePayment(payment.id, {
    status: provided.status,
    statusDetail: provided.statusDetail ?? null,
    amountCents: provided.amountCents,
    refundedCents: provided.refundedCents,
    approvedCents: isMoney(provided.status) ? provided.amountCents : payment.approvedCents,
    currency: provided.currency,
    outcome: settlement.outcome,
    providerUpdatedAt: updatedAt,
    receivedAt: provided.dateApproved ? new Date(provided.dateApproved) : null,
  });
  await stores.payments.allocate(payment.id, settlement.allocations, settlement.outcome);
  const isNews = isNew || payment.outcome !== settlement.outcome;
  if (!reservation) {
    if (isNews && isMoney(provided.status)) await tellOwner(settlement, payment.id, null, stores);
    return settlement.outcome;
  }

  await stores.reservations.addEvent(reservation.id, 'mercadopago', 'payment', {
    paymentId: provided.id,
    status: provided.status,
    outcome: settlement.outcome,
    amountCents: provided.amountCents,
    refundedCents: provided.refundedCents,
    currency: provided.currency,
  });
  if (settlement.confirms) {
    for (const partial of partials) {
      const { parked = 0, ...rest } = partial.allocations;
      await stores.payments.allocate(partial.payment.id, { ...rest, deposit: (rest.deposit ?? 0) + parked }, 'confirmed');
      await stores.payments.updatePayment(partial.payment.id, { outcome: 'confirmed' });
    }
    const paidCents = sum([
      settlement.allocations.deposit,
      ...partials.map((partial) => partial.allocations.parked),
      ...others.map((other) => other.allocations.deposit),
    ]);
    await confirmReservation(reservation, stores, { actor: 'mercadopago', paidCents });
  } else if (isNews) {
    await tellGuestAbout(settlement, reservation, link, stores);
    if (settlement.outcome.startsWith('parked:') || settlement.endangersStay || settlement.outcome === 'charged_back')
      await tellOwner(settlement, payment.id, reservation, stores);
  }
  return settlement.outcome;
}

/** The payment's reservation under its unit's lock; undefined when the reference is none of ours. */
async function lockReservation(reference: string | undefined, stores: Stores): Promise<Reservation | undefined> {
  if (!reference || !uuidPattern.test(reference)) return undefined;
  const seen = await stores.reservations.find(reference);
  if (!seen) return undefined;
  await stores.occupancies.lockUnits([seen.accommodationId]);
  const locked = await stores.reservations.lock(seen.id);
  // Moved to another unit in between: lock that one too (rare; a deadlock is retried by the transaction).
  if (locked && locked.accommodationId !== seen.accommodationId)
    await stores.occupancies.lockUnits([locked.accommodationId]);
  return locked;
}

async function tellGuestAbout(
  settlement: Settlement,
  reservation: Reservation,
  link: PaymentLink | null,
  stores: Stores,
): Promise<void> {
  const { outcome } = settlement;
  const isHeld = reservation.status === 'held';
  if (outcome === 'pending' && isHeld) await tellGuest(reservation, stores, 'payment_pending', paymentPending);
  else if (outcome === 'rejected' && isHeld)
    await tellGuest(reservation, stores, 'payment_rejected', (context) =>
      paymentRejected(context, { url: link?.state === 'open' ? link.url : null }),
    );
  else if (outcome === 'parked:insufficient') {
    const receivedCents = settlement.allocations.parked ?? 0;
    await tellGuest(reservation, stores, 'payment_insufficient', (context) =>
      paymentInsufficient(context, { receivedCents }),
    );
  } else if (outcome === 'parked:late') await tellGuest(reservation, stores, 'payment_late', paymentTooLateParked);
  else if (outcome.startsWith('parked:'))
    await tellGuest(reservation, stores, 'payment_under_review', paymentRefundPending);
}

async function tellOwner(
  settlement: Settlement,
  paymentId: string,
  reservation: Reservation | null,
  stores: Stores,
): Promise<void> {
  await stores.outbox.addOwnerNotice({
    type: settlement.endangersStay ? 'deposit_reversed' : `payment_${settlement.outcome.replace(':', '_')}`,
    reservationId: reservation?.id ?? null,
    paymentId,
    data: { ...(reservation ? { code: reservation.code } : {}), outcome: settlement.outcome },
  });
}

function sum(amounts: readonly (number | undefined)[]): number {
  return amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0);
}
