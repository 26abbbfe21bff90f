import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { settleForeignStays } from '#shared/domain/calendars/settle-foreign-stays.ts';
import type { WorkerDeps } from '../deps.ts';

/** Feeds that one run hands out; the next run is half a minute away. */
const mostFeeds = 500;

/**
 * Has every due feed fetched, each by a job of its own so that a slow one delays nobody; and makes the echoes block whose origin
 * was freed a day ago, also while their feed cannot be read.
 */
export async function sweepDueFeeds(_: object, deps: WorkerDeps): Promise<void> {
  const [due, units] = await deps.inTransaction(
    async ({ calendars }) =>
      [await calendars.listDueFeeds(mostFeeds), await calendars.listUnitsWithStaleEchoes()] as const,
  );
  await Promise.all(due.map((feedId) => deps.enqueue('import-feed', { feedId })));
  for (const accommodationId of units) await flagEchoes(accommodationId, deps);
  await recordSweep(deps.database, 'sweep-due-feeds', due.length);
}

async function flagEchoes(accommodationId: number, deps: WorkerDeps): Promise<void> {
  await deps.inTransaction(async (stores) => {
    await stores.occupancies.lockUnits([accommodationId]);
    const flagged = await stores.calendars.flagStaleEchoes(accommodationId);
    if (flagged.length === 0) return;
    const { name: unit } = await stores.lodging.getAccommodation(accommodationId);
    for (const { nights, channel } of flagged) {
      await stores.calendars.settleNights(accommodationId, nights);
      await stores.outbox.addOwnerNotice({
        type: 'calendar_echo_stays',
        data: { accommodationId, unit, channel, nights },
      });
    }
    await settleForeignStays(accommodationId, stores);
  });
}
