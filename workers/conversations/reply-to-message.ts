import { hasUnsent } from '#shared/db/stores/delivery-store.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { WorkerDeps } from '../deps.ts';
import { answerConversation } from './answer-conversation.ts';
import { findQueuedMessages, recordOlder, recordYounger } from './queued-messages.ts';

/**
 * A guest wrote: record the message in its own short transaction (after what this guest wrote before and is still on its way),
 * then answer what waits in its conversation, together with what the guest wrote meanwhile. A redelivered job finds the row
 * answered and only has the answer sent.
 */
export async function replyToMessage(message: InboundMessage, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const [look] = await Promise.allSettled([findQueuedMessages(message, deps)]);
  if (look.status === 'fulfilled') await recordOlder(look.value.older, deps);
  const recorded = await deps.recordMessage(message);
  if (!recorded) {
    deps.log.warn('a message without any identity of its sender');
    return;
  }
  const { conversationId } = recorded;
  if (recorded.state !== 'unanswered') {
    // The first run may have died between its commit and its nudges: quicker than the sweep.
    if (await hasUnsent(deps.database, conversationId)) await deps.enqueue('deliver-messages', { conversationId });
    return;
  }
  // The retry looks again. While it cannot, the sweep answers what waits for 15 s.
  if (look.status === 'rejected') throw look.reason;
  await recordYounger(look.value.younger, deps);
  // A language model is asked with no transaction open.
  if (deps.reader || !(await deps.answerInWords(conversationId)))
    await answerConversation(conversationId, deps, signal);
}
