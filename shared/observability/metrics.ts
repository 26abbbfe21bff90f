import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { renderBusinessFigures } from './business-figures.ts';
import type { ReadBusinessFigures } from './business-figures.ts';
import { within } from './within.ts';

/** Jobs of one queue at the moment of the scrape. */
export type QueueFigures = { queue: string; jobs: Record<string, number>; oldestAgeSeconds: number };
/** Asks the queue store; rejects or returns [] while it is away. */
export type ReadQueueFigures = () => Promise<QueueFigures[]>;

export type MetricsOptions = {
  readQueueFigures?: ReadQueueFigures;
  readBusinessFigures?: ReadBusinessFigures;
  /** How long a scrape waits for each of the two. Default 3,000. */
  readTimeoutMs?: number;
};

/** The process-level counters of contract.md, and the text of a scrape. */
export type Metrics = ReturnType<typeof createMetrics>;

/**
 * A registry of its own for one process. `counters` are handed to whoever counts; `render` gives the Prometheus text: this
 * process's counters, the queues as they are, and the business as Postgres tells it (left out while the database is away: a
 * counter that falls to 0 would look like a restart).
 */
export function createMetrics(options: MetricsOptions = {}) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const readTimeoutMs = options.readTimeoutMs ?? 3_000;
  if (options.readQueueFigures) registerQueueGauges(registry, options.readQueueFigures, readTimeoutMs);
  return {
    contentType: registry.contentType,
    ...createCounters(registry),
    render: async (): Promise<string> => {
      const [own, business] = await Promise.all([
        registry.metrics(),
        renderBusinessFigures(options.readBusinessFigures, readTimeoutMs),
      ]);
      return `${own}\n${business}`;
    },
  };
}

const registers = (registry: Registry): { registers: Registry[] } => ({ registers: [registry] });

function createCounters(registry: Registry) {
  return {
    webhooksReceived: new Counter({
      name: 'webhooks_received_total',
      help: 'Webhooks by provider and by what became of them',
      labelNames: ['provider', 'outcome'] as const,
      ...registers(registry),
    }),
    jobsProcessed: new Counter({
      name: 'jobs_processed_total',
      help: 'Runs of jobs by outcome: completed, retried, failed, slowed_down',
      labelNames: ['queue', 'job', 'outcome'] as const,
      ...registers(registry),
    }),
    jobsFailed: new Counter({
      name: 'jobs_failed_total',
      help: 'Jobs that failed finally, by reason',
      labelNames: ['queue', 'job', 'reason'] as const,
      ...registers(registry),
    }),
    jobDuration: new Histogram({
      name: 'job_duration_seconds',
      help: 'Seconds that a run of a job took',
      labelNames: ['queue', 'job'] as const,
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      ...registers(registry),
    }),
    replyLatency: new Histogram({
      name: 'reply_latency_seconds',
      help: 'Seconds from the webhook with a guest message to its answer accepted by WhatsApp',
      labelNames: ['kind'] as const,
      buckets: [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 10, 15, 20, 30, 60],
      ...registers(registry),
    }),
    transcriptions: new Counter({
      name: 'transcriptions_total',
      help: 'Voice notes by what became of them: transcribed, why not, or postponed to be tried again',
      labelNames: ['outcome'] as const,
      ...registers(registry),
    }),
    transcriptionStage: new Histogram({
      name: 'transcription_stage_seconds',
      help: 'Seconds that a stage of hearing a voice note took: download, convert (waiting for its turn included), transcribe',
      labelNames: ['stage'] as const,
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30],
      ...registers(registry),
    }),
  };
}

/** Both gauges come from one reading, which the first of them to be collected starts. */
function registerQueueGauges(registry: Registry, read: ReadQueueFigures, timeoutMs: number): void {
  let reading: Promise<QueueFigures[]> | undefined;
  const shared = (): Promise<QueueFigures[]> => {
    reading ??= within(timeoutMs, read()).catch((): QueueFigures[] => []);
    void reading.finally(() => (reading = undefined));
    return reading;
  };
  new Gauge({
    name: 'queue_jobs',
    help: 'Jobs per queue and state',
    labelNames: ['queue', 'state'] as const,
    ...registers(registry),
    async collect() {
      const figures = await shared();
      this.reset();
      for (const { queue, jobs } of figures)
        for (const [state, count] of Object.entries(jobs)) this.set({ queue, state }, count);
    },
  });
  new Gauge({
    name: 'queue_oldest_job_age_seconds',
    help: 'Seconds that the oldest job which could run now has been waiting; 0 when none waits',
    labelNames: ['queue'] as const,
    ...registers(registry),
    async collect() {
      const figures = await shared();
      this.reset();
      for (const { queue, oldestAgeSeconds } of figures) this.set({ queue }, oldestAgeSeconds);
    },
  });
}
