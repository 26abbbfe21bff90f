import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { sweepUntranscribedNotes } from './sweep-untranscribed-notes.ts';
import { transcribeAudio } from './transcribe-audio.ts';

/** Hearing what guests say. */
export const transcriptionHandlers: Handlers<'transcriptions', WorkerDeps> = {
  'transcribe-audio': transcribeAudio,
  'sweep-untranscribed-notes': sweepUntranscribedNotes,
};
