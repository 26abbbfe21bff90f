import { once } from 'node:events';
import { Queue } from 'bullmq';
import type { ConnectionOptions, Job } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { queueTelemetry } from '#shared/observability/tracing.ts';
import { clusterCredentials } from '#shared/config/cluster-credentials.ts';
import { queueNames } from './contracts.ts';
import { writeTogether } from '#shared/write-together.ts';
import { createErrorReporter, queuePrefix } from './store.ts';
import type { OpenStore, QueueLook, Queues, StoreSettings } from './store.ts';

type RedisClient = Redis | Cluster;

/** How long one attempt to reach Redis may take before the next one, in milliseconds. */
const readyTimeoutMs = 3_000;

/**
 * Queues in Redis. The producer's client fails fast: with Redis down an add rejects in milliseconds (the ingress answers 503
 * and the provider comes again), and it is ready before its queues are made [ran]. Workers get a patient one. Several
 * comma-separated nodes = Redis Cluster. Rejects when Redis does not answer within 3 s; nothing stays open then.
 */
export async function openRedisStore(redisUrl: string, settings: StoreSettings): Promise<OpenStore> {
  const report = createErrorReporter(settings.log, 'queue store: redis');
  const producer = connect(redisUrl, { isPatient: false });
  producer.on('error', report);
  try {
    await once(producer, 'ready', { signal: AbortSignal.timeout(readyTimeoutMs) });
  } catch (error) {
    producer.disconnect();
    throw error;
  }
  const patient = settings.role !== 'producer' ? connect(redisUrl, { isPatient: true }) : undefined;
  patient?.on('error', report);
  const queues = createQueues(producer, settings, report);
  return {
    queues,
    look: createLook(queues),
    worker: patient && { connection: toConnection(patient) },
    ping: async () => void (await producer.ping()),
    trim: async () => {}, // each completion does it (start-pool.ts)
    close: async () => {
      await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
      producer.disconnect();
      patient?.disconnect();
    },
  };
}

function createQueues(producer: RedisClient, settings: StoreSettings, report: (error: Error) => void): Queues {
  const entries = queueNames.map((name) => {
    const queue = new Queue(name, {
      connection: toConnection(producer),
      prefix: queuePrefix(settings.prefix, name),
      skipWaitingForReady: true,
      ...queueTelemetry(),
    });
    queue.on('error', report);
    return [name, queue] as const;
  });
  return Object.fromEntries(entries) as Queues;
}

/** BullMQ lists several states in one script, so no job slips from one to the next meanwhile. */
function createLook(queues: Queues): QueueLook {
  return {
    async listUndone(queue, name, mostPerState) {
      const states = ['active', 'waiting', 'delayed'] as const;
      const jobs = (await queues[queue].getJobs([...states], 0, mostPerState - 1, true)) as (Job | undefined)[];
      return jobs.flatMap((job) =>
        job?.name === name ? [{ data: job.data as unknown, isDelayed: job.delay > 0 }] : [],
      );
    },
    async findNext(queue) {
      const [job] = (await queues[queue].getJobs(['waiting'], 0, 0, true)) as (Job | undefined)[];
      return job && { addedAt: job.timestamp, delay: job.opts.delay ?? 0, processedAt: job.processedOn ?? null };
    },
  };
}

/** Opens a client by the house's rule; the caller attaches its error listener at once and disconnects it. */
function connect(redisUrl: string, { isPatient }: { isPatient: boolean }): RedisClient {
  const nodes = redisUrl.split(',');
  const perRequest = isPatient
    ? { maxRetriesPerRequest: null }
    : { maxRetriesPerRequest: 1, enableOfflineQueue: false };
  const options = { ...perRequest, connectTimeout: 2_000, retryStrategy };
  if (nodes.length === 1) return new SparingRedis(redisUrl, options);
  return new Cluster(nodes, {
    ...(isPatient ? {} : { enableOfflineQueue: false }),
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...clusterCredentials(nodes[0] ?? ''), ...options },
  });
}

/** Sends the commands of one turn of the loop together. */
class SparingRedis extends Redis {
  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    if (this.status === 'ready') writeTogether(this.stream);
    return super.sendCommand(command, stream);
  }
}

/** Back within a second of the server; the default goes up to 5 s. */
function retryStrategy(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 5), 1_000);
}

/** BullMQ's type of a Redis client is structural and younger than ioredis 6: one cast, here. */
function toConnection(client: RedisClient): ConnectionOptions {
  return client as unknown as ConnectionOptions;
}
