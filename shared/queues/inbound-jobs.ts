import type { Job } from 'bullmq';
import { within } from '#shared/observability/within.ts';
import type { QueueStore } from './connections.ts';
import type { JobsOn, QueueName } from './contracts.ts';
import { splitTrace } from './job-data.ts';

/** Of each state at most so many, the oldest: what is far behind in a backlog is nobody's concern yet. */
const mostPerState = 50;
/** A backlog is not looked through for each of its jobs: a listing with so many serves for so long. */
const backlog = { jobs: 25, reuseMs: 300 };
/** A worker that has just started needs a while for its first connections. */
const patienceMs = 3_000;

type Listing = { payloads: Promise<readonly unknown[]>; servesUntil: number };
const listings = new WeakMap<QueueStore, Map<string, Listing>>();

/**
 * The payloads of a job that are not done: running (a killed worker's too), waiting, or waiting for a retry. Callers at the same
 * moment share one listing; in a backlog it may be 0.3 s old. Throws when the store does not answer within 3 s.
 */
export function listUndone<Q extends QueueName>(
  store: QueueStore,
  queue: Q,
  name: JobsOn<Q>,
): Promise<readonly unknown[]> {
  const known = listings.get(store) ?? new Map<string, Listing>();
  listings.set(store, known);
  const last = known.get(name);
  if (last && performance.now() < last.servesUntil) return last.payloads;
  const payloads = within(patienceMs, read(store, queue, name));
  const listing: Listing = { payloads, servesUntil: Infinity };
  known.set(name, listing);
  const serve = (ms: number): void => void (listing.servesUntil = performance.now() + ms);
  payloads.then(
    ({ length }) => serve(length >= backlog.jobs ? backlog.reuseMs : 0),
    () => serve(0),
  );
  return payloads;
}

async function read(store: QueueStore, queue: QueueName, name: string): Promise<unknown[]> {
  const queues = store.queues();
  if (!queues) throw new Error('The queue store has not been reached yet');
  const found = (await queues[queue].getJobs(['active', 'waiting', 'delayed'], 0, mostPerState - 1, true)) as (
    | Job
    | undefined
  )[];
  return found.flatMap((job) => (job?.name === name ? [splitTrace(job.data).payload] : []));
}
