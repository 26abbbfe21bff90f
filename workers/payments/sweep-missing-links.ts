import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';

/** Nudges links that are wanted, or to be closed, and were due 15 s ago. */
export async function sweepMissingLinks(
  _: object,
  deps: Pick<WorkerDeps, 'inTransaction' | 'enqueue' | 'database'>,
): Promise<void> {
  const waiting = await deps.inTransaction((stores) => stores.payments.listWaitingLinks(sweepAfterSeconds, 200));
  for (const { id, state } of waiting)
    await deps.enqueue(state === 'wanted' ? 'create-payment-link' : 'close-payment-link', { paymentLinkId: id });
  await recordSweep(deps.database, 'sweep-missing-links', waiting.length);
}
