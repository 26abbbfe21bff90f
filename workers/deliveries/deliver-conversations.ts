import { createGate } from '#shared/db/gate.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { deliverMessages } from './deliver-messages.ts';

/** WhatsApp takes 80 messages a second of one number. */
const mostAtOnce = 16;

/**
 * Sends what waits in several conversations. One that fails keeps none of the others, and has the job tried again: it finds
 * nothing where everything was sent.
 */
export async function deliverConversations(
  { conversationIds }: Payload<'deliver-conversations'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const gate = createGate(mostAtOnce);
  const results = await Promise.allSettled(
    conversationIds.map((conversationId) => gate(() => deliverMessages({ conversationId }, deps, signal))),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
