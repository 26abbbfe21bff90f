import { listUnsentConversations } from '#shared/db/stores/delivery-store.ts';
import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';

/** Nudges the sending of what should have been sent 15 s ago. */
export async function sweepUnsentMessages(_: object, deps: WorkerDeps): Promise<void> {
  const waiting = await listUnsentConversations(deps.database, sweepAfterSeconds, 500);
  for (const conversationId of waiting) await deps.enqueue('deliver-messages', { conversationId });
  await recordSweep(deps.database, 'sweep-unsent-messages', waiting.length);
}
