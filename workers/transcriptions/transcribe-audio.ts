import { toIdentities } from '#shared/domain/contacts.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { WorkerDeps } from '../deps.ts';
import { transcribeNote } from './transcribe-note.ts';

/**
 * A guest spoke: record the message in its own short transaction, so that what follows waits for it, then hear it. A
 * redelivered job finds the row heard, or leased, and stops.
 */
export async function transcribeAudio(message: InboundMessage, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const recorded = await deps.inTransaction((stores) =>
    stores.conversations.record(message, toIdentities(message.contact), 'untranscribed'),
  );
  if (!recorded) {
    deps.log.warn('a voice note without any identity of its sender');
    return;
  }
  if (recorded.state === 'untranscribed') await transcribeNote(recorded.messageId, deps, signal);
}
