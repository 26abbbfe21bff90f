import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#shared/observability/logger.ts';
import type { QueueName } from './contracts.ts';
import { migrateQueues, openPostgresStore } from './postgres-store.ts';
import { openRedisStore } from './redis-store.ts';
import type { BackendOptions, OpenStore, QueueLook, Queues, StoreRole } from './store.ts';

export { migrateQueues };
export type { BackendOptions, Queues };

export type OpenQueuesOptions = {
  /** Unset = the queues live in Postgres. */
  redisUrl?: string | undefined;
  databaseUrl: string;
  prefix: string;
  role: StoreRole;
  log: Logger;
  /** Milliseconds between two attempts to reach the store at start. Default 1,000. */
  retryMs?: number;
};

/** This process's way to the queue store, whatever the store is. */
export type QueueStore = {
  readonly backend: 'redis' | 'postgres';
  readonly prefix: string;
  /** The queues, or undefined while the store has not been reached for the first time. */
  queues: () => Queues | undefined;
  /** Throws while the store has not been reached. */
  look: () => QueueLook;
  /** What workers connect with; throws in a producer or before `opened`. */
  workerBackend: () => BackendOptions;
  /** Resolves once the store was reached; for ever pending while it is down, rejected when closed before. */
  readonly opened: Promise<Queues>;
  /** Asks the store for an answer; rejects when it is down, hangs when it is frozen (the caller sets the deadline). */
  ping: () => Promise<void>;
  /** Deletes completed jobs of these queues beyond what is kept; throws while the store is away. */
  trim: (queueNames: readonly QueueName[]) => Promise<void>;
  /** Ends every connection; workers must be closed before. Safe to call twice. */
  close: () => Promise<void>;
};

/**
 * Opens the queues by the house's rule (principle 7). Returns at once and never throws: a store that is down is tried again in
 * the background every second, so that an API can listen and answer 503 meanwhile.
 */
export function openQueues(options: OpenQueuesOptions): QueueStore {
  const closing = new AbortController();
  let store: OpenStore | undefined;
  const opened = openPatiently(options, closing.signal).then((open) => {
    store = open;
    return open.queues;
  });
  opened.catch(() => {}); // closed before it opened: nobody has to wait for it
  return {
    backend: options.redisUrl ? 'redis' : 'postgres',
    prefix: options.prefix,
    queues: () => store?.queues,
    look: () => reached(store).look,
    workerBackend: () => {
      if (!store?.worker)
        throw new Error('No worker connection: open the queues with the role worker and await `opened`');
      return store.worker;
    },
    opened,
    ping: async () => reached(store).ping(),
    trim: async (names) => reached(store).trim(names),
    close: async () => {
      closing.abort();
      await opened.catch(() => {});
      const open = store;
      store = undefined;
      await open?.close();
    },
  };
}

function reached(store: OpenStore | undefined): OpenStore {
  if (!store) throw new Error('The queue store has not been reached yet');
  return store;
}

async function openPatiently(options: OpenQueuesOptions, signal: AbortSignal): Promise<OpenStore> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const open = await openStore(options);
      if (!signal.aborted) return open;
      await open.close();
    } catch (error) {
      if (attempt % 30 === 1)
        options.log.warn({ err: error, attempt }, 'the queue store cannot be reached, trying again');
    }
    await sleep(options.retryMs ?? 1_000, undefined, { signal });
  }
}

function openStore(options: OpenQueuesOptions): Promise<OpenStore> {
  return options.redisUrl ? openRedisStore(options.redisUrl, options) : openPostgresStore(options.databaseUrl, options);
}
