import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { expireHold } from '#shared/domain/reservations/expire-hold.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';

/** Ends the holds whose job was lost: due for more than 15 s. */
export async function sweepDueHolds(
  _: object,
  deps: Pick<WorkerDeps, 'inTransaction' | 'payments' | 'log' | 'database'>,
  signal: AbortSignal,
): Promise<void> {
  const due = await deps.inTransaction((stores) => stores.reservations.listDueHolds(sweepAfterSeconds, 200));
  for (const id of due) {
    signal.throwIfAborted();
    try {
      await expireHold(id, deps, signal);
    } catch (error) {
      deps.log.error({ err: error, reservationId: id }, 'hold not expired');
    }
  }
  await recordSweep(deps.database, 'sweep-due-holds', due.length);
}
