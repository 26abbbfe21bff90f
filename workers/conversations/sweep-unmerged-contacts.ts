import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { WorkerDeps } from '../deps.ts';

/**
 * Makes one contact of those that turned out to be one: what hangs on the younger moves under the locks of both chats, then it
 * is removed in a transaction of its own, which locks nothing else. What came to hang on it meanwhile is moved in the next run.
 */
export async function sweepUnmergedContacts(_: object, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const marked = await deps.inTransaction((stores) => stores.contacts.listToMerge(100));
  for (const id of marked) {
    signal.throwIfAborted();
    await mergeContact(id, deps);
  }
  await recordSweep(deps.database, 'sweep-unmerged-contacts', marked.length);
}

async function mergeContact(id: string, deps: WorkerDeps): Promise<void> {
  try {
    await deps.inTransaction(async (stores) => {
      const merged = await stores.contacts.moveMerged(id);
      if (!merged?.conversationId) return;
      stores.nudge({ type: 'answer', conversationId: merged.conversationId });
      stores.nudge({ type: 'deliver', conversationId: merged.conversationId });
    });
    await deps.inTransaction((stores) => stores.contacts.deleteMerged(id));
  } catch (error) {
    deps.log.info({ err: error }, 'contact not merged yet');
  }
}
