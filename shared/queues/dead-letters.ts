import type { Job } from 'bullmq';
import type { QueueStore } from './connections.ts';
import { jobs, queueNames } from './contracts.ts';
import type { Contract, JobName, QueueName } from './contracts.ts';
import { idsOf, putBackAtOf, splitTrace, withPutBackAt } from './job-data.ts';

/** A job that failed finally: what the store keeps of it for 14 days. */
export type DeadLetter = {
  queue: QueueName;
  id: string;
  job: string;
  failedAt: Date;
  /** Reason, kind and place of the error; never a person's datum. */
  reason: string;
  /** Ids of its data, as Bull Board shows them. */
  ids: Record<string, string>;
  /** What it carries, for whoever must look whether it was done after all. */
  payload: unknown;
  /** It holds the only copy of what a provider told us. */
  isInbound: boolean;
  /** The next run of its scheduler is its retry. */
  isSweep: boolean;
  putBackAt: Date | undefined;
};

/** The failed jobs of one queue or of all, the longest failed first; at most `limit` (1,000) of each. Throws while the store is away. */
export async function listDeadLetters(store: QueueStore, queue?: QueueName, limit = 1_000): Promise<DeadLetter[]> {
  const queues = await store.opened;
  const found: DeadLetter[] = [];
  for (const name of queue ? [queue] : queueNames) {
    const failed = await queues[name].getFailed(0, limit - 1);
    found.push(...failed.flatMap((job) => (job ? [toDeadLetter(name, job as Job)] : [])));
  }
  return found.toSorted((a, b) => a.failedAt.getTime() - b.failedAt.getTime());
}

/**
 * Has a failed job run again: with all its tries (`tries: 'all'`) or a single one. False when it is no longer among the failed:
 * somebody else was quicker.
 */
export async function putBack(
  store: QueueStore,
  { queue, id }: Pick<DeadLetter, 'queue' | 'id'>,
  { tries, now = new Date() }: { tries: 'all' | 'one'; now?: Date },
): Promise<boolean> {
  const job = (await (await store.opened)[queue].getJob(id)) as Job | undefined;
  if (!job || (await job.getState()) !== 'failed') return false;
  await job.updateData(withPutBackAt(job.data, now));
  try {
    await job.retry('failed', { resetAttemptsMade: tries === 'all', resetAttemptsStarted: true });
    return true;
  } catch (error) {
    if ((await job.getState()) !== 'failed') return false;
    throw error;
  }
}

function toDeadLetter(queue: QueueName, job: Job): DeadLetter {
  const { payload } = splitTrace(job.data);
  const contract: Contract | undefined = Object.hasOwn(jobs, job.name) ? jobs[job.name as JobName] : undefined;
  return {
    queue,
    id: String(job.id),
    job: job.name,
    failedAt: new Date(job.finishedOn ?? job.timestamp),
    reason: job.failedReason ?? '',
    ids: idsOf(payload),
    payload,
    isInbound: contract?.isInbound ?? false,
    isSweep: contract?.everyMs !== undefined,
    putBackAt: putBackAtOf(job.data),
  };
}
