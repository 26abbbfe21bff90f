import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { WorkerDeps } from '../deps.ts';

export async function sweepMessageBudget(_: object, deps: WorkerDeps): Promise<void> {
  await recordSweep(deps.database, 'sweep-message-budget', 0);
}
