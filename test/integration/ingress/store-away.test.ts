import { kill } from 'node:process';
import { expect } from 'chai';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { startRedisServer } from '../../support/services.ts';
import type { RedisServer } from '../../support/services.ts';
import { track } from '../../support/track.ts';
import { openTestQueues } from '../queues/pools.ts';
import { startTcpProxy } from '../queues/tcp-proxy.ts';
import type { TcpProxy } from '../queues/tcp-proxy.ts';
import { startIngress, textMessage, webhookOf } from './ingress.ts';
import type { TestIngress } from './ingress.ts';

/** How a store goes away and comes back: a redis-server is stopped and killed itself, Postgres is behind a proxy. */
type Fault = {
  freeze: () => void;
  thaw: () => Promise<void>;
  takeDown: () => Promise<void>;
  bringUp: () => Promise<void>;
};

describeOnBothBackends('the ingress while the queue store is away', (backend) => {
  let database: TestDatabase;
  let redis: RedisServer | undefined;
  let proxy: TcpProxy;
  let store: QueueStore;
  let ingress: TestIngress;
  let fault: Fault;

  before(async function () {
    this.timeout(60_000);
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    proxy = track(await startTcpProxy(database.url), 'proxy');
    if (backend === 'redis') redis = await startRedisServer();
    fault = redis ? redisFault(redis, (next) => (redis = next)) : proxyFault(proxy);
    store = track(openTestQueues({ redisUrl: redis?.url, databaseUrl: proxy.through(database.url) }), 'queue store');
    await store.opened;
    ingress = track(await startIngress(store), 'ingress');
  });
  after(async () => {
    await ingress.close();
    await store.close();
    await proxy.close();
    await redis?.stop();
    await database.drop();
  });

  const post = async (): Promise<Response> =>
    ingress.postWhatsApp(webhookOf(ingress.env.whatsapp.phoneNumberId, [[textMessage('wamid.x', 'hola')]]));
  const isTaken = async (): Promise<unknown> => expect((await post()).status).to.equal(200);

  it('answers 503 while the store is frozen, then 200 again', async function () {
    this.timeout(60_000);
    await isTaken();
    fault.freeze();
    const refused = await post();
    expect(refused.status).to.equal(503);
    expect(refused.headers.get('retry-after')).to.equal('1');
    expect(await refused.json()).to.include({ code: 'queue_unavailable' });
    expect((await ingress.postMercadoPago('data.id=5&type=payment')).status).to.equal(503);
    expect((await fetch(`${ingress.url}/livez`)).status).to.equal(200);
    expect((await fetch(`${ingress.url}/readyz`)).status).to.equal(503);
    const health = await fetch(`${ingress.url}/healthz`);
    expect(health.status).to.equal(503);
    expect(await health.json()).to.include({ status: 'unhealthy' });
    await fault.thaw();
    await eventually(isTaken, { timeoutMs: 30_000 });
  });

  it('answers 503 while the store is down, then 200 again', async function () {
    this.timeout(60_000);
    await fault.takeDown();
    for (let round = 0; round < 3; round += 1) expect((await post()).status).to.equal(503);
    await fault.bringUp();
    await eventually(isTaken, { timeoutMs: 30_000 });
    expect((await fetch(`${ingress.url}/readyz`)).status).to.equal(200);
  });
});

function proxyFault(proxy: TcpProxy): Fault {
  return { freeze: proxy.freeze, thaw: proxy.restore, takeDown: proxy.cut, bringUp: proxy.restore };
}

function redisFault(first: RedisServer, onRestart: (server: RedisServer) => void): Fault {
  let server = first;
  return {
    freeze: () => void kill(server.pid, 'SIGSTOP'),
    thaw: async () => void kill(server.pid, 'SIGCONT'),
    takeDown: () => server.stop(),
    bringUp: async () => {
      server = await startRedisServer({ port: server.port, dir: server.dir });
      onRestart(server);
    },
  };
}
