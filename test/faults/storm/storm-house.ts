import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openDatabase, type Database } from '#shared/db/data-source.ts';
import { startEmbeddedPostgres } from '#shared/db/embedded-postgres.ts';
import { migrate } from '#shared/db/migrate.ts';
import { createMercadoPagoSimulator, type MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import { createWhatsAppSimulator, type WhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { migrateQueues, openQueues, type QueueStore } from '#shared/queues/connections.ts';
import { seedDemo } from '../../../scripts/seed-demo.ts';
import { startTcpProxy, type TcpProxy } from '../../integration/queues/tcp-proxy.ts';
import type { Backend } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { testOperator } from '../../support/operator.ts';
import { makeTestFolder, startRedisServer } from '../../support/services.ts';
import { startCourier } from './courier.ts';
import { createMember, type Member } from './member.ts';
import { vendorCredentials } from '../../support/vendor-credentials.ts';

/** Everything as processes, with a hand on each: an API, two workers, PostgreSQL, Redis, the vendors, the way of the webhooks. */
export type StormHouse = {
  backend: Backend;
  /** To look at the truth; it survives restarts of the server. */
  query: Database['query'];
  /** The database as it is now. */
  database(): Database;
  whatsapp: WhatsAppSimulator;
  mercadopago: MercadoPagoSimulator;
  api: Member;
  workers: readonly Member[];
  /** The processes' way to PostgreSQL. */
  postgres: TcpProxy;
  /** Ends the server in the middle of its transactions and starts it again after so long. */
  restartPostgres(downMs: number): Promise<void>;
  redis: StormRedis | undefined;
  /** A look at its queues, to be closed by whoever asked. */
  openQueues(): QueueStore;
  close(): Promise<void>;
};

export type StormRedis = {
  /** The processes' way to it. */
  proxy: TcpProxy;
  /** SIGKILL, then the same data again. */
  restart(downMs: number): Promise<void>;
  /** No write is taken for so long: its memory is full. */
  fill(ms: number): Promise<void>;
  /** Keys of courtesy locks that would never end by themselves. */
  locksWithoutEnd(): Promise<string[]>;
};

/** The vendors send again for hours; here every half second. */
const retryDelaysMs = [200, 500];

/** Opens it and waits until it answers. Close it in `finally`. */
export async function openStormHouse(backend: Backend, random: () => number): Promise<StormHouse> {
  const folder = await makeTestFolder('storm');
  const options = { dataDir: join(folder, 'postgres'), fallbackRoot: join(folder, 'fallback') };
  let server = await startEmbeddedPostgres(options);
  const postgres = await startTcpProxy(server.url);
  await migrate(server.url);
  if (backend === 'postgres') await migrateQueues(server.url);
  let database = await openDatabase(server.url, 5);
  await seedDemo(database);
  const redis = backend === 'redis' ? await openRedis() : undefined;

  const whatsapp = createWhatsAppSimulator({
    appSecret: vendorCredentials.WHATSAPP_APP_SECRET,
    phoneNumberId: vendorCredentials.WHATSAPP_PHONE_NUMBER_ID,
    accessToken: vendorCredentials.WHATSAPP_ACCESS_TOKEN,
    randomIds: true,
    retryDelaysMs,
  });
  const mercadopago = createMercadoPagoSimulator({
    accessToken: vendorCredentials.MERCADOPAGO_ACCESS_TOKEN,
    webhookSecret: vendorCredentials.MERCADOPAGO_WEBHOOK_SECRET,
    randomIds: true,
    retryDelaysMs,
  });
  const [graph, money, courier, port] = await Promise.all([
    whatsapp.listen(),
    mercadopago.listen(),
    startCourier(random),
    findFreePort(),
  ]);
  const variables: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    ...vendorCredentials,
    DATABASE_URL: postgres.through(server.url),
    ...(redis ? { REDIS_URL: redis.url } : {}),
    QUEUE_PREFIX: `t${randomBytes(4).toString('hex')}`,
    DATA_DIR: folder,
    PORT: String(port),
    PUBLIC_URL: courier.url,
    WHATSAPP_API_URL: `${graph.url}/v26.0`,
    MERCADOPAGO_API_URL: money.url,
    SANDBOX: 'false',
    ADMIN_USERS: testOperator.adminUsers,
  };
  courier.setTarget(`http://127.0.0.1:${port}`);
  whatsapp.setWebhookUrl(`${courier.url}/webhooks/whatsapp`);
  const api = createMember('api', ['api/server.ts'], variables);
  const workers = ['worker 1', 'worker 2'].map((name) => createMember(name, ['workers/main.ts'], variables));
  for (const member of [api, ...workers]) member.start();
  await eventually(
    async () => {
      const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`);
      if (!ok) throw new Error('not ready');
    },
    { timeoutMs: 60_000, intervalMs: 200 },
  );

  return {
    backend,
    query: ((sql: string, parameters?: unknown[]) => database.query(sql, parameters)) as Database['query'],
    database: () => database,
    whatsapp,
    mercadopago,
    api,
    workers,
    postgres,
    async restartPostgres(downMs) {
      await database.destroy();
      await postgres.cut();
      await server.stop();
      await new Promise((done) => setTimeout(done, downMs));
      server = await startEmbeddedPostgres(options);
      postgres.retarget(server.url);
      database = await openDatabase(server.url, 5);
      await postgres.restore();
    },
    redis,
    openQueues: () =>
      openQueues({
        redisUrl: redis?.url,
        databaseUrl: server.url,
        prefix: variables['QUEUE_PREFIX']!,
        role: 'producer',
        log: createSilentLogger(),
      }),
    async close() {
      await Promise.all([api, ...workers].map((member) => member.close()));
      await Promise.all([whatsapp.close(), mercadopago.close(), courier.close()]);
      await database.destroy();
      await postgres.close();
      await server.stop();
      await redis?.close();
    },
  };
}

async function openRedis(): Promise<StormRedis & { url: string; close(): Promise<void> }> {
  let server = await startRedisServer();
  const { url, port, dir } = server;
  const proxy = await startTcpProxy(url);
  const withClient = async <T>(work: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
    await client.connect();
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  };
  return {
    url: proxy.through(url),
    proxy,
    async restart(downMs) {
      await server.stop();
      await new Promise((done) => setTimeout(done, downMs));
      server = await startRedisServer({ port, dir });
    },
    async fill(ms) {
      await withClient((client) => client.config('SET', 'maxmemory', '1'));
      await new Promise((done) => setTimeout(done, ms));
      await withClient((client) => client.config('SET', 'maxmemory', '0'));
    },
    locksWithoutEnd: () =>
      withClient(async (client) => {
        const keys = await client.keys('*night*');
        const ttls = await Promise.all(keys.map((key) => client.pttl(key)));
        return keys.filter((_, index) => ttls[index] === -1);
      }),
    async close() {
      await proxy.close();
      await server.stop();
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}
