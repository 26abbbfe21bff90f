import type { Queue } from 'bullmq';
import type { QueueFigures } from '#shared/observability/metrics.ts';
import type { QueueStore } from './connections.ts';

/** What a scrape tells of each queue; [] while the store has not been reached. Rejects when the store does not answer. */
export async function readQueueFigures(store: QueueStore): Promise<QueueFigures[]> {
  const queues = store.queues();
  if (!queues) return [];
  return Promise.all(Object.values(queues).map(figuresOf));
}

async function figuresOf(queue: Queue): Promise<QueueFigures> {
  const [counts, oldest] = await Promise.all([
    queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'completed', 'failed'),
    queue.getJobs(['waiting'], 0, 0, true),
  ]);
  return { queue: queue.name, jobs: counts, oldestAgeSeconds: ageSeconds(oldest[0]) };
}

/** Since when a job could have run: its delay does not count, nor the time before its last try. */
function ageSeconds(job: { timestamp: number; processedOn?: number; opts: { delay?: number } } | undefined): number {
  if (!job) return 0;
  const readyAt = Math.max(job.timestamp + (job.opts.delay ?? 0), job.processedOn ?? 0);
  return Math.max(0, (Date.now() - readyAt) / 1_000);
}
