import { within } from '#shared/observability/within.ts';
import type { QueueStore } from './connections.ts';
import type { JobsOn, QueueName } from './contracts.ts';
import { splitTrace } from './job-data.ts';

/**
 * Of each state at most so many, the oldest: what came while the database was away for a minute or two waits for its retries in no
 * order, and all of it has to be seen.
 */
const mostPerState = 2_000;
/** A worker that has just started needs a while for its first connections. */
const patienceMs = 3_000;
/** What was received so long before a listing began is in it, or done. */
const settledMs = 250;
/** And none serves longer than this, whatever the clocks of two machines say. */
const servesMs = 1_000;

/** What an undone job carries; `isDelayed`: it is not due yet. */
export type Undone = { payload: unknown; isDelayed: boolean };

type Listing = { beganAt: number; undone: Promise<readonly Undone[]> };
type Listings = { last?: Listing; isRunning: boolean; next?: Promise<Listing> };
const listings = new WeakMap<QueueStore, Map<string, Listings>>();

/**
 * The jobs of a name that are not done: running (a killed worker's too), waiting, or waiting for a retry. A listing serves
 * everybody who asks for what was received before it began; one is made at a time, and the others wait for the next together.
 * Throws when the store does not answer within 3 s.
 */
export async function listUndone<Q extends QueueName>(
  store: QueueStore,
  queue: Q,
  name: JobsOn<Q>,
  receivedAt: Date,
): Promise<readonly Undone[]> {
  const known = listings.get(store) ?? new Map<string, Listings>();
  listings.set(store, known);
  const of: Listings = known.get(name) ?? { isRunning: false };
  known.set(name, of);
  const begin = (): Listing => {
    of.isRunning = true;
    const undone = within(patienceMs, read(store, queue, name)).finally(() => (of.isRunning = false));
    const listing: Listing = { beganAt: Date.now(), undone };
    of.last = listing;
    // One that failed serves nobody after those who waited for it.
    undone.catch(() => of.last === listing && delete of.last);
    return listing;
  };
  if (of.last && serves(of.last, receivedAt)) return of.last.undone;
  if (!of.isRunning) return begin().undone;
  of.next ??= Promise.allSettled([of.last?.undone]).then(() => {
    delete of.next;
    return begin();
  });
  return (await of.next).undone;
}

function serves({ beganAt }: Listing, receivedAt: Date): boolean {
  return receivedAt.getTime() + settledMs <= beganAt && Date.now() - beganAt <= servesMs;
}

async function read<Q extends QueueName>(store: QueueStore, queue: Q, name: JobsOn<Q>): Promise<Undone[]> {
  const found = await store.look().listUndone(queue, name, mostPerState);
  return found.map(({ data, isDelayed }) => ({ payload: splitTrace(data).payload, isDelayed }));
}
