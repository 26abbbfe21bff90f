import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWhatsAppClient } from '#shared/integrations/whatsapp/client.ts';
import { toSettings } from '#shared/db/settings.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../../workers/deps.ts';
import { createListening } from '../../workers/transcriptions/listening.ts';
import { transcribeAudio } from '../../workers/transcriptions/transcribe-audio.ts';
import { dropTestDatabases } from '../support/database.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';
import { makeTestFolder, stopServices } from '../support/services.ts';
import { findOrInstall } from '../support/tools.ts';
import { makeNote } from '../support/voice-notes.ts';

// `node test/load/audio-pipeline.bench.ts [rounds]`: how much of a voice note's time is ours, and what twenty at once do to the
// others. Prints figures and ends with 1 when a limit is broken: share ≤ 1.5 × bare ffmpeg, event loop lag P99 < 50 ms.
const rounds = Number(process.argv[2] ?? 15);
const limits = { ratio: 1.5, lagMs: 50 };
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const ms = (value: number): string => `${value.toFixed(0)} ms`;

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** The same work done by hand: the file in, 16 kHz mono s16 out. */
async function runBareFfmpeg(ffmpeg: string, input: string, output: string): Promise<number> {
  const begun = performance.now();
  const args = ['-nostdin', '-v', 'error', '-y', '-i', input, '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', output];
  const [code] = (await once(spawn(ffmpeg, args, { stdio: 'ignore' }), 'exit')) as [number];
  if (code !== 0) throw new Error('the bare ffmpeg failed');
  return performance.now() - begun;
}

/** The handler of `transcribe-audio` on a real database and real HTTP, its time at the speech service taken off. */
function createPipeline(house: House): (message: InboundMessage) => Promise<number> {
  const { env, database } = house;
  const listening = createListening(env);
  let atSpeechMs = 0;
  const speech = listening.speech!;
  const deps = {
    env,
    log: createSilentLogger(),
    metrics: createMetrics(),
    database,
    inTransaction: createInTransaction(database, toSettings(env), () => Promise.resolve()),
    enqueue: () => Promise.resolve(),
    whatsapp: createWhatsAppClient(env.whatsapp),
    ...listening,
    speech: {
      ...speech,
      async transcribe(request) {
        const begun = performance.now();
        try {
          return await speech.transcribe(request);
        } finally {
          atSpeechMs += performance.now() - begun;
        }
      },
    },
  } as Partial<WorkerDeps> as WorkerDeps;
  return async (message) => {
    atSpeechMs = 0;
    const begun = performance.now();
    await transcribeAudio(message, deps, new AbortController().signal);
    return performance.now() - begun - atSpeechMs;
  };
}

async function measureShare(): Promise<boolean> {
  const house = await openHouse('postgres', { pools: [] });
  try {
    const ffmpeg = await findOrInstall('ffmpeg');
    const note = await makeNote({ seconds: 15, transcript: '¿hay lugar para cuatro personas el finde?' });
    const folder = await makeTestFolder('bench');
    const [input, output] = [join(folder, 'note.ogg'), join(folder, 'note.wav')];
    await writeFile(input, note);
    const pipeline = createPipeline(house);
    const speak = (index: number): Promise<number> => pipeline(toMessage(house, note, index));
    await runBareFfmpeg(ffmpeg, input, output);
    await speak(-1); // fluent-ffmpeg asks once per process what ffmpeg can do
    const [bare, ours]: [number[], number[]] = [[], []];
    for (let index = 0; index < rounds; index++) {
      // Side by side, each first in turn: the machine's mood hits both.
      if (index % 2 === 0) bare.push(await runBareFfmpeg(ffmpeg, input, output));
      ours.push(await speak(index));
      if (index % 2 === 1) bare.push(await runBareFfmpeg(ffmpeg, input, output));
    }
    const ratio = quantile(ours, 0.5) / quantile(bare, 0.5);
    print(
      `a note of 15 s, ${rounds} rounds, medians: bare ffmpeg ${ms(quantile(bare, 0.5))}, our share ${ms(quantile(ours, 0.5))}`,
    );
    print(`ratio ${ratio.toFixed(2)} (limit ${limits.ratio})`);
    return ratio <= limits.ratio;
  } finally {
    await house.close();
  }
}

function toMessage(house: House, note: Buffer, index: number): InboundMessage {
  const now = new Date().toISOString();
  return {
    providerMessageId: `wamid.bench${index}`,
    phoneNumberId: house.env.whatsapp.phoneNumberId,
    contact: { waId: '5492944559999', phone: '5492944559999' },
    sentAt: now,
    receivedAt: now,
    type: 'audio',
    media: { id: house.whatsapp.addMedia(note, 'audio/ogg'), mimeType: 'audio/ogg; codecs=opus', voice: true },
  };
}

/** Twenty notes at once in one worker process, while other guests write. */
async function measureCrowd(): Promise<boolean> {
  const port = await findFreePort();
  const house = await openHouse('postgres', { pools: [], variables: { WORKER_PORT: String(port) } });
  try {
    const note = await makeNote({ seconds: 15, transcript: '¿hay lugar para cuatro personas el finde?' });
    await house.spawnWorkers(...queueNames);
    await writeTexts(house, 5); // warm
    const alone = await writeTexts(house, 20);
    await speakAll(house, note, 1);
    await readLagMs(port); // the figure begins anew at each reading
    const begun = performance.now();
    const speaking = speakAll(house, note, 20).then(() => performance.now() - begun);
    const beside = await writeTexts(house, 20);
    const tookMs = await speaking;
    const lagMs = await readLagMs(port);
    print(
      `20 notes of 15 s at once: all answered after ${ms(tookMs)}; event loop lag P99 ${ms(lagMs)} (limit ${limits.lagMs} ms)`,
    );
    print(
      `texts of others: P50 ${ms(quantile(alone, 0.5))}, P95 ${ms(quantile(alone, 0.95))} alone; ` +
        `P50 ${ms(quantile(beside, 0.5))}, P95 ${ms(quantile(beside, 0.95))} beside the notes`,
    );
    return lagMs < limits.lagMs;
  } finally {
    await house.close();
  }
}

async function speakAll(house: House, note: Buffer, count: number): Promise<void> {
  const phones = Array.from({ length: count }, () => createPhone(house));
  await Promise.all(phones.map((phone) => phone.speak(note)));
  await Promise.all(phones.map((phone) => phone.waitFor(/./, 180_000)));
}

/** Milliseconds from each text to its answer, one every 100 ms from a guest of its own. */
async function writeTexts(house: House, count: number): Promise<number[]> {
  const answers: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    answers.push(
      (async () => {
        const phone = createPhone(house);
        const begun = performance.now();
        await phone.say('¿tienen wifi?');
        await phone.waitFor(/./, 180_000);
        return performance.now() - begun;
      })(),
    );
    await sleep(100);
  }
  return Promise.all(answers);
}

async function readLagMs(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1] ?? NaN) * 1_000;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

let isGood = false;
try {
  const share = await measureShare();
  isGood = (await measureCrowd()) && share;
} finally {
  await dropTestDatabases();
  await stopServices();
}
process.exit(isGood ? 0 : 1);
