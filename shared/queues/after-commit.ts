import type { Nudge } from '#shared/domain/ports.ts';
import type { CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import { nightsOf } from '#shared/domain/stay.ts';
import type { Enqueue } from './contracts.ts';

/**
 * Turns what a committed transaction remembered into jobs and courtesy keys; delays count from the transaction's `now`, since this
 * machine's clock may be hours off. Never throws: the sweeps come by.
 */
export function createAfterCommit(
  enqueue: Enqueue,
  courtesy: CourtesyLock,
): (nudges: readonly Nudge[], now: Date) => Promise<void> {
  return async (nudges, now) => {
    const conversationIds = nudges.flatMap((nudge) => (nudge.type === 'deliver' ? [nudge.conversationId] : []));
    const isJoint = conversationIds.length > 1;
    const single = isJoint ? nudges.filter(({ type }) => type !== 'deliver') : nudges;
    await Promise.all([
      ...(isJoint ? [enqueue('deliver-conversations', { conversationIds })] : []),
      ...single.map((nudge) => follow(nudge, now, enqueue, courtesy)),
    ]);
  };
}

function follow(nudge: Nudge, now: Date, enqueue: Enqueue, courtesy: CourtesyLock): Promise<void> {
  switch (nudge.type) {
    case 'deliver':
      return enqueue('deliver-messages', { conversationId: nudge.conversationId });
    case 'answer':
      return enqueue('sweep-unanswered-messages', { conversationId: nudge.conversationId });
    case 'merge_contacts':
      return enqueue('sweep-unmerged-contacts', {});
    case 'tell_owner':
      return enqueue('sweep-untold-notices', {});
    case 'make_link':
      return enqueue('create-payment-link', { paymentLinkId: nudge.paymentLinkId });
    case 'close_link':
      return enqueue('close-payment-link', { paymentLinkId: nudge.paymentLinkId });
    case 'make_refund':
      return enqueue('refund-payment', { refundId: nudge.refundId });
    case 'expire_hold':
      return enqueue(
        'expire-hold',
        { reservationId: nudge.reservationId },
        { delayMs: nudge.at.getTime() - now.getTime() },
      );
    case 'import_feed':
      return enqueue('import-feed', { feedId: nudge.feedId });
    case 'nights_taken': {
      const holdMs = (nudge.until ?? now).getTime() - now.getTime();
      return courtesy.extend(nudge.accommodationId, nightsOf(nudge.stay), nudge.reservationId, holdMs);
    }
    case 'nights_freed':
      return courtesy.release(nudge.accommodationId, nightsOf(nudge.stay), nudge.reservationId);
  }
}
