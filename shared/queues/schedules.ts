import type { Logger } from '#shared/observability/logger.ts';
import { queueTelemetry } from '#shared/observability/tracing.ts';
import type { Queues, QueueStore } from './connections.ts';
import { jobNames, jobs } from './contracts.ts';
import type { Contract, JobName, QueueName } from './contracts.ts';
import { templateOptions } from './enqueue.ts';

export type Schedules = {
  /** A round now; never throws (a store that is down is tried at the next one). */
  keepNow: () => Promise<void>;
  /** No more rounds; resolves when the running one is over. */
  stop: () => Promise<void>;
};

/**
 * Keeps the job schedulers of these queues' sweeps alive: upserted at start, looked at every 30 s and upserted again where they are
 * gone, since after a FLUSHALL they would never fire again [ran]. An unchanged upsert runs nothing extra, but twenty at once hold
 * up everybody's jobs in Postgres. Trims these queues as well. `periodMs` is for tests.
 */
export function keepSchedules(
  store: QueueStore,
  queueNames: readonly QueueName[],
  log: Logger,
  periodMs = 30_000,
): Schedules {
  const names = jobNames.filter((name) => periodOf(name) !== undefined && queueNames.includes(jobs[name].queue));
  let round = Promise.resolve();
  let isFirst = true;
  const keep = async (): Promise<void> => {
    const queues = store.queues();
    if (!queues) return;
    try {
      // The first time all of them: this release may want them otherwise.
      const alive = isFirst ? new Set<string>() : await listAlive(queues, queueNames);
      await upsertAll(queues, names, (name) => alive.has(name));
      isFirst = false;
      await store.trim(queueNames);
    } catch (error) {
      log.warn({ err: error }, 'schedules not kept, trying again in the next round');
    }
  };
  const keepNow = (): Promise<void> => (round = round.then(keep));
  const timer = setInterval(() => void keepNow(), periodMs);
  void store.opened.then(keepNow, () => {});
  return {
    keepNow,
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}

function periodOf(name: JobName): number | undefined {
  return (jobs[name] as Contract | undefined)?.everyMs;
}

/** How much later than it said a scheduler may fire before it is taken for dead. */
const latenessMs = 30_000;

/** Upserts the schedulers among `names`; where `isAlive` tells of one that it still fires, it is left alone. */
async function upsertAll(
  queues: Queues,
  names: readonly JobName[],
  isAlive: (name: JobName) => boolean,
): Promise<void> {
  for (const name of names) {
    if (isAlive(name)) continue;
    // A run begins a trace of its own: it would go on with the round that happened to upsert it.
    const trace = queueTelemetry().telemetry ? { telemetry: { omitContext: true } } : {};
    const template = { name, data: {}, opts: { ...templateOptions(name), ...trace } };
    await queues[jobs[name].queue].upsertJobScheduler(name, { every: periodOf(name) ?? 0 }, template);
  }
}

/** The schedulers of these queues that fire as they should. */
async function listAlive(queues: Queues, queueNames: readonly QueueName[]): Promise<Set<string>> {
  const known = await Promise.all(queueNames.map((name) => queues[name].getJobSchedulers(0, -1)));
  const alive = known
    .flat()
    .filter(({ key, every, next }) => every === periodOf(key as JobName) && (next ?? 0) + latenessMs > Date.now());
  return new Set(alive.map(({ key }) => key));
}
