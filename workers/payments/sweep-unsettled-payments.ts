import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { settlePaymentsOf } from '#shared/domain/payments/ask-provider.ts';
import type { WorkerDeps } from '../deps.ts';

/** Asks the provider about every live hold with an open link every two minutes, so that a lost webhook costs minutes and not a booking. */
export async function sweepUnsettledPayments(
  _: object,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments' | 'log' | 'database'> & Partial<Pick<WorkerDeps, 'calendars'>>,
  signal: AbortSignal,
): Promise<void> {
  const holds = await deps.inTransaction((stores) => stores.payments.listHoldsToAskAbout(100));
  for (const reservationId of holds) {
    signal.throwIfAborted();
    try {
      await settlePaymentsOf(reservationId, deps, signal);
      await deps.inTransaction((stores) => stores.payments.markAsked(reservationId));
    } catch (error) {
      deps.log.warn({ err: error, reservationId }, 'payments of a hold not asked for');
    }
  }
  await recordSweep(deps.database, 'sweep-unsettled-payments', holds.length);
}
