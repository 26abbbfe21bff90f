import { exitOnBadEnv } from '#shared/config/env.ts';
import { openDatabase } from '#shared/db/data-source.ts';
import { followDatabaseClock } from '#shared/db/house-clock.ts';
import { linkDatabase } from '#shared/db/link.ts';
import { locateDatabase } from '#shared/db/locate.ts';
import { pendingMigrations } from '#shared/db/migrate.ts';
import { readBusinessFigures } from '#shared/db/stores/business-figures.ts';
import { createLifecycle, shutdownOrder } from '#shared/lifecycle.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { startTracing } from '#shared/observability/tracing.ts';
import { startMetricsServer } from '#shared/observability/metrics-server.ts';
import { openQueues } from '#shared/queues/connections.ts';
import { readQueueFigures } from '#shared/queues/figures.ts';
import { parsePoolNames, startWorkers } from './start-workers.ts';

// `npm run workers -- [pool …]`: the named pools, or all, in one process.
const env = exitOnBadEnv();
const log = createLogger(env);
const poolNames = parsePoolNames(process.argv.slice(2), (problem) => {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
});
const lifecycle = createLifecycle({ log });
const tracing = await startTracing(env.otlpEndpoint, 'posada-workers');
lifecycle.onShutdown(shutdownOrder.database, 'traces', () => tracing.close());

const { url, embedded } = await locateDatabase(env, (line) => log.info(line));
lifecycle.onShutdown(shutdownOrder.server, 'embedded database', () => embedded?.stop());

const link = linkDatabase({
  open: () => openDatabase(url, env.databasePoolSize, { forWorkers: true }),
  pendingMigrations,
  log,
});
lifecycle.onShutdown(shutdownOrder.database, 'database', () => link.close());
const store = openQueues({ redisUrl: env.redisUrl, databaseUrl: url, prefix: env.queuePrefix, role: 'worker', log });
lifecycle.onShutdown(shutdownOrder.queues, 'queues', () => store.close());

try {
  const database = await link.opened;
  lifecycle.onShutdown(shutdownOrder.database, 'clock', await followDatabaseClock(database, log));
  const metrics = createMetrics({
    readQueueFigures: () => readQueueFigures(store),
    readBusinessFigures: () => readBusinessFigures(database),
  });
  const workers = startWorkers(poolNames, { env, log, metrics, database, queues: store });
  lifecycle.onShutdown(shutdownOrder.workers, 'workers', (deadline) => workers.close(deadline));
  if (env.workerPort !== undefined) {
    const isAlive = () => workers.pools.every((pool) => pool.isRunning());
    const page = await startMetricsServer({ port: env.workerPort, metrics, metricsToken: env.metricsToken, isAlive });
    lifecycle.onShutdown(shutdownOrder.http, 'metrics', () => page.close());
  }
  await workers.ready;
  log.info({ pools: poolNames }, 'working');
} catch (error) {
  if (!lifecycle.isShuttingDown) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'not started');
    await lifecycle.shutdown('not started', 1);
  }
}
