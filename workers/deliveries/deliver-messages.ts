import {
  claimNextMessage,
  keepMessage,
  listUnsentConversations,
  markSendFailed,
  postponeSend,
  type ClaimedMessage,
} from '#shared/db/stores/delivery-store.ts';
import { findRecipient, type ConversationRecipient } from '#shared/db/stores/recipient-store.ts';
import { recordVendorSuccess, waitForVendor } from '#shared/db/stores/vendor-health-store.ts';
import { toIdentities } from '#shared/domain/contacts.ts';
import type { OutboundMessage } from '#shared/domain/conversations/message.ts';
import { asTemplate, templateFor } from '#shared/domain/conversations/templates.ts';
import type { Recipient, SendResult } from '#shared/integrations/whatsapp/client.ts';
import { WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { followRefusal } from './follow-refusal.ts';

/** providers.md and house.md: a send is aborted after 8 s, its lease is dead after 12 s, its status is waited for 15 s. */
export const deliveryTimes = { leaseMs: 12_000, statusWaitMs: 15_000 };
/** How long the one that probes a vendor at rest is waited for. */
const probeMs = 15_000;
/** WhatsApp does not answer: what may have been sent is looked at again so much later. */
const silenceMs = 5_000;

/**
 * Sends a conversation's waiting messages in row order. Whatever happens to one send is written on its row; a wait longer than
 * now becomes a delayed nudge, so a worker never sleeps on a guest. While WhatsApp wants no calls at all nobody makes one.
 */
export async function deliverMessages(
  { conversationId }: Payload<'deliver-messages'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  let mayRepeat = false;
  let isProbing = false;
  for (;;) {
    signal.throwIfAborted();
    const joint = mayRepeat || isProbing ? undefined : await deps.claimMessage(conversationId);
    const claim =
      joint?.claim ?? (await claimNextMessage(deps.database, conversationId, deliveryTimes, { mayRepeat, isProbing }));
    if (claim.type === 'none') return;
    if (claim.type === 'at_rest') {
      const restMs = await waitForVendor(deps.database, 'whatsapp', probeMs);
      if (restMs > 0) return comeAgain(conversationId, restMs, deps);
      isProbing = true;
      continue;
    }
    if (claim.type === 'later') {
      if (claim.waitMs > 0) return comeAgain(conversationId, claim.waitMs, deps);
      continue;
    }
    if (claim.type === 'doubtful') {
      mayRepeat = await deps.whatsapp.isAnswering(signal);
      if (mayRepeat) continue;
      return deps.enqueue('deliver-messages', { conversationId }, { delayMs: silenceMs });
    }
    mayRepeat = false;
    isProbing = false;
    const to = joint?.to ?? (await findRecipient(deps.database, conversationId));
    const mayBeMore = await sendOne(claim.message, to, deps, signal);
    if (!mayBeMore) return;
  }
}

function comeAgain(conversationId: string, waitMs: number, deps: WorkerDeps): Promise<void> {
  return deps.enqueue('deliver-messages', { conversationId }, { delayMs: waitMs + 50 });
}

/** Whether there may be rows behind it: false only when none waited after this one was sent. */
async function sendOne(
  message: ClaimedMessage,
  to: ConversationRecipient | undefined,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (!to || (!to.phone && !to.bsuid) || to.isUndeliverable) {
    await markSendFailed(deps.database, message.id, to?.isUndeliverable ? 'undeliverable' : 'no_recipient');
    return true;
  }
  const wanted = toSend(message, to, deps);
  if (!wanted) {
    deps.log.info({ messageId: message.id, purpose: message.purpose }, 'kept: outside the 24 hours, and no template');
    await keepMessage(deps.database, message.id);
    return true;
  }
  if (message.answersProviderId) markRead(message.answersProviderId, deps);
  const recipient: Recipient = {
    ...(to.phone ? { to: to.phone } : {}),
    ...(to.bsuid ? { recipient: to.bsuid } : {}),
  };
  const [sending] = await Promise.allSettled([deps.whatsapp.send(wanted, recipient, { opaqueId: message.id, signal })]);
  if (sending.status === 'rejected') return followTrouble(sending.reason, message, { to, wanted }, deps);
  // Fails this, the message stays as being sent: its status tells, or its lease ends and it is doubtful. It is not sent anew.
  const { isMore, isNews } = await deps.markSent({
    id: message.id,
    providerMessageId: sending.value.providerMessageId,
  });
  await afterSuccess(message, to, { ...sending.value, isNews }, deps);
  return isMore;
}

/** It was not taken, or nobody knows. */
async function followTrouble(
  error: unknown,
  message: ClaimedMessage,
  { to, wanted }: { to: ConversationRecipient; wanted: OutboundMessage },
  deps: WorkerDeps,
): Promise<true> {
  if (!(error instanceof WhatsAppError)) {
    // Ours, and before anything left: the row goes back at once.
    await postponeSend(deps.database, message.id, 1_000, 'not_sent');
    throw error;
  }
  deps.log.warn({ err: error, messageId: message.id, kind: error.kind }, 'send refused');
  const isTemplate = wanted.kind === 'template';
  await followRefusal(error, { ...message, isTemplate, contactId: to.contactId }, deps);
  if (error.kind === 'number_rate') throw error;
  return true;
}

/** Free-form within the guest's 24 hours, else the approved template for it; undefined when there is none. */
function toSend(message: ClaimedMessage, to: ConversationRecipient, { env }: WorkerDeps): OutboundMessage | undefined {
  if (message.isFreeForm || message.payload.kind === 'template') return message.payload;
  const name = templateFor(message.purpose);
  const approved = name && env.whatsapp.templates[name];
  if (!approved) return undefined;
  return asTemplate(name, approved, {
    message: message.payload,
    text: message.templateText,
    lodging: to.lodgingName,
  });
}

async function afterSuccess(
  message: ClaimedMessage,
  to: ConversationRecipient,
  { waId, bsuid, isNews }: SendResult & { isNews: boolean },
  deps: WorkerDeps,
): Promise<void> {
  if (message.answersReceivedAt) {
    const seconds = (Date.now() - message.answersReceivedAt.getTime()) / 1_000;
    deps.metrics.replyLatency.observe({ kind: message.answersVoice ? 'audio' : 'text' }, seconds);
  }
  if (isNews && (await recordVendorSuccess(deps.database, 'whatsapp'))) await wakeAll(deps);
  const shown = toIdentities({ waId, bsuid });
  const known = new Set(toIdentities({ phone: to.phone ?? undefined, bsuid: to.bsuid ?? undefined }).map(keyOf));
  if (shown.every((identity) => known.has(keyOf(identity)))) return;
  await deps.inTransaction(async (stores) => {
    const { isMergePending } = await stores.contacts.learn(to.contactId, shown);
    if (isMergePending) stores.nudge({ type: 'merge_contacts' });
  });
}

function keyOf({ kind, matchKey }: { kind: string; matchKey: string }): string {
  return `${kind} ${matchKey}`;
}

/** WhatsApp works again after it wanted no calls: everybody's messages at once, not when their turn to look comes. */
async function wakeAll(deps: WorkerDeps): Promise<void> {
  deps.log.info('WhatsApp takes messages again');
  for (const conversationId of await listUnsentConversations(deps.database, 0, 1_000))
    await deps.enqueue('deliver-messages', { conversationId });
}

/** Two blue ticks; a courtesy that nothing waits for. */
function markRead(providerMessageId: string, deps: WorkerDeps): void {
  deps.whatsapp
    .markRead(providerMessageId, { typing: false })
    .catch((error: unknown) => deps.log.debug({ err: error }, 'not marked as read'));
}
