import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { migrateQueues } from '#shared/queues/connections.ts';
import { signMercadoPago } from '#shared/integrations/mercadopago/signature.ts';
import { describeOnBothBackends, redisUrlFor } from '../../support/both-backends.ts';
import { createEmptyDatabase, createTestDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestFolder } from '../../support/services.ts';
import { track } from '../../support/track.ts';
import { startTcpProxy } from '../queues/tcp-proxy.ts';
import type { TcpProxy } from '../queues/tcp-proxy.ts';

const entry = fileURLToPath(new URL('../../../api/server.ts', import.meta.url));
const webhookSecret = 'k9Qw2ZpL7vXe4RtY8uIo1PaSdFgHjKlM';

type Server = { child: ChildProcess; output: () => string; url: () => string; exitCode: () => Promise<number | null> };

describeOnBothBackends('the API process', (backend) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let redisUrl: string | undefined;
  let server: Server | undefined;
  let isEnded = true;

  before(async function () {
    this.timeout(60_000);
    database = await createTestDatabase();
    await migrateQueues(database.url);
    redisUrl = await redisUrlFor(backend);
    proxy = track(await startTcpProxy(database.url), 'proxy');
  });
  afterEach(async () => {
    if (!isEnded) server?.child.kill('SIGKILL');
    await server?.exitCode();
  });
  after(async () => {
    await proxy.close();
    await database.drop();
  });

  const start = async (databaseUrl: string): Promise<Server> => {
    const child = spawn(process.execPath, [entry], {
      env: {
        NODE_ENV: 'test',
        LOG_LEVEL: 'info',
        PORT: '0',
        DATA_DIR: await makeTestFolder('server'),
        DATABASE_URL: databaseUrl,
        MERCADOPAGO_WEBHOOK_SECRET: webhookSecret,
        SANDBOX: 'true',
        QUEUE_PREFIX: `server-${process.pid}`,
        ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    isEnded = false;
    const exited = once(child, 'exit').then(([code]) => {
      isEnded = true;
      return code as number | null;
    });
    const url = (): string => {
      const port = /port: (\d+)/.exec(output)?.[1];
      if (!port) throw new Error(`not listening: ${output}`);
      return `http://127.0.0.1:${port}`;
    };
    return (server = { child, output: () => output, url, exitCode: () => exited });
  };
  const statusOf = async (path: string): Promise<number> => (await fetch(`${server?.url()}${path}`)).status;
  const notify = async (): Promise<number> => {
    const xSignature = signMercadoPago({ secret: webhookSecret, dataId: '5', ts: 1 });
    const options = { method: 'POST', body: '{}', headers: { 'x-signature': xSignature } };
    return (await fetch(`${server?.url()}/webhooks/mercadopago?data.id=5&type=payment`, options)).status;
  };

  it('listens, gets ready, takes webhooks and ends with 0 on SIGTERM', async function () {
    this.timeout(60_000);
    const { child, exitCode, output } = await start(database.url);
    await eventually(async () => expect(await statusOf('/readyz')).to.equal(200), { timeoutMs: 30_000 });
    expect(await notify()).to.equal(200);
    const metrics = await (await fetch(`${server?.url()}/metrics`)).text();
    expect(metrics)
      .to.contain('business_figures_up 1')
      .and.to.contain('queue_jobs{queue="payments",state="waiting"} 1');
    expect(await statusOf('/healthz')).to.equal(200);
    expect(output()).to.match(/Operator for this run: admin@localhost/);
    child.kill('SIGTERM');
    expect(await exitCode()).to.equal(0);
  });

  it('refuses to start on a schema that is behind', async function () {
    this.timeout(60_000);
    const empty = await createEmptyDatabase();
    const { exitCode, output } = await start(empty.url);
    expect(await exitCode()).to.equal(1);
    expect(output()).to.contain('npm run migrate');
    await empty.drop();
  });

  it('listens while the database is away and is ready once it comes', async function () {
    this.timeout(60_000);
    await proxy.cut();
    await start(proxy.through(database.url));
    await eventually(async () => expect(await statusOf('/livez')).to.equal(200), { timeoutMs: 30_000 });
    expect(await statusOf('/readyz')).to.equal(503);
    expect(await statusOf('/healthz')).to.equal(503);
    await eventually(async () => expect(await notify()).to.equal(backend === 'redis' ? 200 : 503));
    await proxy.restore();
    await eventually(async () => expect(await statusOf('/readyz')).to.equal(200), { timeoutMs: 30_000 });
    expect(await notify()).to.equal(200);
  });
});
