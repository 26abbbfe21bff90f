import type { Logger } from '#shared/observability/logger.ts';
import { queueTelemetry } from '#shared/observability/tracing.ts';
import type { QueueStore } from './connections.ts';
import { jobNames, jobs } from './contracts.ts';
import type { Contract, JobName, QueueName } from './contracts.ts';
import { templateOptions } from './enqueue.ts';

export type Schedules = {
  /** Upserts now; never throws (a store that is down is tried at the next round). */
  upsertNow: () => Promise<void>;
  /** No more rounds; resolves when the running one is over. */
  stop: () => Promise<void>;
};

/**
 * Keeps the job schedulers of these queues' sweeps alive: upserted at start and every 30 s, since after a FLUSHALL they would
 * never fire again [ran]. An unchanged upsert runs nothing extra. Trims these queues as well. `periodMs` is for tests.
 */
export function keepSchedules(
  store: QueueStore,
  queueNames: readonly QueueName[],
  log: Logger,
  periodMs = 30_000,
): Schedules {
  const names = jobNames.filter((name) => periodOf(name) !== undefined && queueNames.includes(jobs[name].queue));
  let round = Promise.resolve();
  const upsertNow = (): Promise<void> =>
    (round = round.then(async () => {
      if (!store.queues()) return;
      await upsertAll(store, names, log);
      await store.trim(queueNames).catch((error: unknown) => log.warn({ err: error }, 'completed jobs not trimmed'));
    }));
  const timer = setInterval(() => void upsertNow(), periodMs);
  void store.opened.then(upsertNow, () => {});
  return {
    upsertNow,
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}

function periodOf(name: JobName): number | undefined {
  return (jobs[name] as Contract).everyMs;
}

async function upsertAll(store: QueueStore, names: readonly JobName[], log: Logger): Promise<void> {
  const queues = store.queues();
  if (!queues) return;
  for (const name of names) {
    // A run begins a trace of its own: it would go on with the round that happened to upsert it.
    const trace = queueTelemetry().telemetry ? { telemetry: { omitContext: true } } : {};
    const template = { name, data: {}, opts: { ...templateOptions(name), ...trace } };
    try {
      await queues[jobs[name].queue].upsertJobScheduler(name, { every: periodOf(name) ?? 0 }, template);
    } catch (error) {
      log.warn({ err: error, job: name }, 'schedule not upserted, trying again in the next round');
      return; // the store is away: the others would fail too
    }
  }
}
