import type { BackendFactory, ConnectionOptions, Queue, RedisQueueBackend } from 'bullmq';
import type { Logger } from '#shared/observability/logger.ts';
import type { JobsOn, QueueName } from './contracts.ts';

/** One BullMQ queue per pool. */
export type Queues = Readonly<Record<QueueName, Queue>>;

/** What `new Queue` and `new Worker` need to reach their store: BullMQ's options and, for Postgres, its backend. */
export type BackendOptions = { connection: ConnectionOptions; factory?: BackendFactory<RedisQueueBackend> };

/** A job that is not done; `isDelayed`: it is not due yet, for a delay it was added with or until its next try. */
export type UndoneJob = { data: unknown; isDelayed: boolean };

/** What is asked of a store besides BullMQ's own getters. */
export type QueueLook = {
  /** Jobs that are waiting, running (a killed worker's too) or delayed, as of one moment; of each state at most so many, the oldest. */
  listUndone: <Q extends QueueName>(queue: Q, name: JobsOn<Q>, mostPerState: number) => Promise<UndoneJob[]>;
  /** The job that is the next to run: times in milliseconds since 1970. */
  findNext: (queue: QueueName) => Promise<{ addedAt: number; delay: number; processedAt: number | null } | undefined>;
};

/** One attempt's worth of an open store; `close` ends every connection of this process to it. */
export type OpenStore = {
  queues: Queues;
  look: QueueLook;
  /** What a worker connects with; undefined in a process that only produces. */
  worker: BackendOptions | undefined;
  /** Rejects when the store does not answer; the caller sets the deadline. */
  ping: () => Promise<void>;
  /** Deletes completed jobs of these queues beyond what is kept, where completing one does not do it. */
  trim: (queueNames: readonly QueueName[]) => Promise<void>;
  close: () => Promise<void>;
};

/**
 * Who opens a store: an API only produces; a worker's own adds are nudges, of which Postgres knows the rows; `npm start` is both, and
 * with its adds providers are told that a message is safe.
 */
export type StoreRole = 'producer' | 'worker' | 'both';
export type StoreSettings = { prefix: string; role: StoreRole; log: Logger };

const dayS = 24 * 60 * 60;
/** Finished jobs that are kept, ages in seconds: what happened lately stays visible; the failed ones are the dead-letter box. */
export const kept = { completed: { age: dayS, count: 5_000 }, failed: { age: 14 * dayS } } as const;

/** The prefix of a queue: a hash tag of its own, so that a Redis Cluster spreads the queues over its nodes. */
export function queuePrefix(prefix: string, queue: QueueName): string {
  return `{${prefix}:${queue}}`;
}

/** Connection errors come many times a second while a store is down: one line per text and 10 s is enough. */
export function createErrorReporter(log: Logger, message: string): (error: Error) => void {
  const lastAt = new Map<string, number>();
  return (error) => {
    const now = Date.now();
    if (now - (lastAt.get(error.message) ?? 0) < 10_000) return;
    if (lastAt.size > 100) lastAt.clear();
    lastAt.set(error.message, now);
    log.warn({ err: error }, message);
  };
}
