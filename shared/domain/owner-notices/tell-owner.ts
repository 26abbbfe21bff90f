import type { Identity } from '../contacts.ts';
import type { OutboundMessage } from '../conversations/message.ts';
import type { ConversationId, Stores } from '../ports.ts';
import { listDecisions } from './decisions.ts';
import { wordsOf } from './messages.es.ts';
import type { OwnerNotice } from './notice.ts';
import { signDecision } from './sign-decision.ts';

/** Notices told at a time; more than so many of the same moment are a storm, and the console has them all. */
const mostPerRun = 50;
/** Plain notices that share one message: WhatsApp charges for each. */
const mostPerMessage = 10;

/**
 * Puts what the owner was not told yet into the owner's chat, in order, each once. What is to be decided gets a message with its
 * signed buttons; what only informs shares one. Returns how many were told.
 */
export async function tellOwner(owner: Identity, secret: string, stores: Stores): Promise<number> {
  const untold = await stores.notices.lockUntold(mostPerRun);
  if (untold.length === 0) return 0;
  const contactId = await stores.conversations.ensureContact([owner]);
  const chat = await stores.conversations.findAddressee(contactId);
  if (!chat) return 0;
  for (const together of group(untold)) await say(together, chat.conversationId, secret, stores);
  await stores.notices.markTold(untold.map(({ id }) => id));
  return untold.length;
}

/** Consecutive notices without a decision are one message. */
function group(notices: readonly OwnerNotice[]): OwnerNotice[][] {
  const groups: OwnerNotice[][] = [];
  for (const notice of notices) {
    const last = groups.at(-1);
    const joins = (each: OwnerNotice): boolean => listDecisions(each.type).length === 0;
    if (last && last.length < mostPerMessage && joins(last[0]!) && joins(notice)) last.push(notice);
    else groups.push([notice]);
  }
  return groups;
}

async function say(
  notices: readonly OwnerNotice[],
  conversationId: ConversationId,
  secret: string,
  stores: Stores,
): Promise<void> {
  const first = notices[0]!;
  const body = notices.map(wordsOf).join('\n');
  const buttons = listDecisions(first.type).map(({ decision, title }) => ({
    id: signDecision({ noticeId: first.id, decision }, secret),
    title,
  }));
  const payload: OutboundMessage = buttons.length > 0 ? { kind: 'buttons', body, buttons } : { kind: 'text', body };
  await stores.outbox.add({ conversationId, payload, purpose: 'owner_alert', ownerNoticeId: first.id });
}
