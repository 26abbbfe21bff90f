import { availableParallelism } from 'node:os';
import type { Env } from '#shared/config/env.ts';
import { createGate } from '#shared/db/gate.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import { convertToWav } from '#shared/integrations/ffmpeg/convert-to-wav.ts';
import { openSpeech } from '#shared/integrations/openai/speech-client.ts';
import { createMediaClient } from '#shared/integrations/whatsapp/media.ts';
import type { WorkerDeps } from '../deps.ts';

/** Speech requests of one process at a time: what waits here does not use up the service's time limit. */
const speechAtOnce = 4;

/** Downloads of one process at a time: more than are decoded meanwhile help nobody. */
const downloadsAtOnce = 2;

/** Transactions about notes at a time: the other connections are for who wrote; not one alone, which may wait for a lock. */
const transactionsAtOnce = 2;

/**
 * What a note is heard with. Its jobs are many at a time, so that each note is recorded at once; decoding leaves one processor
 * to the texts of other guests.
 */
export function createListening(env: Env): Pick<WorkerDeps, 'media' | 'convertToWav' | 'speech'> {
  const fetchOne = createGate(downloadsAtOnce);
  const decode = createGate(Math.max(1, availableParallelism() - 1));
  const ask = createGate(speechAtOnce);
  const speech = openSpeech(env.openai);
  const media = createMediaClient(env.whatsapp);
  return {
    media: { ...media, download: (...args) => fetchOne(() => media.download(...args)) },
    convertToWav: (path, options) => decode(() => convertToWav(path, options)),
    speech: speech && { ...speech, transcribe: (request) => ask(() => speech.transcribe(request)) },
  };
}

/** Twenty notes at once stand in a line of their own, and not before the texts of other guests. */
export function inLine(inTransaction: InTransaction): InTransaction {
  const gate = createGate(transactionsAtOnce);
  return (work, by) => gate(() => inTransaction(work, by));
}
