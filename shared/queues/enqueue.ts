import { Job, type JobsOptions, type Queue } from 'bullmq';
import type { Logger } from '#shared/observability/logger.ts';
import { isTracing, traceOption } from '#shared/observability/tracing.ts';
import { within } from '#shared/observability/within.ts';
import { createBatcher, type Patience } from './batcher.ts';
import type { QueueStore, Queues } from './connections.ts';
import { jobNames, jobs, queueNames, retryPolicies } from './contracts.ts';
import type { Contract, Enqueue, JobName, Payload, QueueName } from './contracts.ts';
import { idsOf, withTrace } from './job-data.ts';

/** The store refused or did not answer in time: the caller's caller comes again (503), or the sweeps do. */
export class QueueUnavailable extends Error {
  constructor(options?: ErrorOptions) {
    super('The queue store is unavailable', options);
    this.name = 'QueueUnavailable';
  }
}

/** One job to add, its payload fitting its name. */
export type JobEntry = { [N in JobName]: { name: N; payload: Payload<N>; delayMs?: number } }[JobName];

export type EnqueueAll = (entries: readonly JobEntry[]) => Promise<void>;

/** Milliseconds that an add may take: in general, and while the store is known to be down. */
export type Deadlines = { normalMs: number; downMs: number };
const defaultDeadlines: Deadlines = { normalMs: 1_000, downMs: 100 };

/**
 * Asks for jobs after a commit. Never throws for the store's sake: a refused or late (1 s) nudge is logged and the sweeps come
 * by. Payloads are the caller's word; the worker validates them.
 */
export function createEnqueue(store: QueueStore, log: Logger, deadlines: Deadlines = defaultDeadlines): Enqueue {
  const patience = createPatience(deadlines);
  return async (name, payload, options = {}) => {
    try {
      await inTime(patience, addOne(openQueues(store), { name, payload, ...options } as JobEntry));
    } catch (error) {
      log.warn({ err: error, job: name, ...idsOf(payload) }, 'not enqueued, a sweep will find it');
    }
  };
}

/**
 * Adds all jobs of a webhook, one addBulk per queue, and resolves only when the store has answered for all of them; webhooks that
 * arrive meanwhile share the next addBulk. Throws QueueUnavailable when the store refuses or takes longer than 1 s, 100 ms while
 * it is known to be down; a late add is harmless.
 */
export function createEnqueueAll(store: QueueStore, deadlines: Deadlines = defaultDeadlines): EnqueueAll {
  const patience = createPatience(deadlines);
  const batchers = new Map(
    queueNames.map((name) => {
      const flush = (all: readonly BulkJob[]): Promise<void> => addAll(openQueues(store)[name], all);
      return [name, createBatcher(flush, patience)];
    }),
  );
  const add = (queue: QueueName, group: readonly JobEntry[]): Promise<void> =>
    batchers.get(queue)!(group.map(toBulkJob));
  return async (entries) => {
    if (entries.length === 0) return;
    try {
      openQueues(store);
      const queueOfFirst = jobs[entries[0]!.name].queue;
      if (entries.every(({ name }) => jobs[name].queue === queueOfFirst)) await add(queueOfFirst, entries);
      else {
        const perQueue = Map.groupBy(entries, ({ name }): QueueName => jobs[name].queue);
        await Promise.all([...perQueue].map(([queue, group]) => add(queue, group)));
      }
    } catch (error) {
      throw new QueueUnavailable({ cause: error });
    }
  };
}

/** How a job of this name is added: retries and, for a nudge that is not delayed, its deduplication. */
export function jobOptions<N extends JobName>(name: N, payload: Payload<N>, delayMs?: number): JobsOptions {
  const contract: Contract = jobs[name];
  const dedupe = contract.dedupe?.(payload);
  const isDelayed = delayMs !== undefined && delayMs > 0;
  if (!dedupe && !isDelayed) return templates[name];
  return {
    ...templates[name],
    ...(isDelayed ? { delay: Math.ceil(delayMs) } : {}),
    // without `replace` an add is swallowed while the same id is delayed or waits for a retry [ran, both backends]
    ...(dedupe ? { deduplication: { id: dedupe, keepLastIfActive: true, replace: true } } : {}),
  };
}

/** The options that a scheduler's jobs have too. */
export function templateOptions(name: JobName): JobsOptions {
  return templates[name];
}

const templates = Object.fromEntries(
  jobNames.map((name) => [name, Object.freeze({ ...retryPolicies[jobs[name].retry], stackTraceLimit: 5 })]),
) as Readonly<Record<JobName, JobsOptions>>;

function openQueues(store: QueueStore): Queues {
  const queues = store.queues();
  if (!queues) throw new Error('The queue store has not been reached yet');
  return queues;
}

async function addOne(queues: Queues, { name, payload, delayMs }: JobEntry): Promise<void> {
  await queueOf(queues, name).add(name, withTrace(payload), jobOptions(name, payload, delayMs));
}

/** Of a single job BullMQ's bulk costs Postgres ten times what adding it does: temporary tables [ran, 6.7.0]. */
async function addAll(queue: Queue, all: readonly BulkJob[]): Promise<void> {
  const [one] = all;
  if (one && all.length === 1) await Job.create(queue, one.name, one.data, one.opts);
  else await Job.createBulk(queue, [...all]);
}

type BulkJob = { name: string; data: Record<string, unknown>; opts: JobsOptions };

/** Made when it is asked for and not when the batch goes: correlation id and trace are the request's. */
function toBulkJob({ name, payload, delayMs }: JobEntry): BulkJob {
  const options = jobOptions(name, payload, delayMs);
  return { name, data: withTrace(payload), opts: isTracing() ? { ...options, ...traceOption() } : options };
}

function queueOf(queues: Queues, name: JobName): Queue {
  return queues[jobs[name].queue];
}

/** Short from a failure or a late answer until an add succeeds again. */
function createPatience({ normalMs, downMs }: Deadlines): Patience {
  let isDown = false;
  return { ms: () => (isDown ? downMs : normalMs), end: (isAnswered) => void (isDown = !isAnswered) };
}

async function inTime(patience: Patience, work: Promise<void>): Promise<void> {
  work.then(
    () => patience.end(true),
    () => patience.end(false),
  );
  try {
    await within(patience.ms(), work);
  } catch (error) {
    patience.end(false);
    throw error;
  }
}
