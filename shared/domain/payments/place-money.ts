import { paymentInsufficient, paymentRefundPending } from '../conversations/notices.ts';
import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import { confirmReservation } from '../reservations/confirm.ts';
import type { Actor, Reservation } from '../reservations/reservation.ts';
import { tellGuest } from '../reservations/tell-guest.ts';
import { overlaps } from '../stay.ts';
import { spendCredit } from './credit.ts';
import {
  decidePlacement,
  isPartial,
  splitForStay,
  sumHoldings,
  type Holdings,
  type Outcome,
  type ParkReason,
  type Placement,
  type PlacementFacts,
} from './decide-settlement.ts';
import { findAlternatives } from './find-alternatives.ts';
import { openOffer } from './offers.ts';
import type { AllocatedPayment, Allocations, Payment, PaymentLink } from './payment.ts';
import { requestRefund } from './refunds.ts';
import { tellOwnerOnce } from './tell-owner.ts';

/** Money that has no place yet; its reservation (if any) and its payment are locked. */
export type Unplaced = {
  payment: Payment;
  reservation: Reservation | null;
  /** What is left of the gross after what went back already. */
  netCents: Cents;
  refundCents: Cents;
  /** The link it was paid by, if that is known. */
  link: PaymentLink | null;
  actor: Actor;
};

/**
 * Gives newly approved money its place (rules.md, Money): confirms, takes the nights of an expired hold again, offers
 * something else, sends it back or parks it; tells guest and owner. Leaves the payment balanced.
 */
export async function placeMoney(money: Unplaced, stores: Stores): Promise<Outcome> {
  const { payment, reservation } = money;
  const others = reservation
    ? (await stores.payments.listOf(reservation.id)).filter((other) => other.payment.id !== payment.id)
    : [];
  const facts = await collectFacts(money, others, stores);
  const wanted = decidePlacement(
    {
      netCents: money.netCents,
      currency: payment.currency,
      status: payment.status,
      liveMode: payment.isLive,
      collectorId: payment.collectorId,
    },
    facts,
  );
  const isManual = payment.provider !== 'mercadopago';
  const final = await resolve(wanted, money, { others, isManual }, stores);
  if (reservation) await writeEvent(money, final.outcome, stores);
  await final.act();
  await stores.payments.updatePayment(payment.id, { outcome: final.outcome });
  return final.outcome;
}

async function collectFacts(
  { payment, reservation, link }: Unplaced,
  others: readonly AllocatedPayment[],
  stores: Stores,
): Promise<PlacementFacts> {
  const isManual = payment.provider !== 'mercadopago';
  const none: Holdings = { depositCents: 0, balanceCents: 0, creditCents: 0, partialsCents: 0 };
  const offer = reservation?.status === 'expired' ? await stores.offers.findOfReservation(reservation.id) : undefined;
  return {
    reservation,
    purpose: isManual || link?.purpose === 'balance' ? 'balance' : 'deposit',
    expectedCollectorId: link?.collectorId ?? null,
    others: reservation ? sumHoldings(others, reservation) : none,
    hasOffer: offer?.state === 'open' || offer?.state === 'accepted',
    rescue: reservation?.status === 'expired' ? await canRescue(reservation, stores) : 'possible',
    isProduction: stores.settings.isProduction,
  };
}

/** Nights that are free could be taken again: not in the past, nor while the guest has another stay on them. */
async function canRescue(reservation: Reservation, stores: Stores): Promise<PlacementFacts['rescue']> {
  if (reservation.checkIn < stores.today) return 'check_in_past';
  if (!reservation.contactId) return 'possible';
  const live = await stores.reservations.listLiveOf(reservation.contactId, stores.today);
  return live.some((other) => other.id !== reservation.id && overlaps(other, reservation)) ? 'other_stay' : 'possible';
}

type Final = { outcome: Outcome; act(): Promise<void> };
type Around = { others: readonly AllocatedPayment[]; isManual: boolean };

/** The last word, the referee asked: what will be done, and its name for the timeline before it is done. */
async function resolve(placement: Placement, money: Unplaced, around: Around, stores: Stores): Promise<Final> {
  const { reservation } = money;
  switch (placement.do) {
    case 'park':
      return park(placement.reason, money, stores);
    case 'refund':
      // No machine sends cash back.
      if (around.isManual) return park(placement.reason === 'cancelled' ? 'cancelled' : 'late', money, stores);
      return sendBack(placement.reason, money, around, stores);
    case 'balance':
      return { outcome: 'balance', act: () => countForStay(money, around, stores) };
    case 'deposit':
      return {
        outcome: placement.confirms ? 'confirmed' : 'deposit',
        act: () => (placement.confirms ? confirm(money, around, stores) : countForStay(money, around, stores)),
      };
    case 'rescue': {
      if (await stores.reservations.takeNights(reservation!))
        return { outcome: 'rescued', act: () => confirm(money, around, stores) };
      if (around.isManual) return park('late', money, stores);
      const alternatives = await findAlternatives(reservation!, stores);
      const { contactId } = reservation!;
      const isHopeless = alternatives.units.length + alternatives.dates.length === 0;
      if (!contactId || isHopeless || !(await stores.conversations.findAddressee(contactId)))
        return sendBack('late', money, around, stores);
      return {
        outcome: 'offered',
        async act() {
          const credits = [
            { payment: money.payment, allocations: asParked(money) },
            ...around.others.filter(isPartial),
          ];
          let creditCents = 0;
          for (const { payment, allocations } of credits) {
            const { parked = 0, credit = 0, ...rest } = allocations;
            creditCents += parked;
            await stores.payments.allocate(payment.id, { ...rest, credit: credit + parked }, 'offered');
            await stores.payments.updatePayment(payment.id, { outcome: 'offered' });
          }
          await openOffer({ ...reservation!, contactId }, { creditCents, alternatives }, stores);
        },
      };
    }
  }
}

