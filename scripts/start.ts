import { createSandbox } from '../api/sandbox/sandbox.ts';
import { openDesk } from '../api/desk.ts';
import { startApi } from '../api/start-api.ts';
import { startWorkers } from '../workers/start-workers.ts';
import { exitOnBadEnv } from '#shared/config/env.ts';
import { openDatabase } from '#shared/db/data-source.ts';
import { followDatabaseClock } from '#shared/db/house-clock.ts';
import { locateDatabase } from '#shared/db/locate.ts';
import { migrate, pendingMigrations } from '#shared/db/migrate.ts';
import { readBusinessFigures } from '#shared/db/stores/business-figures.ts';
import { createLifecycle, shutdownOrder } from '#shared/lifecycle.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import { startTracing } from '#shared/observability/tracing.ts';
import { migrateQueues, openQueues } from '#shared/queues/connections.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import { readQueueFigures } from '#shared/queues/figures.ts';
import { readLodgingName } from '#shared/db/stores/lodging-store.ts';
import { seedDemo } from './seed-demo.ts';

// `npm start`: everything in one process. Database, migrations, queues, API, workers and, in the newcomer's world, the sandbox.
const env = exitOnBadEnv();
const log = createLogger(env);
const lifecycle = createLifecycle({ log });
const tracing = await startTracing(env.otlpEndpoint, 'posada');
lifecycle.onShutdown(shutdownOrder.database, 'traces', () => tracing.close());

const { url, embedded } = await locateDatabase(env, (line) => log.info(line));
lifecycle.onShutdown(shutdownOrder.server, 'embedded database', () => embedded?.stop());
if (embedded || !env.isProduction) {
  await migrate(url);
  if (!env.redisUrl) await migrateQueues(url);
}

const database = await openDatabase(url, env.databasePoolSize);
lifecycle.onShutdown(shutdownOrder.database, 'database', () => database.destroy());
const pending = await pendingMigrations(database);
if (pending.length > 0) {
  log.fatal({ pending }, 'the schema is behind: npm run migrate');
  await lifecycle.shutdown('schema', 1);
}
lifecycle.onShutdown(shutdownOrder.database, 'clock', await followDatabaseClock(database, log));
if (env.isSandbox) await seedDemo(database);

const store = openQueues({ redisUrl: env.redisUrl, databaseUrl: url, prefix: env.queuePrefix, role: 'both', log });
lifecycle.onShutdown(shutdownOrder.queues, 'queues', () => store.close());
const metrics = createMetrics({
  readQueueFigures: () => readQueueFigures(store),
  readBusinessFigures: () => readBusinessFigures(database),
});

const desk = openDesk({ env, log, database, queues: store });
lifecycle.onShutdown(shutdownOrder.redis, 'desk', () => desk.close());
const sandbox = env.isSandbox
  ? createSandbox({ env, log, desk, lodgingName: () => readLodgingName(database) })
  : undefined;
if (sandbox) lifecycle.onShutdown(shutdownOrder.http, 'sandbox', () => sandbox.close());
const { port } = await startApi({
  env,
  log,
  metrics,
  store,
  lifecycle,
  pingDatabase: async () => void (await database.query('SELECT 1')),
  desk: () => desk,
  ...(sandbox ? { extraRoutes: [sandbox.middleware] } : {}),
});

const workers = startWorkers(queueNames, { env, log, metrics, database, queues: store });
lifecycle.onShutdown(shutdownOrder.workers, 'workers', (deadline) => workers.close(deadline));
await workers.ready;

process.stdout.write(
  [
    '',
    'Posada is ready.',
    ...(sandbox ? [`  Write to it as a guest:  http://localhost:${port}/sandbox`] : []),
    `  Console (operators):     http://localhost:${port}/console`,
    `  Queues (operators):      http://localhost:${port}/queues`,
    `  Health:                  http://localhost:${port}/healthz`,
    '',
    '',
  ].join('\n'),
);
