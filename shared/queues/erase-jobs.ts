import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobType, Queue } from 'bullmq';
import type { QueueStore } from './connections.ts';

const states: JobType[] = ['waiting', 'delayed', 'prioritized', 'active', 'completed', 'failed', 'waiting-children'];
const pageSize = 500;
/** A running job is over within this time, or its worker is dead and another one has it. */
const activePatienceMs = 15_000;

/**
 * Removes every job, waiting, done or failed, in whose data one of these texts stands; a running one is waited for, 15 s at
 * most. Throws when the store does not answer. Returns how many went and how many could not.
 */
export async function eraseJobs(
  store: QueueStore,
  texts: readonly string[],
  patienceMs = activePatienceMs,
): Promise<{ removed: number; left: number }> {
  const queues = store.queues();
  if (!queues) throw new Error('The queue store has not been reached yet');
  let removed = 0;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    let left = 0;
    for (const queue of Object.values(queues))
      for (const job of await findJobs(queue, texts)) {
        if (await remove(job)) removed += 1;
        else left += 1;
      }
    if (left === 0 || Date.now() > deadline) return { removed, left };
    await sleep(500);
  }
}

async function findJobs(queue: Queue, texts: readonly string[]): Promise<Job[]> {
  const found: Job[] = [];
  for (const state of states)
    for (let start = 0; ; start += pageSize) {
      const page = (await queue.getJobs([state], start, start + pageSize - 1)) as (Job | undefined)[];
      found.push(...page.filter((job) => job !== undefined).filter((job) => mentions(job, texts)));
      if (page.length < pageSize) break;
    }
  return found;
}

function mentions(job: Job, texts: readonly string[]): boolean {
  const told = JSON.stringify([job.data, job.failedReason, job.stacktrace, job.returnvalue, job.progress]);
  return texts.some((text) => told.includes(text));
}

/** False for a job that is running: its lock keeps it. */
async function remove(job: Job): Promise<boolean> {
  try {
    await job.remove();
    return true;
  } catch {
    return false;
  }
}
