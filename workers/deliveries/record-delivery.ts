import { mergeStatus } from '#shared/db/stores/delivery-store.ts';
import type { StatusUpdate } from '#shared/domain/conversations/message.ts';
import type { WorkerDeps } from '../deps.ts';

/** WhatsApp tells what became of a message of ours; one that we did not know was sent frees the rows behind it. */
export async function recordDelivery(status: StatusUpdate, deps: WorkerDeps): Promise<void> {
  const conversationId = await mergeStatus(deps.database, {
    providerMessageId: status.providerMessageId,
    opaqueId: status.opaqueId,
    status: status.status,
    at: status.at,
    code: status.errors[0] ? String(status.errors[0].code) : undefined,
  });
  if (!conversationId) {
    deps.log.debug('a status about none of our messages');
    return;
  }
  if (status.status === 'failed')
    deps.metrics.messagesSent.inc({ category: status.pricing?.category ?? 'service', outcome: 'failed' });
  await deps.enqueue('deliver-messages', { conversationId });
}
