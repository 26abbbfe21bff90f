import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimitError, UnrecoverableError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import { currentCorrelationId, newCorrelationId, runInContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import { stackFrames } from '#shared/observability/redaction.ts';
import { queueTelemetry } from '#shared/observability/tracing.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { jobs, patientDelayMs } from '#shared/queues/contracts.ts';
import type { Contract, Handlers, JobName, JobsOn, QueueName } from '#shared/queues/contracts.ts';
import { idsOf, splitTrace } from '#shared/queues/job-data.ts';
import { createErrorReporter, kept, queuePrefix } from '#shared/queues/store.ts';
import { judgeFailure } from './failure-policy.ts';
import type { FailureReason } from './failure-policy.ts';

/** After the last try: what a pool does for whom the job was about. `error` tells reason and kind, not the message. */
export type OnFinalFailure = (jobName: JobName, payload: unknown, error: Error) => Promise<void> | void;

export type PoolOptions = {
  connections: QueueStore;
  log: Logger;
  metrics: Metrics;
  /** Jobs that run at the same time. Default 5. */
  concurrency?: number;
  onFinalFailure?: OnFinalFailure;
  /** Lock and stall check of house.md, for tests only. Defaults 6,000 and 3,000 milliseconds. */
  lockMs?: number;
  stalledCheckMs?: number;
};

/** A running pool. */
export type Pool = {
  readonly queueName: QueueName;
  /** Resolves when the worker takes jobs for the first time (the store may be down at start). */
  readonly ready: Promise<void>;
  /** Whether it takes jobs now. */
  isRunning: () => boolean;
  /**
   * Two stages: takes no more jobs and waits for the running ones until `deadline` aborts; then aborts their signals and waits
   * at most 2 s more. What is still active then is taken over by another worker as stalled.
   */
  close: (deadline: AbortSignal) => Promise<void>;
};

/**
 * A queue's rest (429) is kept by workers that have a limit, and by no other [ran, 6.7.0, both backends]. This one is never reached.
 * Answering asks no vendor that could want a rest.
 */
const unreachedLimit = { max: 1_000_000, duration: 1_000 };

type AnyHandler<Deps> = (payload: never, deps: Deps, signal: AbortSignal) => Promise<void>;
type Run<Deps> = { handlers: Record<string, AnyHandler<Deps>>; deps: Deps; options: PoolOptions; queueName: QueueName };

/** Starts of one job, stalls and rests included, before it is given up. */
const maxStarts = { inbound: 30, other: 10 };

/**
 * Starts the worker of one queue: each job's payload is parsed, logged and counted under its name and correlation id, handed to
 * its handler with an AbortSignal, and its failure is judged by failure-policy.ts. Returns at once; a store that is down is
 * waited for.
 */
export function startPool<Q extends QueueName, Deps>(
  queueName: Q,
  handlers: Handlers<Q, Deps>,
  deps: Deps,
  options: PoolOptions,
): Pool {
  const run: Run<Deps> = { handlers: handlers as Record<JobsOn<Q>, AnyHandler<Deps>>, deps, options, queueName };
  const log = options.log.child({ queue: queueName });
  const closing = new AbortController();
  let worker: Worker | undefined;
  const ready = openWorker(run, log, closing.signal).then((open) => {
    worker = open;
  });
  ready.catch(() => {}); // closed before the store was reached
  return {
    queueName,
    ready,
    isRunning: () => worker !== undefined && worker.isRunning() && !closing.signal.aborted,
    close: async (deadline) => {
      closing.abort();
      if (worker) await closeWorker(worker, deadline, log);
      else await Promise.race([ready.catch(() => {}), sleep(2_000)]);
    },
  };
}

/** A worker remembers a failed start for ever (Postgres), so each attempt makes a new one. */
async function openWorker<Deps>(run: Run<Deps>, log: Logger, signal: AbortSignal): Promise<Worker> {
  await Promise.race([run.options.connections.opened, rejectOnAbort(signal)]);
  for (;;) {
    signal.throwIfAborted();
    const worker = createWorker(run, log);
    try {
      await worker.waitUntilReady();
      if (!signal.aborted) return worker;
    } catch (error) {
      log.warn({ err: error }, 'worker not ready, trying again');
    }
    await worker.close(true);
    await sleep(1_000, undefined, { signal });
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function createWorker<Deps>(run: Run<Deps>, log: Logger): Worker {
  const { connections, concurrency = 5, lockMs = 6_000, stalledCheckMs = 3_000 } = run.options;
  const { connection, factory } = connections.workerBackend();
  const settings = {
    connection,
    ...(factory ? {} : { prefix: queuePrefix(connections.prefix, run.queueName) }),
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    maxStalledCount: 20, // the default of 1 fails a job whose worker died twice
    maxStartedAttempts: maxStarts.inbound, // the lower limit of the others is in `checkStarts`
    runRetryDelay: 1_000, // the default leaves workers idle for 13 s after a restart of Postgres
    settings: { backoffStrategy: patientDelayMs },
    ...(run.queueName === 'conversations' ? {} : { limiter: unreachedLimit }),
    removeOnFail: kept.failed,
    ...(factory ? {} : { removeOnComplete: kept.completed }), // in Postgres `trim` does it
    ...queueTelemetry(),
  };
  // three parameters: BullMQ hands the signal only to a processor that declares it
  const processor = (job: Job, _token: string | undefined, signal: AbortSignal | undefined): Promise<void> =>
    processJob(run, job, signal ?? new AbortController().signal, log);
  const worker = factory
    ? new Worker(run.queueName, processor, settings, factory)
    : new Worker(run.queueName, processor, settings);
  worker.on('error', createErrorReporter(log, 'worker'));
  worker.on('failed', (job, error) => void reportFailure(run, job, error, log));
  return worker;
}

function processJob<Deps>(run: Run<Deps>, job: Job, signal: AbortSignal, poolLog: Logger): Promise<void> {
  const { payload, correlationId } = splitTrace(job.data);
  return runInContext({ correlationId: correlationId ?? newCorrelationId() }, async () => {
    const log = poolLog.child({ job: job.name, jobId: job.id, attempt: job.attemptsMade + 1, ...idsOf(payload) });
    const labels = { queue: run.queueName, job: labelOf(job.name) };
    const stopTimer = run.options.metrics.jobDuration.startTimer(labels);
    try {
      checkStarts(job);
      await runHandler(run, job.name, payload, signal);
      run.options.metrics.jobsProcessed.inc({ ...labels, outcome: 'completed' });
      log[isSweep(job.name) ? 'debug' : 'info']('job done');
    } catch (error) {
      throw await toFailure(run, job, error, log);
    } finally {
      stopTimer();
    }
  });
}

async function runHandler<Deps>(run: Run<Deps>, name: string, payload: unknown, signal: AbortSignal): Promise<void> {
  const handler = run.handlers[name];
  const contract = contractOf(name);
  if (!handler || !contract) throw new Error(`no handler for ${name} in this release`);
  await handler(contract.payload.parse(payload) as never, run.deps, signal);
}

/** A job that kills its workers would go round for ever: stalls are no failed tries. */
function checkStarts(job: Job): void {
  const contract = contractOf(job.name);
  const limit = contract?.isInbound ? maxStarts.inbound : Math.max(maxStarts.other, job.opts.attempts ?? 1);
  if (job.attemptsStarted > limit) throw new UnrecoverableError(`started more than ${limit} times`);
}

/** The error to throw at BullMQ, by the policy's verdict. */
async function toFailure<Deps>(run: Run<Deps>, job: Job, error: unknown, log: Logger): Promise<Error> {
  const labels = { queue: run.queueName, job: labelOf(job.name) };
  const count = (outcome: string): void => run.options.metrics.jobsProcessed.inc({ ...labels, outcome });
  if (error instanceof UnrecoverableError) {
    count('failed');
    return error;
  }
  const verdict = judgeFailure(error, { isInbound: contractOf(job.name)?.isInbound ?? false });
  if (verdict.action === 'slow down') {
    log.warn({ err: error, restMs: verdict.restMs }, 'the queue rests');
    await run.options.connections.queues()?.[run.queueName].rateLimit(verdict.restMs);
    count('slowed_down');
    return new RateLimitError();
  }
  const isLast = verdict.action === 'give up' || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  count(isLast ? 'failed' : 'retried');
  log.warn({ err: error, reason: verdict.reason, isLast }, 'job failed');
  return storedError(error, verdict);
}

/**
 * What BullMQ keeps and Bull Board shows of an error: reason, kind and place, never its message, which may quote a guest. The
 * message is in the log under the same correlation id.
 */
function storedError(error: unknown, verdict: { action: string; reason: FailureReason }): Error {
  const { name = 'Error', stack = '', code } = error instanceof Error ? (error as Error & { code?: unknown }) : {};
  const text = [verdict.reason, name, typeof code === 'string' ? code : ''].filter(Boolean).join(' ');
  const stored = verdict.action === 'give up' ? new UnrecoverableError(text) : new Error(text);
  stored.stack = `${text}\n${stackFrames(stack)}`;
  return Object.assign(stored, { reason: verdict.reason });
}

/** BullMQ tells every failed try; the last one has an end. Stalled and over-started jobs come here without a handler's run. */
async function reportFailure<Deps>(run: Run<Deps>, job: Job | undefined, error: Error, log: Logger): Promise<void> {
  if (!job || job.finishedOn === undefined) return;
  const { payload, correlationId } = splitTrace(job.data);
  const reason =
    (error as { reason?: FailureReason }).reason ?? (/stalled|started/.test(error.message) ? 'stalled' : 'unknown');
  run.options.metrics.jobsFailed.inc({ queue: run.queueName, job: labelOf(job.name), reason });
  await runInContext({ correlationId: correlationId ?? newCorrelationId() }, async () => {
    // The next run of a sweep is its retry; one that never succeeds again is seen by its age.
    const level = isSweep(job.name) ? 'warn' : 'error';
    log[level]({ err: error, job: job.name, jobId: job.id, reason, ...idsOf(payload) }, 'job failed finally');
    try {
      await run.options.onFinalFailure?.(job.name as JobName, payload, error);
    } catch (problem) {
      log.error({ err: problem, job: job.name, correlationId: currentCorrelationId() }, 'final failure not reported');
    }
  });
}

async function closeWorker(worker: Worker, deadline: AbortSignal, log: Logger): Promise<void> {
  const closed = worker.close(); // never times out by itself
  const isClosed = await Promise.race([closed.then(() => true), whenAborted(deadline)]);
  if (isClosed) return;
  log.warn('jobs still run at the deadline: aborting them');
  worker.cancelAllJobs('shutdown');
  await Promise.race([closed, sleep(2_000)]);
}

function whenAborted(signal: AbortSignal): Promise<false> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
}

function contractOf(name: string): Contract | undefined {
  return Object.hasOwn(jobs, name) ? (jobs[name as JobName] as Contract) : undefined;
}

/** A job of another release must not make new label values. */
function labelOf(name: string): string {
  return contractOf(name) ? name : 'unknown';
}

function isSweep(name: string): boolean {
  return contractOf(name)?.everyMs !== undefined;
}
