import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { closeOffer } from '#shared/domain/payments/offers.ts';
import type { WorkerDeps } from '../deps.ts';

/** Ends the offers whose time is over; their money goes back. */
export async function sweepDueOffers(
  _: object,
  deps: Pick<WorkerDeps, 'inTransaction' | 'log' | 'database'>,
  signal: AbortSignal,
): Promise<void> {
  const due = await deps.inTransaction((stores) => stores.offers.listDue(200));
  for (const id of due) {
    signal.throwIfAborted();
    try {
      await deps.inTransaction((stores) => closeOffer(id, { actor: 'system', as: 'expired' }, stores));
    } catch (error) {
      deps.log.error({ err: error, offerId: id }, 'offer not ended');
    }
  }
  await recordSweep(deps.database, 'sweep-due-offers', due.length);
}
