import { createGate } from '#shared/db/gate.ts';
import { WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { deliverMessages } from './deliver-messages.ts';

/** Of this process, whatever number of jobs it runs: WhatsApp takes 80 messages a second of one number. */
const gate = createGate(32);

/**
 * Sends what waits in several conversations. One that fails keeps none of the others, and has the job tried again: it finds
 * nothing where everything was sent. When WhatsApp says that it is too much, no more of them are begun.
 */
export async function deliverConversations(
  { conversationIds }: Payload<'deliver-conversations'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  let tooMuch: unknown;
  const results = await Promise.allSettled(
    conversationIds.map((conversationId) =>
      gate(async () => {
        if (tooMuch !== undefined) return;
        await deliverMessages({ conversationId }, deps, signal).catch((error: unknown) => {
          if (error instanceof WhatsAppError && error.kind === 'number_rate') tooMuch = error;
          throw error;
        });
      }),
    ),
  );
  if (tooMuch !== undefined) throw tooMuch;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
