import { settlePaymentsOf, type Asking } from '../payments/ask-provider.ts';
import { expireIfDue, giveGrace } from './expire.ts';
import type { ReservationId } from './reservation.ts';

export type ExpireHoldOutcome =
  | 'expired'
  /** Money or the provider's silence gave it more time. */
  | 'extended'
  /** Confirmed, cancelled or expired in between. */
  | 'not_held'
  /** Its time was moved: it comes again. */
  | 'not_due';

/**
 * The one way a hold ends by time, for the delayed job, the sweep and `expire-now`: ask the provider, settle what it knows,
 * give the grace once when a payment is on its way or the provider cannot be reached, else free the nights.
 */
export async function expireHold(id: ReservationId, deps: Asking, signal: AbortSignal): Promise<ExpireHoldOutcome> {
  const seen = await deps.inTransaction(async (stores) => {
    const reservation = await stores.reservations.find(id);
    if (reservation?.status === 'held' && reservation.releaseAt > stores.now)
      stores.nudge({ type: 'expire_hold', reservationId: id, at: reservation.releaseAt });
    return reservation && { status: reservation.status, isDue: reservation.releaseAt <= stores.now };
  });
  if (seen?.status !== 'held') return 'not_held';
  if (!seen.isDue) return 'not_due';

  const why = await reasonToWait(id, deps, signal);
  if (why && (await deps.inTransaction((stores) => giveGrace(id, stores, why)))) return 'extended';

  const result = await deps.inTransaction(async (stores) => {
    const ended = await expireIfDue(id, stores);
    if (ended.dueAt) stores.nudge({ type: 'expire_hold', reservationId: id, at: ended.dueAt });
    return ended;
  });
  if (result.expired) return 'expired';
  return result.dueAt ? 'not_due' : 'not_held';
}

async function reasonToWait(
  id: ReservationId,
  deps: Asking,
  signal: AbortSignal,
): Promise<'payment_pending' | 'provider_unreachable' | null> {
  try {
    return (await settlePaymentsOf(id, deps, signal)).isPending ? 'payment_pending' : null;
  } catch {
    signal.throwIfAborted();
    return 'provider_unreachable';
  }
}
