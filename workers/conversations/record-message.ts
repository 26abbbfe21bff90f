import { toIdentities } from '#shared/domain/contacts.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { handOverHours } from '#shared/domain/conversations/person.ts';
import type { RecordedMessage, Stores } from '#shared/domain/ports.ts';

type New = RecordedMessage & { contactId: string };

/**
 * Records a message together with what it changes besides being one, so that both happen once: the owner typed on the phone, a
 * guest has a new number, a text was edited or withdrawn. A redelivery finds the row and changes nothing. Undefined when the
 * sender shows no identity.
 */
export async function recordMessage(message: InboundMessage, stores: Stores): Promise<RecordedMessage | undefined> {
  const row = await stores.conversations.record(message, toIdentities(message.contact));
  if (!row?.isNew || row.contactId === null) return row;
  const fresh: New = { ...row, contactId: row.contactId };
  // In a group nobody asked us.
  if (message.groupId !== undefined) return ignore(fresh, stores);
  switch (message.type) {
    case 'echo':
      await giveChatToPerson(fresh, message, stores);
      return ignore(fresh, stores);
    case 'system':
      await followChange(fresh, message, stores);
      return ignore(fresh, stores);
    case 'edit':
      return (await rewrite(fresh, message, stores)) ? ignore(fresh, stores) : row;
    case 'revoke':
      await withdraw(fresh, message, stores);
      return ignore(fresh, stores);
    default:
      return row;
  }
}

async function ignore(row: RecordedMessage, stores: Stores): Promise<RecordedMessage> {
  await stores.conversations.markMessages([row.messageId], 'ignored');
  return { ...row, state: 'ignored' };
}

/** From when it was typed: an echo that comes a day late says nothing about now. */
async function giveChatToPerson(row: New, { sentAt }: InboundMessage, stores: Stores): Promise<void> {
  const until = new Date(Date.parse(sentAt) + handOverHours * 3_600_000);
  if (until <= stores.now) return;
  const conversation = await stores.conversations.lockPatiently(row.conversationId);
  if (!conversation || (conversation.pausedUntil !== null && conversation.pausedUntil >= until)) return;
  await stores.conversations.save(row.conversationId, { pausedUntil: until });
  stores.nudge({ type: 'answer', conversationId: row.conversationId });
}

/** WhatsApp says that a person has another number, or another user id. */
async function followChange(row: New, { system, sentAt }: InboundMessage, stores: Stores): Promise<void> {
  const [phone] = toIdentities({ waId: system?.newWaId });
  if (system?.type === 'user_changed_number' && phone?.kind === 'phone')
    await stores.contacts.changePhone(row.contactId, phone, new Date(sentAt));
  const shown = toIdentities({ waId: system?.newWaId, bsuid: system?.newBsuid });
  const { isMergePending } = await stores.contacts.learn(row.contactId, shown);
  if (isMergePending) stores.nudge({ type: 'merge_contacts' });
}

/** A text that was not answered yet is answered as it reads now; true when nothing else is left to do about the edit. */
async function rewrite(row: New, { original, text }: InboundMessage, stores: Stores): Promise<boolean> {
  if (text === undefined || text.trim() === '') return true;
  const edited = await lockUnanswered(row, original, stores);
  if (!edited) return false;
  if (edited.text !== text) await stores.conversations.rewrite(edited.id, text);
  return true;
}

async function withdraw(row: New, { original }: InboundMessage, stores: Stores): Promise<void> {
  const withdrawn = await lockUnanswered(row, original, stores);
  if (withdrawn) await stores.conversations.markMessages([withdrawn.id], 'ignored');
}

/** The message that an edit or a withdrawal is about, while no reply can be at it; undefined when it is not waiting (any more). */
async function lockUnanswered(row: New, original: string | undefined, stores: Stores) {
  if (original === undefined) return undefined;
  await stores.conversations.lockPatiently(row.conversationId);
  const found = await stores.conversations.findMessage(original);
  return found?.conversationId === row.conversationId && found.state === 'unanswered' ? found : undefined;
}
