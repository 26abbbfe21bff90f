import type { Logger } from '#shared/observability/logger.ts';

/** Where a step stands in the shutdown: lower first, equal ones together. */
export const shutdownOrder = {
  http: 10,
  schedules: 20,
  workers: 30,
  queues: 40,
  redis: 50,
  database: 60,
  server: 70,
} as const;

/** One step; `deadline` aborts when the time is up and what still runs has to be given up. */
export type ShutdownStep = (deadline: AbortSignal) => Promise<void> | void;

export type Lifecycle = {
  /** Registers what must end before the process does. `name` is for the log. */
  onShutdown(order: number, name: string, step: ShutdownStep): void;
  /** Begins the shutdown (once; later calls wait for the same one) and leaves the process with `exitCode`. */
  shutdown(reason: string, exitCode?: number): Promise<void>;
  readonly isShuttingDown: boolean;
};

export type LifecycleOptions = {
  log: Logger;
  /** Milliseconds for the running work before it is aborted. Default 25,000. */
  deadlineMs?: number;
  /** Milliseconds that a step may still take after the deadline. Default 3,000. */
  graceMs?: number;
  /** How the process ends; for tests. Default `process.exit`. */
  exit?: (code: number) => void;
  /** Where signals and stray errors are heard; for tests. Default `process`. */
  events?: NodeJS.EventEmitter;
};

/**
 * Ends the process in order: stop taking work, wait for what runs until the deadline, abort it, close queues, redis and pools,
 * exit 0. SIGTERM and SIGINT begin it, a second signal exits at once with 1. An unhandled rejection or exception is logged as
 * fatal and begins it with exit code 1.
 */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { log, deadlineMs = 25_000, graceMs = 3_000, exit = (code) => process.exit(code), events = process } = options;
  const steps: { order: number; name: string; step: ShutdownStep }[] = [];
  let running: Promise<void> | undefined;

  const shutdown = (reason: string, exitCode = 0): Promise<void> => {
    running ??= run(reason, exitCode);
    return running;
  };
  const run = async (reason: string, exitCode: number): Promise<void> => {
    log.info({ reason }, 'shutting down');
    const deadline = AbortSignal.timeout(deadlineMs);
    for (const [, together] of [...Map.groupBy(steps, ({ order }) => order)].toSorted(([a], [b]) => a - b))
      await Promise.all(together.map(({ name, step }) => runStep(name, step, deadline, graceMs, log)));
    log.info({ reason, exitCode }, 'bye');
    exit(exitCode);
  };

  const onSignal = (signal: NodeJS.Signals): void => {
    if (running) {
      log.warn({ signal }, 'second signal: leaving at once');
      exit(1);
      return;
    }
    void shutdown(signal);
  };
  const onStray = (error: unknown): void => {
    log.fatal({ err: error instanceof Error ? error : new Error(String(error)) }, 'unhandled error');
    void shutdown('unhandled error', 1);
  };
  events.on('SIGTERM', onSignal);
  events.on('SIGINT', onSignal);
  events.on('unhandledRejection', onStray);
  events.on('uncaughtException', onStray);

  return {
    onShutdown: (order, name, step) => void steps.push({ order, name, step }),
    shutdown,
    get isShuttingDown() {
      return running !== undefined;
    },
  };
}

/** A step that fails or outlives deadline and grace is logged and left behind: the rest must still be closed. */
async function runStep(
  name: string,
  step: ShutdownStep,
  deadline: AbortSignal,
  graceMs: number,
  log: Logger,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<'given up'>((resolve) => {
    const startGrace = (): void => void (timer = setTimeout(resolve, graceMs, 'given up'));
    if (deadline.aborted) startGrace();
    else deadline.addEventListener('abort', startGrace, { once: true });
  });
  try {
    const outcome = await Promise.race([(async () => step(deadline))(), givenUp]);
    if (outcome === 'given up') log.error({ step: name }, 'shutdown step given up');
  } catch (error) {
    log.error({ err: error, step: name }, 'shutdown step failed');
  } finally {
    clearTimeout(timer);
  }
}
