import { countBillableThisMonth } from '#shared/db/stores/message-figures.ts';
import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { WorkerDeps } from '../deps.ts';

/** The owner is told at these parts of the month's budget, once each. */
const levels = [100, 80] as const;

/**
 * WhatsApp charges for replies since 1 October 2026 (the first 1,000 of a month and number are free): the owner hears when most
 * of the month's budget is used, and when all of it is. Nothing is held back.
 */
export async function sweepMessageBudget(_: object, deps: WorkerDeps): Promise<void> {
  const budget = deps.env.whatsapp.monthlyBudget;
  const count = await deps.inTransaction(async (stores) => {
    const sent = await countBillableThisMonth(deps.database, stores.settings.timeZone);
    const percent = levels.find((level) => sent * 100 >= budget * level);
    if (percent === undefined) return sent;
    const month = stores.today.slice(0, 7);
    if (!(await stores.notices.isKnown('message_budget', { month, percent })))
      await stores.outbox.addOwnerNotice({ type: 'message_budget', data: { month, percent, count: sent, budget } });
    return sent;
  });
  await recordSweep(deps.database, 'sweep-message-budget', count);
}
