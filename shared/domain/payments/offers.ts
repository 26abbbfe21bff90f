import { offerAgain, paymentOffer, type Alternatives } from '../conversations/money-notices.ts';
import type { Cents } from '../money.ts';
import type { Stores } from '../ports.ts';
import { confirmReservation } from '../reservations/confirm.ts';
import type { Actor, Reservation } from '../reservations/reservation.ts';
import { tellGuest } from '../reservations/tell-guest.ts';
import { creditsOf, lockCredits, sumCredit } from './credit.ts';
import type { Offer, OfferId, RefundReason } from './payment.ts';
import { requestRefund } from './refunds.ts';

/** Offers other units or dates for the credit that lies on an expired reservation, until `offerHours` from now. */
export async function openOffer(
  reservation: Reservation & { contactId: string },
  { creditCents, alternatives }: { creditCents: Cents; alternatives: Alternatives },
  stores: Stores,
): Promise<void> {
  const expiresAt = new Date(stores.now.getTime() + stores.settings.offerHours * 3_600_000);
  const id = await stores.offers.add({ reservationId: reservation.id, contactId: reservation.contactId, expiresAt });
  await stores.reservations.addEvent(reservation.id, 'system', 'offer_opened', {
    offerId: id,
    creditCents,
    expiresAt: expiresAt.toISOString(),
  });
  await tellGuest(reservation, stores, 'offer', (context) =>
    paymentOffer(context, { offer: { id, expiresAt }, creditCents, alternatives }),
  );
  await stores.outbox.addOwnerNotice({
    type: 'payment_offered',
    reservationId: reservation.id,
    data: { code: reservation.code, creditCents, until: expiresAt.toISOString() },
  });
}

/** What is offered to a contact now; undefined when nothing is. */
export async function findCredit(
  contactId: string,
  stores: Stores,
): Promise<{ offer: Offer; creditCents: Cents; currency: string } | undefined> {
  const offer = await stores.offers.findOpenOf(contactId);
  if (!offer || offer.expiresAt <= stores.now) return undefined;
  const held = await creditsOf(offer.reservationId, stores);
  const creditCents = sumCredit(held);
  return creditCents > 0 ? { offer, creditCents, currency: held[0]!.payment.currency } : undefined;
}

export type AppliedCredit = { reservation: Reservation; creditCents: Cents; missingCents: Cents; returnedCents: Cents };

/**
 * Puts a guest's offered money to a hold just made in this transaction (the unit's lock is held): enough → confirmed, and what
 * is too much goes back; too little → the link asks for the rest. Undefined when there is no credit (any more), which
 * leaves an ordinary hold.
 */
export async function applyCredit(hold: Reservation, stores: Stores): Promise<AppliedCredit | undefined> {
  if (!hold.contactId) return undefined;
  const seen = await stores.offers.findOpenOf(hold.contactId);
  if (!seen) return undefined;
  const origin = await stores.reservations.lock(seen.reservationId);
  const offer = await stores.offers.lock(seen.id);
  if (!origin || offer?.state !== 'open' || offer.expiresAt <= stores.now) return undefined;
  const held = (await lockCredits(origin.id, stores)).filter(({ payment }) => payment.currency === hold.currency);
  const creditCents = sumCredit(held);
  if (creditCents <= 0) return undefined;

  await stores.offers.update(offer.id, { state: 'accepted', acceptedReservationId: hold.id, closedAt: stores.now });
  await stores.reservations.addEvent(origin.id, 'guest', 'offer_accepted', {
    offerId: offer.id,
    code: hold.code,
    creditCents,
  });
  await stores.reservations.addEvent(hold.id, 'guest', 'credit_applied', {
    offerId: offer.id,
    code: origin.code,
    creditCents,
  });
  // The money follows the guest: what the provider says about it later is about this stay.
  for (const { payment } of held) await stores.payments.updatePayment(payment.id, { reservationId: hold.id });

  const missingCents = hold.depositCents - creditCents;
  if (missingCents > 0) {
    const link = await stores.payments.findLinkOf(hold.id);
    if (link) await stores.payments.updateLink(link.id, { amountCents: missingCents });
    return { reservation: hold, creditCents, missingCents, returnedCents: 0 };
  }
  const confirmed = await confirmReservation(hold, stores, { actor: 'guest', paidCents: 0 });
  return { reservation: confirmed, creditCents, missingCents: 0, returnedCents: -missingCents };
}

/** The guest wants the money back, or the offer is over: all credit goes back. False when it was not open any more. */
export async function closeOffer(
  id: OfferId,
  by: { actor: Actor; as: 'declined' | 'expired' },
  stores: Stores,
): Promise<{ refundedCents: Cents; currency: string } | undefined> {
  const seen = await stores.offers.find(id);
  if (seen?.state !== 'open') return undefined;
  const reservation = await stores.reservations.lock(seen.reservationId);
  const offer = await stores.offers.lock(id);
  if (!reservation || offer?.state !== 'open') return undefined;
  if (by.as === 'expired' && offer.expiresAt > stores.now) return undefined;
  await stores.offers.update(id, { state: by.as, closedAt: stores.now });
  await stores.reservations.addEvent(reservation.id, by.actor, `offer_${by.as}`, { offerId: id });
  const reason: RefundReason = by.as === 'declined' ? 'offer_declined' : 'offer_expired';
  const refundedCents = await refundCredits(reservation, reason, by.actor, stores);
  return { refundedCents, currency: reservation.currency };
}

/**
 * A hold that was taken with offered money ended unpaid: the offer goes on for the time it has left, else the money goes back.
 * The reservation is locked.
 */
export async function returnCredit(reservation: Reservation, stores: Stores): Promise<void> {
  const accepted = await stores.offers.findAcceptedAs(reservation.id);
  if (!accepted) return;
  const creditCents = sumCredit(await lockCredits(reservation.id, stores));
  if (creditCents <= 0) return;
  if (accepted.expiresAt <= stores.now) {
    await stores.offers.update(accepted.id, { state: 'expired', closedAt: stores.now });
    await refundCredits(reservation, 'offer_expired', 'system', stores);
    return;
  }
  await stores.offers.update(accepted.id, {
    state: 'open',
    reservationId: reservation.id,
    acceptedReservationId: null,
    closedAt: null,
  });
  await stores.reservations.addEvent(reservation.id, 'system', 'offer_reopened', { offerId: accepted.id, creditCents });
  await tellGuest(reservation, stores, 'offer', (context) => offerAgain(context, { offer: accepted, creditCents }));
}

/** Somebody else took the credit back (panel, charge-back): an offer without money is none. */
export async function withdrawEmptyOffer(reservation: Reservation, stores: Stores): Promise<void> {
  const offer = await stores.offers.findOfReservation(reservation.id);
  if (offer?.state !== 'open' || sumCredit(await creditsOf(reservation.id, stores)) > 0) return;
  await stores.offers.update(offer.id, { state: 'withdrawn', closedAt: stores.now });
  await stores.reservations.addEvent(reservation.id, 'system', 'offer_withdrawn', { offerId: offer.id });
}

async function refundCredits(
  reservation: Reservation,
  reason: RefundReason,
  actor: Actor,
  stores: Stores,
): Promise<Cents> {
  let cents = 0;
  for (const { payment } of await lockCredits(reservation.id, stores)) {
    const wanted = { cents: Number.MAX_SAFE_INTEGER, from: ['credit'], reason, actor } as const;
    const refund = await requestRefund({ payment, reservation }, wanted, stores);
    cents += refund?.cents ?? 0;
  }
  return cents;
}
