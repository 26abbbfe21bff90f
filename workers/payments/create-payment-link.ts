import { differenceLinkReady } from '#shared/domain/conversations/money-notices.ts';
import { linkIsLate, paymentLinkReady } from '#shared/domain/conversations/notices.ts';
import type { PaymentLink } from '#shared/domain/payments/payment.ts';
import type { Stores } from '#shared/domain/ports.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { tellGuest } from '#shared/domain/reservations/tell-guest.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** Nobody should wait longer for a link without hearing of it. */
const lateAfterMs = 3 * 60_000;

/**
 * Makes the preference of a wanted link. The attempt is on the row before the call, the key makes a repeated call the same
 * preference, and the message to the guest is inserted in the transaction that opens the link: a second run says nothing.
 */
export async function createPaymentLink(
  { paymentLinkId }: Payload<'create-payment-link'>,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments'> & { env: Pick<WorkerDeps['env'], 'publicUrl'> },
  signal: AbortSignal,
): Promise<void> {
  const begun = await deps.inTransaction((stores) => beginAttempt(paymentLinkId, stores));
  if (!begun) return;
  const { link, reservation, title } = begun;
  const made = await deps.payments.createPaymentLink(
    {
      linkId: link.id,
      reservationId: reservation.id,
      title,
      amountCents: link.amountCents,
      currency: link.currency,
      expiresAt: link.expiresAt,
      notificationUrl: `${deps.env.publicUrl}/webhooks/mercadopago`,
      idempotencyKey: `preference-${link.id}`,
    },
    signal,
  );
  await deps.inTransaction(async (stores) => {
    const current = await stores.payments.lockLink(link.id);
    if (!current || current.preferenceId) return;
    const { preferenceId, url, collectorId } = made;
    if (current.state !== 'wanted') {
      // The hold ended while the provider was asked: nobody hears of this link, and it is closed.
      await stores.payments.updateLink(link.id, {
        preferenceId,
        url,
        collectorId,
        state: 'closing',
        nextAttemptAt: stores.now,
      });
      stores.nudge({ type: 'close_link', paymentLinkId: link.id });
      return;
    }
    await stores.payments.updateLink(link.id, { preferenceId, url, collectorId, state: 'open', madeAt: stores.now });
    const missingCents = link.amountCents < reservation.depositCents ? link.amountCents : null;
    await tellGuest(reservation, stores, 'payment_link', (context) =>
      missingCents === null
        ? paymentLinkReady(context, { url, expiresAt: made.expiresAt })
        : differenceLinkReady(context, { url, expiresAt: made.expiresAt, missingCents }),
    );
  });
}

type Attempt = { link: PaymentLink; reservation: Reservation; title: string };

/** Counts the attempt, and once, when the link is late, gives the hold the time that was lost and says so. */
async function beginAttempt(paymentLinkId: string, stores: Stores): Promise<Attempt | undefined> {
  const seen = await stores.payments.findLink(paymentLinkId);
  if (!seen) return undefined;
  // Reservation before link, as everywhere.
  let reservation = await stores.reservations.lock(seen.reservationId);
  const link = await stores.payments.lockLink(paymentLinkId);
  if (!reservation || link?.state !== 'wanted') return undefined;
  let expiresAt = link.expiresAt;
  const lostMs = stores.now.getTime() - link.createdAt.getTime();
  if (lostMs > lateAfterMs && !link.lateToldAt && reservation.status === 'held') {
    expiresAt = new Date(link.expiresAt.getTime() + lostMs);
    // A grace that was given meanwhile counts from now already: it is not moved by the lost time too.
    const releaseAt = Math.max(
      reservation.releaseAt.getTime(),
      expiresAt.getTime() + stores.settings.releaseDelayMinutes * 60_000,
    );
    const extended = { holdExpiresAt: expiresAt, releaseAt: new Date(releaseAt) };
    await stores.reservations.update(reservation.id, { ...extended, linkDelayGivenAt: stores.now });
    reservation = { ...reservation, ...extended };
    await stores.reservations.addEvent(reservation.id, 'system', 'link_late', {
      holdExpiresAt: expiresAt.toISOString(),
    });
    await tellGuest(reservation, stores, 'link_late', linkIsLate);
    await stores.outbox.addOwnerNotice({
      type: 'link_late',
      reservationId: reservation.id,
      data: { code: reservation.code },
    });
    stores.nudge({ type: 'expire_hold', reservationId: reservation.id, at: extended.releaseAt });
  }
  const waitMs = Math.min(60_000, 1_000 * 2 ** link.attempts);
  await stores.payments.updateLink(link.id, {
    attempts: link.attempts + 1,
    expiresAt,
    nextAttemptAt: new Date(stores.now.getTime() + waitMs),
    ...(expiresAt === link.expiresAt ? {} : { lateToldAt: stores.now }),
  });
  const [lodging, accommodation] = [
    await stores.lodging.getLodging(),
    await stores.lodging.getAccommodation(reservation.accommodationId),
  ];
  return {
    link: { ...link, expiresAt },
    reservation,
    title: `${lodging.name} · ${accommodation.name} · ${reservation.code}`,
  };
}
