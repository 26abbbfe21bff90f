import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { readEnv } from '#shared/config/env.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { openQueues, type QueueStore } from '#shared/queues/connections.ts';
import { queuePrefix } from '#shared/queues/store.ts';
import { deliverMessages } from '../../workers/deliveries/deliver-messages.ts';
import { replyToMessage } from '../../workers/conversations/reply-to-message.ts';
import { startWorkers } from '../../workers/start-workers.ts';
import type { Backend } from '../support/both-backends.ts';
import { newPhone, openGraph, postMessage, type Graph } from './guests.ts';
import { percentile, ratioRow, type BenchOptions, type Row } from './rows.ts';
import { openStage, type Stage } from './stage.ts';

/** Of each part so many are not counted. */
const warmUp = 5;
const text = 'hola, hay lugar del 10 al 14 de marzo para 2?';

/**
 * One message on an idle house, from the webhook sent to the Graph call received, against the sum of what lies on its way, each
 * measured by itself: the acknowledged webhook, two hand-overs by the queue, the answering and the sending.
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const backend of ['redis', 'postgres'] as const) {
    const stage = await openStage(backend);
    const graph = await openGraph();
    try {
      rows.push(...(await measure(stage, graph, short ? 20 : 60)));
    } finally {
      await stage.close();
      await graph.close();
    }
  }
  return rows;
}

async function measure(stage: Stage, graph: Graph, times: number): Promise<Row[]> {
  const { backend } = stage;
  stage.variables['WHATSAPP_API_URL'] = `${graph.url}/v26.0`;
  stage.variables['MERCADOPAGO_API_URL'] = graph.url;
  const api = await stage.spawn('api/server.ts', [], /"port":(\d+)/);
  // Before there are workers, so that nothing else runs.
  const webhook = await median(times, (phone) => postMessage(api.match, phone, { text }));
  const parts = await measureParts(stage, times);

  const workers = await stage.spawn('workers/main.ts', [], /"working"/);
  const whole = async (phone: string): Promise<void> => {
    await postMessage(api.match, phone, { text });
    if ((await graph.waitForSend(phone, 0, 30_000)) === undefined)
      throw new Error('a message was not answered within 30 s');
  };
  await sleep(5_000); // the webhooks of above are answered first
  const all = await median(times, whole);
  workers.child.kill('SIGTERM');
  const sum = webhook + 2 * parts.handOver + parts.answer + parts.send;
  const row = (name: string, value: number): Row => ({ name: `${name} (${backend})`, value, unit: 'ms' });
  return [
    row('webhook, acknowledged', webhook),
    row('hand-over by the queue, from add to start', parts.handOver),
    row('recording and answering', parts.answer),
    row('sending', parts.send),
    ratioRow(`webhook to Graph call (${backend})`, all, 'ms', 'the sum of its parts', all / sum, { atMost: 1.5 }),
  ];
}

/** In this process, one at a time, on the stage's stores. */
async function measureParts(stage: Stage, times: number) {
  const env = readEnv(stage.variables);
  const log = createSilentLogger();
  const queues = openQueues({
    redisUrl: env.redisUrl,
    databaseUrl: stage.databaseUrl,
    prefix: 'parts',
    role: 'worker',
    log,
  });
  await queues.opened;
  const workers = startWorkers([], { env, log, metrics: createMetrics(), database: stage.database, queues });
  const deps = { ...workers.deps, enqueue: () => Promise.resolve() };
  const { signal } = new AbortController();
  try {
    const handOver = await measureHandOver(queues, stage.backend, times);
    const answer = await median(times, (phone) => replyToMessage(toMessage(phone), deps, signal));
    const waiting: { id: string }[] = await stage.database.query(
      `SELECT DISTINCT conversation_id AS id FROM outbound_messages WHERE state = 'unsent'`,
    );
    const send = await median(waiting.length - warmUp, () =>
      deliverMessages({ conversationId: waiting.pop()!.id }, deps, signal),
    );
    return { handOver, answer, send };
  } finally {
    await workers.close(AbortSignal.timeout(1_000));
    await queues.close();
  }
}

async function measureHandOver(store: QueueStore, backend: Backend, times: number): Promise<number> {
  const { expirations } = await store.opened;
  const { connection, factory } = store.workerBackend();
  const prefix = backend === 'redis' ? { prefix: queuePrefix(store.prefix, 'expirations') } : {};
  let begun = (): void => {};
  const worker = new Worker('expirations', async () => begun(), { connection, ...prefix }, factory as never);
  await worker.waitUntilReady();
  try {
    return await median(times, () => {
      const started = new Promise<void>((resolve) => (begun = resolve));
      return Promise.all([started, expirations.add('nothing', {})]);
    });
  } finally {
    await worker.close();
  }
}

let messages = 0;

function toMessage(phone: string): InboundMessage {
  messages += 1;
  const at = new Date().toISOString();
  return {
    providerMessageId: `wamid.part.${messages}`,
    phoneNumberId: '100200300',
    contact: { waId: phone, profileName: 'Ana' },
    sentAt: at,
    receivedAt: at,
    type: 'text',
    text,
  } as InboundMessage;
}

/** The middle of so many times, each for another guest; milliseconds. */
async function median(times: number, work: (phone: string) => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let n = 0; n < times + warmUp; n += 1) {
    const startedAt = performance.now();
    await work(newPhone());
    if (n >= warmUp) samples.push(performance.now() - startedAt);
  }
  return percentile(samples, 50);
}
