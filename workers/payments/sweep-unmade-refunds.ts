import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';

/** Nudges refunds that are not made, or not done at the provider, and were due 15 s ago. */
export async function sweepUnmadeRefunds(
  _: object,
  deps: Pick<WorkerDeps, 'inTransaction' | 'enqueue' | 'database'>,
): Promise<void> {
  const waiting = await deps.inTransaction((stores) => stores.refunds.listWaiting(sweepAfterSeconds, 200));
  for (const refundId of waiting) await deps.enqueue('refund-payment', { refundId });
  await recordSweep(deps.database, 'sweep-unmade-refunds', waiting.length);
}
