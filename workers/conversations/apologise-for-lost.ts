import { toIdentities } from '#shared/domain/contacts.ts';
import { inboundMessage } from '#shared/domain/conversations/message.ts';
import { apologyForFailure } from '#shared/domain/conversations/notices.ts';
import { hashMessageId } from '#shared/observability/redaction.ts';
import type { JobName } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

const guestWaits = new Set<JobName>(['reply-to-message', 'transcribe-audio']);

/**
 * A job that holds a guest's message failed finally. With a row, the row's own limit apologises; without one nobody would ever:
 * one apology to the guest, where the sender can be read, and one line for the owner, once per message however often it is put
 * back and fails again.
 */
export async function apologiseForLost(job: JobName, payload: unknown, deps: WorkerDeps): Promise<void> {
  if (!guestWaits.has(job)) return;
  const parsed = inboundMessage.safeParse(payload);
  const providerMessageId = (payload as { providerMessageId?: unknown } | null)?.providerMessageId;
  const messageHash = typeof providerMessageId === 'string' ? hashMessageId(providerMessageId) : 'unreadable';
  await deps.inTransaction(async (stores) => {
    if (typeof providerMessageId === 'string' && (await stores.conversations.findMessage(providerMessageId))) return;
    if (await stores.notices.isKnown('message_lost', { messageHash })) return;
    await stores.outbox.addOwnerNotice({ type: 'message_lost', data: { messageHash } });
    const names = parsed.success ? toIdentities(parsed.data.contact) : [];
    if (names.length === 0) return;
    const contactId = await stores.conversations.ensureContact(names);
    const chat = await stores.conversations.findAddressee(contactId);
    if (chat)
      await stores.outbox.add({
        conversationId: chat.conversationId,
        payload: apologyForFailure(chat.language),
        purpose: 'apology',
      });
  });
}
