import { createPostgresBackend, Queue, runMigrations } from 'bullmq';
import type { BackendFactory, ConnectionOptions, RedisQueueBackend } from 'bullmq';
import pg from 'pg';
import { queueTelemetry } from '#shared/observability/tracing.ts';
import { within } from '#shared/observability/within.ts';
import { clientIdleMs, PreparedClient } from '#shared/prepared-client.ts';
import { queueNames } from './contracts.ts';
import { createErrorReporter, kept } from './store.ts';
import type { BackendOptions, OpenStore, QueueLook, Queues, StoreRole, StoreSettings, UndoneJob } from './store.ts';

/** Clients for queries; each worker keeps one more for its LISTEN. */
const queryClients = { producer: 6, worker: 8, both: 8 } as const;

/** A frozen server lets nobody go. */
const lettingGoMs = 1_000;

/**
 * Queues in Postgres (schema bullmq, made by `migrateQueues`): one pool of its own per process, shared by all queues and workers.
 * The prefix is not used: the schema isolates. Rejects when the database does not answer or its queue schema is missing;
 * nothing stays open then.
 */
export async function openPostgresStore(databaseUrl: string, settings: StoreSettings): Promise<OpenStore> {
  const report = createErrorReporter(settings.log, 'queue store: postgres');
  const pool = openPool(databaseUrl, settings.role);
  pool.on('error', report); // idle clients die with their server; without a listener the process would too
  pool.setMaxListeners(0); // every queue and worker attaches one, and worker restarts more
  const backend = toBackend(pool);
  const queues = createQueues(backend, report);
  try {
    await Promise.all(Object.values(queues).map((queue) => queue.waitUntilReady()));
  } catch (error) {
    await closeAll(queues, pool); // a queue remembers its failed start for ever: the next attempt makes new ones
    throw error;
  }
  return {
    queues,
    look: createLook(pool),
    worker: settings.role === 'producer' ? undefined : backend,
    ping: async () => void (await pool.query('SELECT 1')),
    trim: async (names) =>
      void (await pool.query(trimCompleted, [names, kept.completed.count, Date.now() - kept.completed.age * 1_000])),
    close: () => closeAll(queues, pool),
  };
}

/**
 * BullMQ's getters ask this store state by state, so that a job which begins to run in between is in none of the answers, and
 * of a backlog they give the newest [ran, 6.7.0]: statements of our own over its table.
 */
function createLook(pool: pg.Pool): QueueLook {
  return {
    async listUndone(queue, name, mostPerState) {
      const { rows } = await pool.query<UndoneJob>(selectUndone, [queue, name, mostPerState]);
      return rows;
    },
    async findNext(queue) {
      const { rows } = await pool.query<{ added: string; delay: string; processed: string | null }>(
        `SELECT added_at_ms AS added, delay_ms AS delay, processed_at_ms AS processed FROM job
         WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT 1`,
        [queue],
      );
      const [job] = rows;
      return (
        job && {
          addedAt: Number(job.added),
          delay: Number(job.delay),
          processedAt: job.processed === null ? null : Number(job.processed),
        }
      );
    },
  };
}

const selectUndone = ['waiting', 'active', 'delayed']
  .map((state) => {
    const order = state === 'delayed' ? 'process_at_ms' : 'priority, seq';
    return `(SELECT data, state = 'delayed' AS "isDelayed" FROM job
      WHERE queue = $1 AND name = $2 AND state = '${state}' ORDER BY ${order} LIMIT $3)`;
  })
  .join(' UNION ALL ');

/** BullMQ would do this at each completion, by counting what is kept: with thousands that is most of what a job costs [ran, 6.7.0]. */
const trimCompleted = `WITH edges AS MATERIALIZED (
    SELECT own, greatest($3::bigint, (SELECT finished_at_ms FROM job WHERE queue = own AND state = 'completed'
      ORDER BY finished_at_ms DESC OFFSET $2 LIMIT 1)) AS at_ms FROM unnest($1::text[]) AS own)
  DELETE FROM job USING edges WHERE job.queue = edges.own AND job.state = 'completed' AND job.finished_at_ms <= edges.at_ms`;

/** Creates or updates BullMQ's own schema in this database; for the migrate command. Safe beside running processes. */
export async function migrateQueues(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
}

/** A pool that knows when each of its clients has gone: its own `end` resolves before that [ran, pg-pool 3]. */
type OpenPool = pg.Pool & { clients: Set<Promise<void>> };

function openPool(databaseUrl: string, role: StoreRole): OpenPool {
  const clients = new Set<Promise<void>>();
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    Client: PreparedClient,
    idleTimeoutMillis: clientIdleMs,
    // What a worker tells its queue may be lost with the server's power: a job runs again, or a sweep finds the row.
    options: `-c search_path=bullmq${role === 'worker' ? ' -c synchronous_commit=off' : ''}`,
    max: queryClients[role] + (role === 'producer' ? 0 : queueNames.length),
    connectionTimeoutMillis: 1_000,
    query_timeout: 10_000, // a server that froze is given up instead of holding the client for ever
    keepAlive: true,
    application_name: '', // a named pooled client would count as a worker in BullMQ's discovery
  });
  pool.on('connect', (client) => {
    // Its stream, since BullMQ takes all listeners off a client that it lets go.
    const { stream } = (client as unknown as PreparedClient).connection;
    const gone: Promise<void> = new Promise<void>((resolve) => stream.once('close', () => resolve())).then(() => {
      clients.delete(gone);
    });
    clients.add(gone);
  });
  return Object.assign(pool, { clients });
}

function createQueues(backend: Required<BackendOptions>, report: (error: Error) => void): Queues {
  const entries = queueNames.map((name) => {
    const queue = new Queue(name, { connection: backend.connection, ...queueTelemetry() }, backend.factory);
    queue.on('error', report);
    return [name, queue] as const;
  });
  return Object.fromEntries(entries) as Queues;
}

/** Until the server has let go of every client: an end that is under way is an error to who is stopped right after. */
async function closeAll(queues: Queues, pool: OpenPool): Promise<void> {
  await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
  await pool.end();
  await within(lettingGoMs, Promise.all(pool.clients)).catch(() => {});
}

/** BullMQ's types per backend do not unify (libraries.md, traps, 6): the two casts, here. */
function toBackend(pool: pg.Pool): Required<BackendOptions> {
  return {
    connection: pool as unknown as ConnectionOptions,
    factory: createPostgresBackend as unknown as BackendFactory<RedisQueueBackend>,
  };
}
