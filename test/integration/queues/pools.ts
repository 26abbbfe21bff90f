import { createSilentLogger } from '#shared/observability/logger.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import { migrateQueues, openQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { jobNames, jobs } from '#shared/queues/contracts.ts';
import type { Enqueue, Handlers, JobName, Payload, QueueName } from '#shared/queues/contracts.ts';
import { createEnqueue } from '#shared/queues/enqueue.ts';
import { redisUrlFor, type Backend } from '../../support/both-backends.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import { track } from '../../support/track.ts';
import { startPool } from '../../../workers/start-pool.ts';
import type { OnFinalFailure, Pool } from '../../../workers/start-pool.ts';

/** What a test wants a job to do; default: nothing. */
export type Behaviour = (payload: unknown, signal: AbortSignal) => Promise<void> | void;

/** One payload per job, as its producers make it. */
export const samplePayloads: { [N in JobName]: Payload<N> } = {
  'reply-to-message': {
    providerMessageId: 'wamid.HBgNNTQ5',
    phoneNumberId: '100000000000001',
    contact: { waId: '5491122223333' },
    sentAt: '2026-11-24T12:00:00.000Z',
    receivedAt: '2026-11-24T12:00:01.000Z',
    type: 'text',
    text: 'hola',
  },
  'sweep-unanswered-messages': { conversationId: '7' },
  'transcribe-audio': {
    providerMessageId: 'wamid.HBgNNTQ6',
    phoneNumberId: '100000000000001',
    contact: { waId: '5491122223333' },
    sentAt: '2026-11-24T12:00:00.000Z',
    receivedAt: '2026-11-24T12:00:01.000Z',
    type: 'audio',
    media: { id: '1234', mimeType: 'audio/ogg; codecs=opus', voice: true },
  },
  'sweep-untranscribed-notes': { messageId: '7' },
  'sweep-unmerged-contacts': {},
  'sweep-lost-messages': {},
  'deliver-messages': { conversationId: '7' },
  'deliver-conversations': { conversationIds: ['7', '8'] },
  'record-delivery': {
    providerMessageId: 'wamid.HBgNNTQ5',
    phoneNumberId: '100000000000001',
    status: 'delivered',
    at: '2026-11-24T12:00:00.000Z',
    receivedAt: '2026-11-24T12:00:01.000Z',
    recipient: { waId: '5491122223333' },
    errors: [],
  },
  'sweep-unsent-messages': {},
  'sweep-untold-notices': {},
  'sweep-message-budget': {},
  'create-payment-link': { paymentLinkId: '0b5c1e9e-3c55-4f0e-9df4-0a1b2c3d4e5f' },
  'close-payment-link': { paymentLinkId: '0b5c1e9e-3c55-4f0e-9df4-0a1b2c3d4e5f' },
  'settle-payment': { paymentId: '123456789012' },
  'sweep-missing-links': {},
  'sweep-unsettled-payments': {},
  'refund-payment': { refundId: '0b5c1e9e-3c55-4f0e-9df4-0a1b2c3d4e5f' },
  'sweep-unmade-refunds': {},
  'sweep-due-offers': {},
  'sweep-recent-payments': {},
  'import-feed': { feedId: 1 },
  'sweep-due-feeds': {},
  'expire-hold': { reservationId: '0b5c1e9e-3c55-4f0e-9df4-0a1b2c3d4e5f' },
  'sweep-due-holds': {},
  'sweep-due-reminders': {},
  'complete-stays': {},
  'sweep-old-media': {},
  'sweep-old-payloads': {},
};

let prefixes = 0;

/** A queue store of a test's own: its keys have a prefix of their own, or its database is its own. */
export function openTestQueues(options: {
  redisUrl: string | undefined;
  databaseUrl: string;
  prefix?: string;
  log?: Logger;
}): QueueStore {
  const prefix = `test-${process.pid}-${(prefixes += 1)}`;
  return openQueues({ prefix, role: 'worker', log: createSilentLogger(), retryMs: 100, ...options });
}

/** A queue store in a database of its own, ready, with what adds to it; `close` removes both. */
export async function openStoreOnDatabase(
  backend: Backend,
): Promise<{ store: QueueStore; enqueue: Enqueue; close: () => Promise<void> }> {
  const database = await createEmptyDatabase();
  await migrateQueues(database.url);
  const store = track(
    openTestQueues({ redisUrl: await redisUrlFor(backend), databaseUrl: database.url }),
    'queue store',
  );
  await store.opened;
  return {
    store,
    enqueue: createEnqueue(store, createSilentLogger()),
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}

export type RecordingPool = Pool & {
  /** Names of the jobs that were begun, in order. */
  runs: JobName[];
  payloads: unknown[];
  metrics: Metrics;
};

/** A pool whose handlers record their runs and do what the test says. */
export function startRecordingPool(
  connections: QueueStore,
  queueName: QueueName,
  behaviours: Partial<Record<JobName, Behaviour>> = {},
  options: { onFinalFailure?: OnFinalFailure; lockMs?: number; stalledCheckMs?: number; log?: Logger } = {},
): RecordingPool {
  const runs: JobName[] = [];
  const payloads: unknown[] = [];
  const handlerOf = (name: JobName) => async (payload: unknown, _deps: object, signal: AbortSignal) => {
    runs.push(name);
    payloads.push(payload);
    await behaviours[name]?.(payload, signal);
  };
  const names = jobNames.filter((name) => jobs[name].queue === queueName);
  const handlers = Object.fromEntries(names.map((name) => [name, handlerOf(name)]));
  const metrics = createMetrics();
  const pool = startPool(
    queueName,
    handlers as Handlers<QueueName, object>,
    {},
    {
      connections,
      log: createSilentLogger(),
      metrics,
      ...options,
    },
  );
  return { ...pool, runs, payloads, metrics };
}

/** How a pool is closed at the end of a test: nothing it runs is worth waiting for. */
export async function closeNow(pool: Pool | undefined): Promise<void> {
  await pool?.close(AbortSignal.timeout(100));
}
