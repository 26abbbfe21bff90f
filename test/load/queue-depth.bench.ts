import { Worker } from 'bullmq';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { openQueues, type QueueStore } from '#shared/queues/connections.ts';
import { queuePrefix } from '#shared/queues/store.ts';
import type { Backend } from '../support/both-backends.ts';
import { percentile, type BenchOptions, type Row } from './rows.ts';
import { openStage } from './stage.ts';

const adds = 300;
const drainMs = 3_000;

/** What a backlog costs: one more job added, the look for a guest's older messages, and jobs taken, with so many waiting. */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const backend of ['redis', 'postgres'] as const) {
    const stage = await openStage(backend);
    const store = openQueues({
      redisUrl: stage.variables['REDIS_URL'],
      databaseUrl: stage.databaseUrl,
      prefix: stage.variables['QUEUE_PREFIX']!,
      role: 'worker',
      log: createSilentLogger(),
    });
    try {
      rows.push(...(await measure(store, backend, short ? [0, 10_000] : [0, 10_000, 100_000])));
    } finally {
      await store.close();
      await stage.close();
    }
  }
  return rows;
}

async function measure(store: QueueStore, backend: Backend, depths: readonly number[]): Promise<Row[]> {
  const { conversations } = await store.opened;
  const add = () => conversations.add('reply-to-message', message());
  const look = () => store.look().listUndone('conversations', 'reply-to-message', 200);
  const figures: { depth: number; addMs: number; lookMs: number; perSecond: number }[] = [];
  for (const depth of depths) {
    await conversations.obliterate({ force: true });
    for (let filled = 0; filled < depth; filled += 1_000)
      await conversations.addBulk(Array.from({ length: 1_000 }, () => ({ name: 'reply-to-message', data: message() })));
    const addMs = await median(adds, add);
    const lookMs = await median(30, look);
    // Something to take where nothing waits.
    for (let n = 0; depth === 0 && n < 20; n += 1)
      await conversations.addBulk(Array.from({ length: 500 }, () => ({ name: 'reply-to-message', data: message() })));
    figures.push({ depth, addMs, lookMs, perSecond: await drain(store, backend) });
  }
  const [empty] = figures;
  return figures.flatMap(({ depth, addMs, lookMs, perSecond }): Row[] => {
    const of = (what: string): string => `${what}, ${depth.toLocaleString('en')} waiting (${backend})`;
    const ratio = (value: number, base: number) =>
      depth === 0 ? {} : { ratio: { of: 'none waiting', value: value / base } };
    return [
      { name: of('one add'), value: addMs, unit: 'ms', ...ratio(addMs, empty!.addMs) },
      { name: of('look for older messages'), value: lookMs, unit: 'ms' },
      { name: of('jobs taken by one worker'), value: perSecond, unit: 'jobs/s', ...ratio(perSecond, empty!.perSecond) },
    ];
  });
}

/** Jobs per second of one worker that does nothing with them. */
async function drain(store: QueueStore, backend: Backend): Promise<number> {
  const { connection, factory } = store.workerBackend();
  let taken = 0;
  const prefix = backend === 'redis' ? { prefix: queuePrefix(store.prefix, 'conversations') } : {};
  const worker = new Worker(
    'conversations',
    async () => void (taken += 1),
    { connection, concurrency: 8, ...prefix },
    factory as never,
  );
  await worker.waitUntilReady();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, drainMs));
  const perSecond = taken / ((performance.now() - startedAt) / 1_000);
  await worker.close();
  return perSecond;
}

let messages = 0;

function message() {
  messages += 1;
  const at = new Date().toISOString();
  return {
    providerMessageId: `wamid.depth.${messages}`,
    phoneNumberId: '100200300',
    contact: { waId: `54929${String(44_000_000 + messages)}`, profileName: 'Ana' },
    sentAt: at,
    receivedAt: at,
    type: 'text',
    text: 'hola, hay lugar?',
  };
}

async function median(times: number, work: () => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const startedAt = performance.now();
    await work();
    samples.push(performance.now() - startedAt);
  }
  return percentile(samples, 50);
}
