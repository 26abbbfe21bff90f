import type { QueueStore } from '#shared/queues/connections.ts';
import type { QueueName } from '#shared/queues/contracts.ts';
import { HttpProblem } from '../problem.ts';

export type BackPressureOptions = {
  /** Waiting jobs above which a webhook is refused. */
  limit: number;
  /** Milliseconds between two looks at the queue. Default 1,000. */
  refreshMs?: number;
  /** Told of each refusal, to count it. */
  onRefused?: () => void;
};

/**
 * Makes what throws a 503 while more than `limit` jobs wait in a queue: the vendor keeps the message and comes again, which is
 * better than a store that fills up. The depth is looked at beside the requests, at most once per `refreshMs`, so it costs a webhook nothing; a
 * store that does not answer refuses by itself when the job is added.
 */
export function createBackPressure(store: QueueStore, queue: QueueName, options: BackPressureOptions): () => void {
  const { limit, refreshMs = 1_000, onRefused = () => {} } = options;
  let depth = 0;
  let lookedAt = -Infinity;
  const look = async (): Promise<void> => {
    depth = (await store.queues()?.[queue].getJobCounts('waiting'))?.['waiting'] ?? 0;
  };
  return () => {
    if (performance.now() - lookedAt > refreshMs) {
      lookedAt = performance.now();
      look().catch(() => {});
    }
    if (depth > limit) {
      onRefused();
      throw new HttpProblem(503, 'queue_full', { headers: { 'Retry-After': '30' } });
    }
  };
}
