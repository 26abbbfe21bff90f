import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { remindGuest } from '#shared/domain/reservations/remind-guest.ts';
import type { WorkerDeps } from '../deps.ts';

/** Nobody is written to at night: reminders of a day go out from this local hour until before that one. */
const hours = { from: 10, until: 21 };

/**
 * A word to guests: ten minutes before their hold ends, the day before they arrive, the day after they left. Each is a row and a
 * message in one transaction, so it is said once.
 */
export async function sweepDueReminders(_: object, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const due = await deps.inTransaction(({ today, hourNow, reminders }) =>
    reminders.listDue({ today, isDay: hourNow >= hours.from && hourNow < hours.until, limit: 200 }),
  );
  for (const reminder of due) {
    signal.throwIfAborted();
    try {
      await deps.inTransaction((stores) => remindGuest(reminder, stores));
    } catch (error) {
      deps.log.error({ err: error, reservationId: reminder.reservationId, kind: reminder.kind }, 'not reminded');
    }
  }
  await recordSweep(deps.database, 'sweep-due-reminders', due.length);
}
