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
import { queueNames, type QueueName } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../../workers/deps.ts';
import { createListening } from '../../workers/transcriptions/listening.ts';
import { transcribeAudio } from '../../workers/transcriptions/transcribe-audio.ts';
import { dropTestDatabases } from '../support/database.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';
import { makeTestFolder, stopServices } from '../support/services.ts';
import { findOrInstall } from '../support/tools.ts';
import { makeNote } from '../support/voice-notes.ts';
import { percentile, ratioRow, type BenchOptions, type Row } from './rows.ts';

const lagLimitMs = 50;
/** What the texts of others may take beside twenty notes: the promise for steady traffic. */
const textLimitMs = 250;

/**
 * How much of a voice note's time is ours (everything but the speech service, against the bare ffmpeg command on the same
 * file), and what twenty notes at once do to the event loop and to the texts of other guests.
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  try {
    return [...(await measureShare(short ? 7 : 25)), ...(await measureCrowd())];
  } finally {
    await dropTestDatabases();
    await stopServices();
  }
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

async function measureShare(rounds: number): Promise<Row[]> {
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
    const [bareMs, oursMs] = [percentile(bare, 50), percentile(ours, 50)];
    return [
      { name: 'bare ffmpeg, a note of 15 s, P50', value: bareMs, unit: 'ms' },
      ratioRow('voice note without the speech service, P50', oursMs, 'ms', 'bare ffmpeg', oursMs / bareMs, {
        atMost: 1.5,
      }),
    ];
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

/** Twenty notes at once while other guests write; notes have a worker process of their own, as docker-compose.yml gives them. */
async function measureCrowd(): Promise<Row[]> {
  const house = await openHouse('postgres', { pools: [] });
  try {
    const note = await makeNote({ seconds: 15, transcript: '¿hay lugar para cuatro personas el finde?' });
    const port = await spawnWithPage(house, ['transcriptions']);
    const others = await spawnWithPage(
      house,
      queueNames.filter((name) => name !== 'transcriptions'),
    );
    const readWorstLagMs = async (): Promise<number> => Math.max(await readLagMs(port), await readLagMs(others));
    await writeTexts(house, 20); // warm
    await speakAll(house, note, 4);
    await readWorstLagMs(); // the figure begins anew at each reading
    const alone = await writeTexts(house, 20);
    const lagAloneMs = await readWorstLagMs();
    const begun = performance.now();
    const speaking = speakAll(house, note, 20).then(() => performance.now() - begun);
    const beside = await writeTexts(house, 20);
    const tookMs = await speaking;
    const lagMs = await readWorstLagMs();
    const [aloneMs, besideMs] = [percentile(alone, 95), percentile(beside, 95)];
    const isLagMet = lagMs < lagLimitMs;
    const isTextMet = besideMs <= textLimitMs;
    return [
      { name: '20 notes of 15 s at once, all answered', value: tookMs, unit: 'ms' },
      { name: "the workers' event loop lag without notes, P99", value: lagAloneMs, unit: 'ms' },
      {
        name: "the workers' event loop lag with 20 notes at once, P99",
        value: lagMs,
        unit: 'ms',
        ratio: { of: 'without notes', value: lagMs / lagAloneMs },
        target: { text: `< ${lagLimitMs} ms`, isMet: isLagMet },
      },
      { name: 'texts of others, no notes, P95', value: aloneMs, unit: 'ms' },
      {
        name: 'texts of others beside the notes, P95',
        value: besideMs,
        unit: 'ms',
        ratio: { of: 'without notes', value: besideMs / aloneMs },
        target: { text: `≤ ${textLimitMs} ms`, isMet: isTextMet },
      },
    ];
  } finally {
    await house.close();
  }
}

/** A worker process of these pools; resolves to the port of its metrics. */
async function spawnWithPage(house: House, pools: readonly QueueName[]): Promise<number> {
  const port = await findFreePort();
  house.variables['WORKER_PORT'] = String(port);
  await house.spawnWorkers(...pools);
  return port;
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
