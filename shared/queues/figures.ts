import type { QueueFigures } from '#shared/observability/metrics.ts';
import type { QueueStore } from './connections.ts';
import { queueNames } from './contracts.ts';
import type { QueueLook } from './store.ts';

/** What a scrape tells of each queue; [] while the store has not been reached. Rejects when the store does not answer. */
export async function readQueueFigures(store: QueueStore): Promise<QueueFigures[]> {
  const queues = store.queues();
  if (!queues) return [];
  const look = store.look();
  return Promise.all(
    queueNames.map(async (queue) => {
      const [jobs, next] = await Promise.all([
        queues[queue].getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'completed', 'failed'),
        look.findNext(queue),
      ]);
      return { queue, jobs, oldestAgeSeconds: ageSeconds(next) };
    }),
  );
}

/** Since when a job could have run: its delay does not count, nor the time before its last try. */
function ageSeconds(job: Awaited<ReturnType<QueueLook['findNext']>>): number {
  if (!job) return 0;
  const readyAt = Math.max(job.addedAt + job.delay, job.processedAt ?? 0);
  return Math.max(0, (Date.now() - readyAt) / 1_000);
}
