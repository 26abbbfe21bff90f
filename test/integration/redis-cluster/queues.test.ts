import { expect } from 'chai';
import { createCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { createEnqueue, createEnqueueAll } from '#shared/queues/enqueue.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import type { QueueName } from '#shared/queues/contracts.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { readRedisFacts } from '#shared/queues/redis-admin.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { eventually } from '../../support/eventually.ts';
import { track } from '../../support/track.ts';
import { closeNow, openTestQueues, samplePayloads, startRecordingPool } from '../queues/pools.ts';
import type { RecordingPool } from '../queues/pools.ts';
import { startRedisCluster } from './cluster.ts';
import type { RedisCluster } from './cluster.ts';

describe('the queues on a Redis Cluster of three nodes', function () {
  this.timeout(60_000);
  let cluster: RedisCluster;
  let stores: QueueStore[];
  const pools: RecordingPool[] = [];

  before(async () => {
    cluster = track(await startRedisCluster(), 'redis cluster');
  });
  beforeEach(async () => {
    prefix = `cluster-${(count += 1)}`;
    stores = [open(), open()];
    await Promise.all(stores.map((store) => store.opened));
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map(closeNow));
    await Promise.all(stores.map((store) => store.close()));
  });
  after(() => cluster.stop());

  let prefix = '';
  let count = 0;
  /** One process's way to the queues; all of a test share their keys. */
  const open = (): QueueStore =>
    track(
      openTestQueues({ redisUrl: cluster.url, databaseUrl: 'postgres://nobody@127.0.0.1:1/none', prefix }),
      'store',
    );
  const start = (
    store: QueueStore,
    queue: QueueName,
    ...more: Parameters<typeof startRecordingPool>[2][]
  ): RecordingPool => {
    const pool = startRecordingPool(store, queue, more[0]);
    pools.push(pool);
    return pool;
  };
  /** Names of the queues that have keys on a node. */
  const queuesOn = async (index: number): Promise<string[]> => {
    const keys = await cluster.nodes[index]!.client.keys(`{${prefix}:*`);
    return [...new Set(keys.map((key) => /\{[^:]+:(\w+)\}/.exec(key)?.[1] ?? key))].toSorted();
  };

  it('keeps each queue whole on one node and spreads the queues', async () => {
    for (const queue of Object.values(stores[0]!.queues()!)) await queue.add('x', {}, { delay: 60_000 });
    const spread = await Promise.all([0, 1, 2].map(queuesOn));
    expect(spread.flat().toSorted()).to.deep.equal([...queueNames].toSorted());
    expect(spread.filter((names) => names.length > 0).length).to.be.at.least(2);
  });

  it('runs each job once, whoever of several producers added it and whoever of several workers takes it', async () => {
    const [first, second] = stores as [QueueStore, QueueStore];
    const workers = stores.map((store) => start(store, 'conversations'));
    const entries = (from: number) =>
      Array.from({ length: 100 }, (_, index) => ({
        name: 'reply-to-message' as const,
        payload: { ...samplePayloads['reply-to-message'], providerMessageId: `wamid.${from + index}` },
      }));
    await Promise.all([createEnqueueAll(first)(entries(0)), createEnqueueAll(second)(entries(100))]);
    await eventually(() => expect(workers.flatMap(({ runs }) => runs)).to.have.length(200), { timeoutMs: 30_000 });
    const ids = workers.flatMap(({ payloads }) =>
      payloads.map((payload) => (payload as { providerMessageId: string }).providerMessageId),
    );
    expect(new Set(ids).size).to.equal(200);
    for (const { runs } of workers) expect(runs.length).to.be.at.least(1);
  });

  it('nudges, delays and schedules as on one Redis', async () => {
    const enqueue = createEnqueue(stores[0]!, createSilentLogger());
    const nudge = samplePayloads['deliver-messages'];
    for (let copy = 0; copy < 5; copy += 1) await enqueue('deliver-messages', nudge);
    await enqueue('expire-hold', samplePayloads['expire-hold'], { delayMs: 300 });
    await stores[0]!
      .queues()!
      .payments.upsertJobScheduler('sweep-missing-links', { every: 200 }, { name: 'sweep-missing-links', data: {} });
    const [deliveries, expirations, payments] = (['deliveries', 'expirations', 'payments'] as const).map((queue) =>
      start(stores[1]!, queue),
    );
    await eventually(() => {
      expect(deliveries?.runs).to.deep.equal(['deliver-messages']);
      expect(expirations?.runs).to.deep.equal(['expire-hold']);
      expect(payments?.runs.length).to.be.at.least(2);
    });
  });

  it('carries the courtesy locks too, with the password of the cluster', async () => {
    const lock = track(createCourtesyLock(cluster.url, prefix, createSilentLogger()), 'courtesy lock');
    try {
      const nights = ['2030-01-10', '2030-01-11'];
      // It fails open: until it is connected everybody gets everything.
      await eventually(async () => {
        await lock.extend(7, nights, 'the first', 10_000);
        expect(await lock.acquire(7, ['2030-01-11'], 'the second', 10_000)).to.equal(false);
      });
      await lock.release(7, nights, 'the first');
      expect(await lock.acquire(7, ['2030-01-11'], 'the second', 10_000)).to.equal(true);
    } finally {
      lock.close();
    }
  });

  it('tells of each node what our promises hang on', async () => {
    const facts = await readRedisFacts(cluster.url);
    expect(facts).to.have.length(3);
    for (const each of facts)
      expect(each).to.include({ maxmemoryPolicy: 'noeviction', appendonly: 'yes', appendfsync: 'always' });
  });

  it('goes on with the other queues while a node is dead, and loses no job of it', async () => {
    const enqueueAll = createEnqueueAll(stores[0]!);
    await enqueueAll([{ name: 'settle-payment', payload: samplePayloads['settle-payment'] }]);
    const holders = await Promise.all([0, 1, 2].map(queuesOn));
    const dead = holders.findIndex((names) => names.includes('payments'));
    await stores[0]!.queues()!.expirations.add('x', {}, { delay: 60_000 });
    await Promise.all(Object.values(stores[0]!.queues()!).map((queue) => queue.add('x', {}, { delay: 60_000 })));
    const onDead = await queuesOn(dead);
    const alive = queueNames.find((name) => !onDead.includes(name))!;
    await cluster.nodes[dead]!.kill();
    // A producer that lives through it, and one that starts meanwhile.
    const late = open();
    stores.push(late);
    await late.opened;
    for (const store of [stores[0]!, late])
      await eventually(() => store.queues()![alive].add('x', {}, { delay: 60_000 }), { timeoutMs: 20_000 });
    const refused = await enqueueAll([{ name: 'settle-payment', payload: { paymentId: '2' } }]).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(Error);
    await cluster.nodes[dead]!.start();
    const worker = start(stores[1]!, 'payments');
    await eventually(() => expect(worker.runs).to.include('settle-payment'), { timeoutMs: 30_000 });
    await eventually(() => enqueueAll([{ name: 'settle-payment', payload: { paymentId: '3' } }]), {
      timeoutMs: 20_000,
    });
    await eventually(() => expect(worker.payloads).to.deep.include({ paymentId: '3' }), { timeoutMs: 30_000 });
  });
});
