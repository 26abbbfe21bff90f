import { getHeapStatistics } from 'node:v8';
import type { Env } from '#shared/config/env.ts';
import { icalCheck } from '#shared/db/stores/calendar-health.ts';
import { vendorChecks } from '#shared/db/stores/vendor-checks.ts';
import type { VendorSetup } from '#shared/db/stores/vendor-checks.ts';
import { readFfmpegVersion } from '#shared/integrations/ffmpeg/check-ffmpeg.ts';
import { shutdownOrder } from '#shared/lifecycle.ts';
import type { Lifecycle } from '#shared/lifecycle.ts';
import { diskCheck, memoryCheck } from '#shared/observability/health.ts';
import type { HealthCheck } from '#shared/observability/health.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { createEnqueueAll } from '#shared/queues/enqueue.ts';
import { createApp } from './app.ts';
import type { AppDeps } from './app.ts';
import { createAccess } from './auth/access.ts';
import { createOperators } from './auth/operators.ts';
import { createSharedTries } from './auth/shared-tries.ts';
import { listen } from './listen.ts';

export type ApiDeps = {
  env: Env;
  log: Logger;
  metrics: Metrics;
  store: QueueStore;
  lifecycle: Lifecycle;
  /** Rejects when the database does not answer or its schema is behind. */
  pingDatabase: () => Promise<void>;
  /** Checks of /healthz beyond the process's own: whatsapp, mercadopago, openai, ical. */
  vendorChecks?: readonly HealthCheck[];
  /** What the operators' API works with; undefined while its stores are not open. */
  desk?: AppDeps['desk'];
  extraRoutes?: AppDeps['extraRoutes'];
};

/** The HTTP side of a process: the application on `env.port`, closed first at shutdown. Resolves when it listens. */
export async function startApi(deps: ApiDeps): Promise<{ port: number }> {
  const { env, log, store, lifecycle } = deps;
  const vital = vitalChecks(deps);
  const closing = new AbortController();
  const app = createApp({
    env,
    log,
    metrics: deps.metrics,
    store,
    enqueueAll: createEnqueueAll(store),
    readiness: vital,
    health: [
      ...vital,
      memoryCheck(getHeapStatistics().heap_size_limit),
      diskCheck(env.isProduction ? '/' : env.dataDir),
      ...(env.redisUrl ? [] : [noRedis]),
      ...vendorChecks(vendorSetup(env), () => deps.desk?.()?.database, createFfmpegCheck()),
      ...(deps.desk ? [icalCheck(() => deps.desk?.()?.database)] : []),
      ...(deps.vendorChecks ?? []),
    ],
    access: createAccess(
      env,
      createOperators(env, announcePassword),
      createSharedTries(env.jwtSecret, () => deps.desk?.()?.database),
    ),
    closing: closing.signal,
    ...(deps.desk ? { desk: deps.desk } : {}),
    ...(deps.extraRoutes ? { extraRoutes: deps.extraRoutes } : {}),
  });
  const answer = app.callback();
  const listening = await listen((request, response) => void answer(request, response), env.port);
  lifecycle.onShutdown(shutdownOrder.http, 'http', (deadline) => {
    closing.abort();
    return listening.close(deadline);
  });
  log.info({ port: listening.port, queues: store.backend }, 'listening');
  return { port: listening.port };
}

/** In the report whatever the house stands on, so that a monitor finds the same checks everywhere. */
const noRedis: HealthCheck = {
  name: 'redis',
  timeoutMs: 100,
  run: () => Promise.resolve({ status: 'ok', detail: 'not used: the queues live in Postgres' }),
};

function vendorSetup({ whatsapp, mercadopago, openai }: Env): VendorSetup {
  return {
    whatsapp: whatsapp.accessToken !== '' && whatsapp.appSecrets.length > 0,
    mercadopago: mercadopago.accessToken !== '',
    openai: openai.apiKey !== undefined || !openai.baseUrl.startsWith('https://api.openai.com/'),
  };
}

/**
 * Asked once a minute at most: a report every second must not start a process each time. Only the first report waits for the
 * answer, the others have the last one.
 */
function createFfmpegCheck(): () => Promise<boolean> {
  let found: Promise<boolean> | undefined;
  let askedAt = -Infinity;
  return () => {
    if (performance.now() - askedAt > 60_000) {
      askedAt = performance.now();
      const asked = readFfmpegVersion().then((version) => version !== undefined);
      void asked.then(() => (found = asked));
      found ??= asked;
    }
    return found!;
  };
}

function vitalChecks({ env, store, pingDatabase }: ApiDeps): HealthCheck[] {
  const ping = (name: string, run: () => Promise<void>): HealthCheck => ({
    name,
    timeoutMs: 1_500,
    isVital: true,
    run,
  });
  return [
    ping('database', pingDatabase),
    ...(env.redisUrl ? [ping('redis', store.ping)] : []),
    ping('queues', () => readCounts(store)),
  ];
}

/** The queues themselves, not only their store: a store without their schema or script fails here. */
async function readCounts(store: QueueStore): Promise<void> {
  const queues = store.queues();
  if (!queues) throw new Error('The queue store has not been reached yet');
  await queues.conversations.getJobCounts('waiting');
}

/** On the terminal and not in the log: a password has no business there. */
function announcePassword(email: string, password: string): void {
  process.stderr.write(`Operator for this run: ${email} / ${password}\n`);
}
