import { exitOnBadEnv } from '#shared/config/env.ts';
import { openDatabase } from '#shared/db/data-source.ts';
import { followDatabaseClock } from '#shared/db/house-clock.ts';
import { locateDatabase } from '#shared/db/locate.ts';
import { pendingMigrations } from '#shared/db/migrate.ts';
import { readBusinessFigures } from '#shared/db/stores/business-figures.ts';
import { createLifecycle, shutdownOrder } from '#shared/lifecycle.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { startTracing } from '#shared/observability/tracing.ts';
import { openQueues } from '#shared/queues/connections.ts';
import { readQueueFigures } from '#shared/queues/figures.ts';
import { linkDatabase } from '#shared/db/link.ts';
import { openDesk } from './desk.ts';
import type { Desk } from './desk.ts';
import { startApi } from './start-api.ts';

const env = exitOnBadEnv();
const log = createLogger(env);
const lifecycle = createLifecycle({ log });
const tracing = await startTracing(env.otlpEndpoint, 'posada-api');
lifecycle.onShutdown(shutdownOrder.database, 'traces', () => tracing.close());

const located = await locateDatabase(env, (line) => log.info(line));
lifecycle.onShutdown(shutdownOrder.server, 'embedded database', () => located.embedded?.stop());

const link = linkDatabase({ open: () => openDatabase(located.url, env.databasePoolSize), pendingMigrations, log });
link.opened.catch((error: unknown) => {
  if (lifecycle.isShuttingDown) return;
  log.fatal({ err: error }, error instanceof Error ? error.message : 'no database');
  void lifecycle.shutdown('schema', 1);
});
lifecycle.onShutdown(shutdownOrder.database, 'database', () => link.close());

const store = openQueues({
  redisUrl: env.redisUrl,
  databaseUrl: located.url,
  prefix: env.queuePrefix,
  role: 'producer',
  log,
});
lifecycle.onShutdown(shutdownOrder.queues, 'queues', () => store.close());

const metrics = createMetrics({
  readQueueFigures: () => readQueueFigures(store),
  readBusinessFigures: async () => readBusinessFigures(await link.opened),
});
let desk: Desk | undefined;
link.opened.then(
  (database) => {
    const opened = openDesk({ env, log, database, queues: store });
    desk = opened;
    void followDatabaseClock(database, log).then((stop) => lifecycle.onShutdown(shutdownOrder.database, 'clock', stop));
    lifecycle.onShutdown(shutdownOrder.redis, 'desk', () => opened.close());
  },
  () => {},
);
await startApi({ env, log, metrics, store, lifecycle, pingDatabase: link.ping, desk: () => desk });
