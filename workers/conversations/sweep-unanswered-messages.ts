import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';
import { answerConversation } from './answer-conversation.ts';

/** Answers what the fast path left unanswered for more than 15 s; with a conversation named, what waits there now. */
export async function sweepUnansweredMessages(
  { conversationId }: Payload<'sweep-unanswered-messages'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  if (conversationId) return answerConversation(conversationId, deps, signal);
  const waiting = await deps.inTransaction((stores) => stores.conversations.listWaiting(sweepAfterSeconds, 100));
  for (const id of waiting) {
    try {
      await answerConversation(id, deps, signal);
    } catch (error) {
      signal.throwIfAborted();
      deps.log.error({ err: error, conversationId: id }, 'conversation not answered');
    }
  }
  await recordSweep(deps.database, 'sweep-unanswered-messages', waiting.length);
}
