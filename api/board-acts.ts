import type { Context } from 'koa';
import type { QueueStore, Queues } from '#shared/queues/connections.ts';
import { jobs, queueNames, type Contract, type JobName, type QueueName } from '#shared/queues/contracts.ts';
import { listDeadLetters, putBack } from '#shared/queues/dead-letters.ts';
import { rawBody } from './middleware/raw-body.ts';
import { HttpProblem } from './problem.ts';

/** As `/api/queues/<queue>/…` of Bull Board, without its own handlers: each act here keeps the rules of the house. */
const acts: readonly [pattern: RegExp, run: (store: QueueStore, queue: QueueName, word: string) => Promise<void>][] = [
  [/^([a-z]+)\/retry\/failed$/, retryAll],
  [/^([a-z]+)\/promote$/, promoteAll],
  [/^([a-z]+)\/clean\/(completed|failed)$/, clean],
  [/^([a-z]+)\/([^/]+)\/retry$/, retry],
  [/^([a-z]+)\/([^/]+)\/promote$/, promote],
  [/^([a-z]+)\/([^/]+)\/clean$/, remove],
];

/** Bodies of the board's forms; none of the acts has one. */
const dropBody = rawBody(10_000);

/**
 * Does what an admin's board asks for: retry, promote, clean. 404 for whatever else Bull Board could do: adding
 * jobs, editing their data (which it only has reduced to ids), pausing and emptying queues. 409 where a guest's only message
 * would be deleted or the job is not in that state.
 */
export async function runBoardAct(ctx: Context, path: string, store: QueueStore): Promise<void> {
  await dropBody(ctx, async () => {});
  for (const [pattern, run] of ctx.method === 'PUT' ? acts : []) {
    const [matched, name, word] = pattern.exec(path) ?? [];
    const queue = queueNames.find((known) => known === name);
    if (matched === undefined || queue === undefined) continue;
    await run(store, queue, decodeURIComponent(word ?? ''));
    ctx.status = 204;
    return;
  }
  throw new HttpProblem(404, 'not_found');
}

function open(store: QueueStore): Queues {
  const queues = store.queues();
  if (!queues) throw new HttpProblem(503, 'queue_unavailable');
  return queues;
}

/** As `jobs replay` does: with all tries again, and known to the sweep that looks for lost messages. A sweep comes by itself. */
async function retryAll(store: QueueStore, queue: QueueName): Promise<void> {
  for (const letter of await listDeadLetters(store, queue))
    if (!letter.isSweep) await putBack(store, letter, { tries: 'all' });
}

async function retry(store: QueueStore, queue: QueueName, id: string): Promise<void> {
  if (!(await putBack(store, { queue, id }, { tries: 'all' }))) throw new HttpProblem(409, 'job_not_failed');
}

async function promoteAll(store: QueueStore, queue: QueueName): Promise<void> {
  await open(store)[queue].promoteJobs();
}

async function promote(store: QueueStore, queue: QueueName, id: string): Promise<void> {
  const job = await open(store)[queue].getJob(id);
  if (!job || (await job.getState()) !== 'delayed') throw new HttpProblem(409, 'job_not_delayed');
  await job.promote();
}

/** Only what is over may be deleted; of a failed inbound job nobody knows whether its message lies anywhere else. */
async function remove(store: QueueStore, queue: QueueName, id: string): Promise<void> {
  const job = await open(store)[queue].getJob(id);
  const state = await job?.getState();
  if (!job || (state !== 'completed' && state !== 'failed')) throw new HttpProblem(409, 'job_not_finished');
  if (state === 'failed' && isInbound(job.name)) throw new HttpProblem(409, 'job_holds_a_message');
  await job.remove();
}

async function clean(store: QueueStore, queue: QueueName, state: string): Promise<void> {
  const hasInbound = Object.entries(jobs).some(([name, contract]) => contract.queue === queue && isInbound(name));
  if (state === 'failed' && hasInbound) throw new HttpProblem(409, 'job_holds_a_message');
  await open(store)[queue].clean(0, 10_000, state === 'failed' ? 'failed' : 'completed');
}

function isInbound(name: string): boolean {
  const contract: Contract | undefined = Object.hasOwn(jobs, name) ? jobs[name as JobName] : undefined;
  return contract?.isInbound ?? false;
}
