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
 * gone, since after a FLUSHALL they would never fire again [ran], or were put off for hours by a process whose clock was wrong. An
 * unchanged upsert runs nothing extra, but twenty at once hold up everybody's jobs in Postgres. Trims these queues as well.
 * `periodMs` is for tests.
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
      const dues = await readDues(queues, queueNames);
      // The first time all of them: this release may want them otherwise.
      for (const name of names) if (isFirst || dues.get(name) !== 'soon') await upsert(queues, name, dues.get(name));
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

/** When a scheduler fires next: as it should; long ago or otherwise than this release wants; hours too late, as by a wrong clock. */
type Due = 'soon' | 'wrong' | 'far';

/** Of the schedulers of these queues, by the names of their jobs. */
async function readDues(queues: Queues, queueNames: readonly QueueName[]): Promise<Map<string, Due>> {
  const known = await Promise.all(queueNames.map((name) => queues[name].getJobSchedulers(0, -1)));
  return new Map(known.flat().map(({ key, every = 0, next = 0 }) => [key, dueOf(key as JobName, every, next)]));
}

function dueOf(name: JobName, every: number, next: number): Due {
  if (next > Date.now() + every + latenessMs) return 'far';
  return every === periodOf(name) && next > Date.now() - latenessMs ? 'soon' : 'wrong';
}

async function upsert(queues: Queues, name: JobName, due: Due | undefined): Promise<void> {
  const queue = queues[jobs[name].queue];
  // An upsert keeps the moment when it is due.
  if (due === 'far') await queue.removeJobScheduler(name);
  // A run begins a trace of its own: it would go on with the round that happened to upsert it.
  const trace = queueTelemetry().telemetry ? { telemetry: { omitContext: true } } : {};
  const template = { name, data: {}, opts: { ...templateOptions(name), ...trace } };
  await queue.upsertJobScheduler(name, { every: periodOf(name) ?? 0 }, template);
}
