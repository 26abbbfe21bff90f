import {
  claimNextMessage,
  findRecipient,
  markAmbiguous,
  markSendFailed,
  markSent,
  postponeSend,
  type ClaimedMessage,
} from '#shared/db/stores/delivery-store.ts';
import { WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import type { Recipient } from '#shared/integrations/whatsapp/client.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** providers.md and house.md: a send is aborted after 8 s, its lease is dead after 12 s, its status is waited for 15 s. */
export const deliveryTimes = { leaseMs: 12_000, statusWaitMs: 15_000 };
/** Temporary refusals of one message before it counts as failed. */
const mostAttempts = 12;
/** When the vendor wants us to stop (token, app limit): look again after a minute. */
const pauseMs = 60_000;

/**
 * Sends a conversation's waiting messages in row order. Whatever happens to one send is written on its row; a wait longer than
 * now becomes a delayed nudge, so a worker never sleeps on a guest.
 */
export async function deliverMessages(
  { conversationId }: Payload<'deliver-messages'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const claim = await claimNextMessage(deps.database, conversationId, deliveryTimes);
    if (claim.type === 'none') return;
    if (claim.type === 'later') {
      if (claim.waitMs <= 0) continue;
      return deps.enqueue('deliver-messages', { conversationId }, { delayMs: claim.waitMs + 50 });
    }
    await sendOne(conversationId, claim.message, deps, signal);
  }
}

async function sendOne(
  conversationId: string,
  message: ClaimedMessage,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const to = await findRecipient(deps.database, conversationId);
  const recipient: Recipient = {
    ...(to?.phone ? { to: to.phone } : {}),
    ...(to?.bsuid ? { recipient: to.bsuid } : {}),
  };
  if (!recipient.to && !recipient.recipient) return markSendFailed(deps.database, message.id, 'no_recipient');
  if (message.answersProviderId) markRead(message.answersProviderId, deps);
  try {
    const { providerMessageId } = await deps.whatsapp.send(message.payload, recipient, {
      opaqueId: message.id,
      signal,
    });
    await markSent(deps.database, message.id, providerMessageId);
    deps.metrics.messagesSent.inc({ category: 'service', outcome: 'sent' });
    if (message.answersReceivedAt)
      deps.metrics.replyLatency.observe(
        { kind: message.answersVoice ? 'audio' : 'text' },
        (Date.now() - message.answersReceivedAt.getTime()) / 1000,
      );
  } catch (error) {
    if (!(error instanceof WhatsAppError)) throw error;
    await afterRefusal(error, message, deps);
  }
}

/** Two blue ticks; a courtesy that nothing waits for. */
function markRead(providerMessageId: string, deps: WorkerDeps): void {
  deps.whatsapp
    .markRead(providerMessageId, { typing: false })
    .catch((error: unknown) => deps.log.debug({ err: error }, 'not marked as read'));
}

/** The table of providers.md (WhatsApp, 5). Throws where the whole queue must slow down. */
async function afterRefusal(error: WhatsAppError, message: ClaimedMessage, deps: WorkerDeps): Promise<void> {
  const { database } = deps;
  const code = String(error.code ?? error.status ?? error.kind);
  const backoffMs = Math.min(60_000, 500 * 2 ** message.attempts) * (0.75 + Math.random() / 2);
  deps.metrics.messagesSent.inc({ category: 'service', outcome: error.kind });
  deps.log.warn({ err: error, messageId: message.id, kind: error.kind }, 'send refused');
  switch (error.kind) {
    case 'ambiguous':
      return markAmbiguous(database, message.id);
    case 'number_rate':
      await postponeSend(database, message.id, error.retryAfterMs ?? 1_000, code);
      throw error;
    case 'user_rate':
      return postponeSend(database, message.id, Math.max(error.retryAfterMs ?? 0, 6_000, backoffMs), code);
    case 'auth':
    case 'app_limit':
      await postponeSend(database, message.id, pauseMs, code);
      return;
    case 'temporary':
      if (message.attempts < mostAttempts)
        return postponeSend(database, message.id, Math.max(error.retryAfterMs ?? 0, backoffMs), code);
      return markSendFailed(database, message.id, code);
    case 'outside_window':
    case 'undeliverable':
    case 'do_not_retry':
    case 'not_in_test_list':
    case 'invalid':
      return markSendFailed(database, message.id, code);
  }
}
