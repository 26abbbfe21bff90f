import type { ClaimedNote } from '#shared/domain/conversations/voice-note.ts';
import type { VoiceProblem } from '#shared/domain/conversations/voice.ts';
import type { Stores } from '#shared/domain/ports.ts';
import type { WorkerDeps } from '../deps.ts';
import { hearNote, type Heard } from './hear-note.ts';

/** A note is one worker's for so long; the beat keeps it while its work goes on. A dead worker's note is free after a lease. */
const lease = { ms: 6_000, beatMs: 2_000 };
/** A note is tried this often at least and for so long, then its guest is asked to write. */
const patience = { leastAttempts: 3, seconds: 40 };
const longestRestMs = 8_000;

/**
 * Hears one untranscribed note, if nobody else does: its words (or what is wrong with it) land on its row, which is then
 * answered like any message. Trouble that passes is tried again by a delayed nudge, and by the sweep; never throws for it.
 */
export async function transcribeNote(messageId: string, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const claim = await deps.inTransaction((stores) => stores.voiceNotes.claim(messageId, lease.ms));
  if (claim.type === 'none') return;
  if (claim.type === 'later') return nudge(messageId, claim.waitMs, deps);
  const { note } = claim;
  if (!note.isPaused) showThatWeListen(note, deps);
  const begunAt = performance.now();
  const keeper = keep(note, deps);
  let heard: Heard;
  try {
    heard = await hearNote(note, deps, AbortSignal.any([signal, keeper.lost]));
  } catch (error) {
    keeper.stop();
    if (keeper.lost.aborted) return;
    const ageSeconds = note.ageSeconds + (performance.now() - begunAt) / 1_000;
    return afterTrouble(error, { ...note, ageSeconds }, deps, signal);
  }
  keeper.stop();
  await finish(note, heard, deps);
}

/** Two blue ticks and "writing…", for 25 s; a courtesy that nothing waits for. */
function showThatWeListen({ payload }: ClaimedNote, deps: WorkerDeps): void {
  deps.whatsapp
    .markRead(payload.providerMessageId, { typing: true })
    .catch((error: unknown) => deps.log.debug({ err: error }, 'not marked as read'));
}

/** Prolongs the lease while the work goes on; `lost` aborts when the note was taken, or erased, meanwhile. */
function keep(note: ClaimedNote, deps: WorkerDeps): { lost: AbortSignal; stop(): void } {
  const lost = new AbortController();
  const beat = setInterval(() => {
    deps
      .inTransaction((stores) => stores.voiceNotes.keep(note, lease.ms))
      .then(
        (isOurs) => !isOurs && lost.abort(new Error('the note is no longer ours')),
        (error: unknown) => deps.log.warn({ err: error, messageId: note.id }, 'lease not prolonged'),
      );
  }, lease.beatMs);
  return { lost: lost.signal, stop: () => clearInterval(beat) };
}

async function finish(note: ClaimedNote, heard: Heard, deps: WorkerDeps): Promise<void> {
  const outcome = 'text' in heard ? 'transcribed' : heard.problem;
  const isDone = await deps.inTransaction(async (stores) => {
    const isOurs = await stores.voiceNotes.finish(note, heard);
    if (isOurs && 'problem' in heard && heard.tellsOwner) await tellOwner(note, heard.problem, stores);
    return isOurs;
  });
  if (!isDone) return;
  deps.metrics.transcriptions.inc({ outcome });
  deps.log.info({ messageId: note.id, outcome, attempt: note.attempts }, 'voice note heard');
  await deps.enqueue('reply-to-message', note.payload);
}

/** While a service is away every note fails: the owner hears of that once an hour. */
async function tellOwner(note: ClaimedNote, problem: VoiceProblem, stores: Stores): Promise<void> {
  const type = 'voice_note_not_heard';
  const about = { problem, hour: stores.now.toISOString().slice(0, 13) };
  if (problem === 'unavailable' && (await stores.notices.isKnown(type, about))) return;
  const data = { ...about, messageId: note.id };
  await stores.outbox.addOwnerNotice({ type, conversationId: note.conversationId, data });
}

/** We were stopped: the note is free at once. Else it is tried again, or its guest hears that we cannot listen now. */
async function afterTrouble(error: unknown, note: ClaimedNote, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    await deps.inTransaction((stores) => stores.voiceNotes.postpone(note, 0, { isUncounted: true }));
    throw error;
  }
  deps.log.warn({ err: error, messageId: note.id, attempt: note.attempts }, 'voice note not heard');
  const restMs = Math.min(longestRestMs, Math.max(1_000 * 2 ** (note.attempts - 1), retryAfterOf(error)));
  const isOver = note.attempts >= patience.leastAttempts && note.ageSeconds >= patience.seconds;
  if (isOver) return finish(note, { problem: 'unavailable', tellsOwner: true }, deps);
  deps.metrics.transcriptions.inc({ outcome: 'postponed' });
  await deps.inTransaction((stores) => stores.voiceNotes.postpone(note, restMs));
  await nudge(note.id, restMs, deps);
}

function retryAfterOf(error: unknown): number {
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' ? retryAfterMs : 0;
}

function nudge(messageId: string, waitMs: number, deps: WorkerDeps): Promise<void> {
  return deps.enqueue('sweep-untranscribed-notes', { messageId }, { delayMs: waitMs + 50 });
}
