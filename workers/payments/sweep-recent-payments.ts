import { readSweepAge, recordSweep } from '#shared/db/stores/sweep-store.ts';
import { reconcilePayments } from '#shared/domain/payments/reconcile.ts';
import type { WorkerDeps } from '../deps.ts';

const nightlyHours = 72;
const usualHours = 2;
const daySeconds = 23 * 3_600;

/**
 * Asks the provider for all that changed lately and settles what differs: money that came late, went back by hand or was
 * disputed while every notice was lost. The last two hours each time, and the last 72 once a day, whenever that was missed.
 */
export async function sweepRecentPayments(
  _: object,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments' | 'log' | 'database'>,
  signal: AbortSignal,
): Promise<void> {
  const age = await readSweepAge(deps.database, 'reconcile-72h');
  const isNightly = age === undefined || age >= daySeconds;
  const result = await reconcilePayments({ hours: isNightly ? nightlyHours : usualHours }, deps, signal);
  if (result.differences.length > 0) deps.log.info({ ...result, isNightly }, 'payments differed from the provider');
  if (isNightly) await recordSweep(deps.database, 'reconcile-72h', result.differences.length);
  await recordSweep(deps.database, 'sweep-recent-payments', result.differences.length);
}
