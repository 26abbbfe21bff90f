import type { Stores } from '../ports.ts';

/** A link nobody shall pay by any more: never made → closed at once; open → closing, and the provider is told after the commit. */
export async function closeLinkOf(reservationId: string, stores: Stores): Promise<void> {
  const link = await stores.payments.findLinkOf(reservationId);
  if (!link) return;
  if (link.state === 'wanted' && link.attempts === 0) {
    await stores.payments.updateLink(link.id, { state: 'closed', closedAt: stores.now });
  } else if (link.state === 'wanted' || link.state === 'open') {
    await stores.payments.updateLink(link.id, { state: 'closing', nextAttemptAt: stores.now });
    stores.nudge({ type: 'close_link', paymentLinkId: link.id });
  }
}
