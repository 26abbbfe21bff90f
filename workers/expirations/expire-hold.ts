import { expireHold } from '#shared/domain/reservations/expire-hold.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** A hold's time is over. Late, early and repeated runs are harmless: the row decides. */
export async function expireHoldById(
  { reservationId }: Payload<'expire-hold'>,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await expireHold(reservationId, deps, signal);
  deps.log.info({ reservationId, outcome }, 'hold looked at');
}