/** The payment's allocations before it has a place. */
function asParked({ netCents, refundCents }: Unplaced): Allocations {
  return { refund: refundCents, parked: netCents };
}

function park(reason: ParkReason, money: Unplaced, stores: Stores): Final {
  const { payment, reservation, netCents } = money;
  return {
    outcome: `parked:${reason}`,
    async act() {
      await stores.payments.allocate(payment.id, asParked(money), `parked:${reason}`);
      await tellOwnerOnce(`payment_parked_${reason}`, { payment, reservation, data: { cents: netCents } }, stores);
      if (!reservation || payment.provider !== 'mercadopago') return;
      if (reason === 'insufficient')
        await tellGuest(reservation, stores, 'payment_insufficient', (context) =>
          paymentInsufficient(context, { receivedCents: netCents }),
        );
      else await tellGuest(reservation, stores, 'payment_under_review', paymentRefundPending);
    },
  };
}

/** All of it, and what was parked of the reservation waiting for it, goes back; the guest hears when it is done. */
function sendBack(
  reason: 'duplicate' | 'late' | 'cancelled',
  money: Unplaced,
  { others }: Around,
  stores: Stores,
): Final {
  const { payment, reservation } = money;
  return {
    outcome: `refunding:${reason}`,
    async act() {
      await stores.payments.allocate(payment.id, asParked(money), reason);
      const partials = reason === 'duplicate' ? [] : others.filter(isPartial).map((partial) => partial.payment);
      for (const each of [payment, ...partials])
        await requestRefund(
          { payment: each, reservation },
          { cents: Number.MAX_SAFE_INTEGER, from: ['parked'], reason, actor: 'system' },
          stores,
        );
      await tellOwnerOnce(
        `payment_refunding_${reason}`,
        { payment, reservation, data: { cents: money.netCents } },
        stores,
      );
    },
  };
}

/** Deposit first, then balance; what the stay does not cost is parked and told. */
async function countForStay(money: Unplaced, { others }: Around, stores: Stores): Promise<void> {
  const { payment, reservation, netCents, refundCents } = money;
  const split = splitForStay(netCents, reservation!, sumHoldings(others, reservation!));
  await stores.payments.allocate(payment.id, { refund: refundCents, ...split }, 'received');
  if (split.parked)
    await tellOwnerOnce('payment_parked_overpaid', { payment, reservation, data: { cents: split.parked } }, stores);
}

/** Partials and credits of the reservation become its deposit together with this money, and it is confirmed. */
async function confirm(money: Unplaced, { others }: Around, stores: Stores): Promise<void> {
  const reservation = money.reservation!;
  for (const { payment, allocations } of others.filter(isPartial)) {
    const { parked = 0, deposit = 0, ...rest } = allocations;
    await stores.payments.allocate(payment.id, { ...rest, deposit: deposit + parked }, 'confirmed');
    await stores.payments.updatePayment(payment.id, { outcome: 'deposit' });
  }
  await spendCredit(reservation, stores);
  const settled = (await stores.payments.listOf(reservation.id)).filter(
    ({ payment }) => payment.id !== money.payment.id,
  );
  await countForStay(money, { others: settled, isManual: false }, stores);
  const after = sumHoldings(await stores.payments.listOf(reservation.id), reservation);
  await confirmReservation(reservation, stores, {
    actor: money.actor,
    paidCents: after.depositCents + after.balanceCents,
  });
}

async function writeEvent({ payment, reservation }: Unplaced, outcome: Outcome, stores: Stores): Promise<void> {
  const actor = payment.provider === 'mercadopago' ? 'mercadopago' : 'owner';
  await stores.reservations.addEvent(reservation!.id, actor, 'payment', paymentEvent(payment, outcome));
}

/** What the timeline tells of a payment. */
export function paymentEvent(payment: Payment, outcome: string): Record<string, unknown> {
  return {
    paymentId: payment.providerPaymentId,
    provider: payment.provider,
    status: payment.status,
    outcome,
    amountCents: payment.amountCents,
    refundedCents: payment.refundedCents,
    currency: payment.currency,
  };
}
