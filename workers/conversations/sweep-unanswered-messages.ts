import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';
import { answerConversation } from './answer-conversation.ts';
import { findQueuedMessages, recordOlder } from './queued-messages.ts';

/**
 * Answers what the fast path left unanswered for more than 15 s; with a conversation named, what waits there now. What the guest
 * wrote before and is still on its way is recorded first, as on the fast path; while the queue cannot be looked at, what waits is
 * answered without it.
 */
export async function sweepUnansweredMessages(
  { conversationId }: Payload<'sweep-unanswered-messages'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const recordElders = createElderRecorder(deps);
  if (conversationId) {
    await recordElders(conversationId);
    return answerConversation(conversationId, deps, signal);
  }
  const waiting = await deps.inTransaction((stores) => stores.conversations.listWaiting(sweepAfterSeconds, 100));
  for (const id of waiting) {
    try {
      await recordElders(id);
      await answerConversation(id, deps, signal);
    } catch (error) {
      signal.throwIfAborted();
      deps.log.error({ err: error, conversationId: id }, 'conversation not answered');
    }
  }
  await recordSweep(deps.database, 'sweep-unanswered-messages', waiting.length);
}

/** For one run of the sweep: a queue store that did not answer once is not waited for again. */
function createElderRecorder(deps: WorkerDeps): (conversationId: string) => Promise<void> {
  let isReachable = true;
  return async (conversationId) => {
    if (!isReachable) return;
    const waiting = await deps.inTransaction((stores) => stores.conversations.listUnanswered(conversationId, 100));
    const youngest = waiting.at(-1);
    if (!youngest) return;
    const queued = await findQueuedMessages(youngest.payload, deps).catch((error: unknown) => {
      isReachable = false;
      deps.log.debug({ err: error, conversationId }, 'older messages not looked for');
    });
    await recordOlder(queued?.older ?? [], deps);
  };
}
