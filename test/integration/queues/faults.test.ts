import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import pg from 'pg';
import sinon from 'sinon';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { jobNames, jobs } from '#shared/queues/contracts.ts';
import { createEnqueue, createEnqueueAll, QueueUnavailable } from '#shared/queues/enqueue.ts';
import { keepSchedules } from '#shared/queues/schedules.ts';
import type { Schedules } from '#shared/queues/schedules.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { startRedisServer } from '../../support/services.ts';
import type { RedisServer } from '../../support/services.ts';
import { track } from '../../support/track.ts';
import { closeNow, openTestQueues, samplePayloads, startRecordingPool } from './pools.ts';
import type { RecordingPool } from './pools.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import type { TcpProxy } from './tcp-proxy.ts';

describeOnBothBackends('the queues when something breaks', (backend) => {
  let database: TestDatabase;
  let redis: RedisServer | undefined;
  let proxy: TcpProxy;
  let store: QueueStore | undefined;
  let pool: RecordingPool | undefined;
  let schedules: Schedules | undefined;

  before(async function () {
    this.timeout(60_000);
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    redis = backend === 'redis' ? track(await startRedisServer(), 'redis') : undefined;
    proxy = track(await startTcpProxy(redis?.url ?? database.url), 'proxy');
  });
  afterEach(async () => {
    await proxy.restore();
    await schedules?.stop();
    await closeNow(pool);
    await store?.close();
    [store, pool, schedules] = [undefined, undefined, undefined];
    await eraseStore();
  });
  after(async () => {
    await proxy.close();
    await redis?.stop();
    await database.drop();
  });

  const open = (prefix?: string): QueueStore => {
    const urls = redis
      ? { redisUrl: proxy.through(redis.url), databaseUrl: database.url }
      : { redisUrl: undefined, databaseUrl: proxy.through(database.url) };
    store = openTestQueues(prefix ? { ...urls, prefix } : urls);
    return store;
  };
  /** FLUSHALL, or every row of the queue schema deleted. */
  const eraseStore = async (): Promise<void> => {
    if (redis) {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
      return;
    }
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const tables = await client.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'`,
    );
    for (const { tablename } of tables.rows) await client.query(`DELETE FROM bullmq."${tablename}"`);
    await client.end();
  };

  it('brings the sweeps back after the store was emptied', async () => {
    const opened = open();
    await opened.opened;
    pool = startRecordingPool(opened, 'payments');
    schedules = keepSchedules(opened, ['payments'], createSilentLogger(), 200);
    const hasSwept = (): unknown =>
      expect(pool?.runs).to.include.members(['sweep-missing-links', 'sweep-unsettled-payments']);
    await eventually(hasSwept);
    pool.runs.length = 0;
    await eraseStore();
    await eventually(hasSwept, { timeoutMs: 30_000 });
  });

  it('upserts a schedule again and again without running it more often', async () => {
    const opened = open();
    await opened.opened;
    pool = startRecordingPool(opened, 'expirations');
    schedules = keepSchedules(opened, ['expirations'], createSilentLogger(), 3_600_000);
    for (let round = 0; round < 5; round += 1) await schedules.keepNow();
    const sweeps = jobNames.filter((name) => jobs[name].queue === 'expirations' && 'everyMs' in jobs[name]);
    await eventually(() => expect(pool?.runs).to.include.members(sweeps));
    for (let round = 0; round < 5; round += 1) await schedules.keepNow();
    const delayed = await opened.queues()?.expirations.getJobCounts('delayed', 'waiting');
    expect(delayed).to.deep.equal({ delayed: sweeps.length, waiting: 0 });
    expect(pool.runs).to.have.length(sweeps.length);
  });

  it('brings back the sweeps that a process with a wrong clock put off for hours', async () => {
    const opened = open();
    await opened.opened;
    const clock = sinon.useFakeTimers({ now: Date.now() + 6 * 3_600_000, toFake: ['Date'] });
    const sweeps = jobNames.filter((name) => jobs[name].queue === 'expirations' && 'everyMs' in jobs[name]);
    try {
      pool = startRecordingPool(opened, 'expirations');
      schedules = keepSchedules(opened, ['expirations'], createSilentLogger(), 3_600_000);
      await eventually(() => expect(pool?.runs).to.include.members(sweeps), { timeoutMs: 30_000 });
    } finally {
      clock.restore();
    }
    const dueInMs = async (): Promise<number[]> => {
      const due = (await opened.queues()?.expirations.getDelayed()) ?? [];
      return due.map(({ timestamp, delay }) => timestamp + delay - Date.now());
    };
    expect(Math.min(...(await dueInMs()))).to.be.above(5 * 3_600_000);
    pool.runs.length = 0;
    await schedules.keepNow();
    await eventually(() => expect(pool?.runs).to.include.members(sweeps), { timeoutMs: 30_000 });
    await eventually(async () => {
      const due = await dueInMs();
      expect(due).to.have.length(sweeps.length);
      expect(Math.min(...due)).to.be.below(60_000);
    });
  });

  it('takes over the job of a worker that was killed', async function () {
    this.timeout(60_000);
    const prefix = `killed-${process.pid}-${backend}`;
    const opened = open(prefix);
    await opened.opened;
    const script = fileURLToPath(new URL('worker-that-hangs.ts', import.meta.url));
    const child = spawn(process.execPath, [script, database.url, prefix, redis?.url ?? ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await createEnqueue(opened, createSilentLogger())('expire-hold', samplePayloads['expire-hold']);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    pool = startRecordingPool(opened, 'expirations', {}, { lockMs: 1_000, stalledCheckMs: 500 });
    await eventually(() => expect(pool?.runs).to.deep.equal(['expire-hold']), { timeoutMs: 30_000 });
  });

  it('refuses in time while the store is frozen, sooner once that is known, and takes jobs again afterwards', async () => {
    const opened = open();
    await opened.opened;
    const enqueueAll = createEnqueueAll(opened, { normalMs: 400, downMs: 50 });
    const add = (): Promise<unknown> =>
      enqueueAll([{ name: 'settle-payment', payload: { paymentId: '1' } }]).then(
        () => 'added',
        (error: unknown) => error,
      );
    expect(await add()).to.equal('added');
    proxy.freeze();
    expect(await add()).to.be.instanceOf(QueueUnavailable);
    expect(await add()).to.be.instanceOf(QueueUnavailable);
    await proxy.restore();
    await eventually(async () => expect(await add()).to.equal('added'), { timeoutMs: 30_000 });
  });

  it('goes on working after the store was away, and a nudge meanwhile is not an error', async function () {
    this.timeout(60_000);
    const opened = open();
    await opened.opened;
    pool = startRecordingPool(opened, 'payments');
    await pool.ready;
    const enqueue = createEnqueue(opened, createSilentLogger(), { normalMs: 500, downMs: 50 });
    await proxy.cut();
    await enqueue('settle-payment', { paymentId: '1' });
    await proxy.restore();
    await eventually(
      async () => {
        await enqueue('close-payment-link', samplePayloads['close-payment-link']);
        expect(pool?.runs).to.include('close-payment-link');
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );
  });

  it('opens once the store comes up, and says no meanwhile', async () => {
    await proxy.cut();
    const opened = open();
    const enqueueAll = createEnqueueAll(opened);
    const entry = { name: 'settle-payment' as const, payload: { paymentId: '1' } };
    const refusal = await enqueueAll([entry]).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(QueueUnavailable);
    await proxy.restore();
    await opened.opened;
    await enqueueAll([entry]);
    expect(await opened.queues()?.payments.getJobCounts('waiting')).to.deep.equal({ waiting: 1 });
  });

  it('closes while the store was never reached', async () => {
    await proxy.cut();
    const opened = open();
    const waiting = startRecordingPool(opened, 'payments');
    await closeNow(waiting);
    await opened.close();
    expect(opened.queues()).to.equal(undefined);
  });
});
