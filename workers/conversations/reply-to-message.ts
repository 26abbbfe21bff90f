import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { WorkerDeps } from '../deps.ts';
import { answerConversation } from './answer-conversation.ts';
import { recordMessage } from './record-message.ts';
import { recordOlderMessages } from './record-older-messages.ts';

/**
 * A guest wrote: record the message in its own short transaction (after what this guest wrote before and is still on its way),
 * then answer what waits in its conversation. A redelivered job finds the row answered and only has the answer sent.
 */
export async function replyToMessage(message: InboundMessage, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const [look] = await Promise.allSettled([recordOlderMessages(message, deps)]);
  const recorded = await deps.inTransaction((stores) => recordMessage(message, stores));
  if (!recorded) {
    deps.log.warn('a message without any identity of its sender');
    return;
  }
  if (recorded.state !== 'unanswered') {
    // The first run may have died between its commit and its nudges: quicker than the sweep.
    await deps.enqueue('deliver-messages', { conversationId: recorded.conversationId });
    return;
  }
  // The retry looks again. While it cannot, the sweep answers what waits for 15 s.
  if (look.status === 'rejected') throw look.reason;
  await answerConversation(recorded.conversationId, deps, signal);
}
