import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import { sweepAfterSeconds, type WorkerDeps } from '../deps.ts';
import { transcribeNote } from './transcribe-note.ts';

/** Nudges the notes that the fast path left unheard for more than 15 s; with one named, hears that one now. */
export async function sweepUntranscribedNotes(
  { messageId }: Payload<'sweep-untranscribed-notes'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  if (messageId) return transcribeNote(messageId, deps, signal);
  const waiting = await deps.inTransaction((stores) => stores.voiceNotes.listUntranscribed(sweepAfterSeconds, 200));
  for (const id of waiting) await deps.enqueue('sweep-untranscribed-notes', { messageId: id });
  await recordSweep(deps.database, 'sweep-untranscribed-notes', waiting.length);
}
