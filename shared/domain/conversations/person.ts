import { DomainError } from '../errors.ts';
import type { ConversationId, LockedConversation, Stores } from '../ports.ts';

/** How long the bot stays silent after a person took the chat, unless it is resumed before. */
export const handOverHours = 12;

/**
 * A person takes the chat: the bot is silent in it for `hours` (default 12), what waits unanswered is left to the person.
 * Throws `conversation_not_found`.
 */
export async function takeOver(
  id: ConversationId,
  stores: Stores,
  hours = handOverHours,
): Promise<{ pausedUntil: Date }> {
  await lockConversation(id, stores);
  const pausedUntil = new Date(stores.now.getTime() + hours * 3_600_000);
  await change(id, pausedUntil, stores);
  return { pausedUntil };
}

/** The bot answers again what comes from now on; what was left to the person stays so. Throws `conversation_not_found`. */
export async function resume(id: ConversationId, stores: Stores): Promise<void> {
  await lockConversation(id, stores);
  await change(id, null, stores);
}

/**
 * A person answers in the guest's chat, through the outbox. Whoever writes has taken the chat: a bot that is not silent yet
 * becomes so for 12 hours. Throws `conversation_not_found`.
 */
export async function answerAsPerson(id: ConversationId, text: string, stores: Stores): Promise<{ pausedUntil: Date }> {
  const conversation = await lockConversation(id, stores);
  const isSilent = conversation.pausedUntil !== null && conversation.pausedUntil > stores.now;
  const pausedUntil = isSilent ? conversation.pausedUntil! : new Date(stores.now.getTime() + handOverHours * 3_600_000);
  if (!isSilent) await change(id, pausedUntil, stores);
  await stores.outbox.add({ conversationId: id, purpose: 'person', payload: { kind: 'text', body: text } });
  return { pausedUntil };
}

async function lockConversation(id: ConversationId, stores: Stores): Promise<LockedConversation> {
  const conversation = await stores.conversations.lockPatiently(id);
  if (!conversation) throw new DomainError('conversation_not_found');
  return conversation;
}

/** A reply that found the row locked has left without answering: somebody has to look again after the commit. */
async function change(id: ConversationId, pausedUntil: Date | null, stores: Stores): Promise<void> {
  await stores.conversations.save(id, { pausedUntil });
  stores.nudge({ type: 'answer', conversationId: id });
}
