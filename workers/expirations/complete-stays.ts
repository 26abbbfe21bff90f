import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { assertTransition } from '#shared/domain/reservations/reservation.ts';
import type { WorkerDeps } from '../deps.ts';

/** Completes confirmed stays the day after their check-out; their past nights are nobody's any more. */
export async function completeStays(_: object, deps: WorkerDeps): Promise<void> {
  const over = await deps.inTransaction((stores) => stores.reservations.listStaysToComplete(stores.today, 500));
  for (const id of over) {
    await deps.inTransaction(async (stores) => {
      const seen = await stores.reservations.find(id);
      if (!seen) return;
      await stores.occupancies.lockUnits([seen.accommodationId]);
      const reservation = await stores.reservations.lock(id);
      if (reservation?.status !== 'confirmed') return;
      assertTransition(reservation.status, 'completed');
      await stores.reservations.update(id, { status: 'completed', completedAt: stores.now });
      await stores.reservations.freeNights(reservation);
      await stores.reservations.addEvent(id, 'system', 'completed', { from: 'confirmed', to: 'completed' });
    });
  }
  await recordSweep(deps.database, 'complete-stays', over.length);
}
