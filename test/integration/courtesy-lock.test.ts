import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect } from 'chai';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { createCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createAfterCommit } from '#shared/queues/after-commit.ts';
import { eventually } from '../support/eventually.ts';
import { buildHold, inDays, openRecords, type Records } from '../support/records.ts';
import { redisUrl, startRedisServer } from '../support/services.ts';
import { track } from '../support/track.ts';

const nights = ['2027-01-10', '2027-01-11'];

describe('the courtesy lock', () => {
  let records: Records;
  let redis: Redis;
  let prefix: string;
  beforeEach(async () => {
    records = await openRecords({}, 12);
    redis = new Redis(await redisUrl());
    prefix = `t${randomBytes(4).toString('hex')}`;
  });
  afterEach(async () => {
    await redis.quit();
    await records.close();
  });

  const open = async (url?: string) => {
    const lock = track(createCourtesyLock(url ?? (await redisUrl()), prefix, createSilentLogger()), 'lock');
    await eventually(async () => {
      await lock.extend(99, ['2027-01-01'], 'probe', 1_000);
      expect(await redis.exists(`${prefix}:{nights-99}:2027-01-01`)).to.equal(1);
    });
    return lock;
  };

  it('gives all nights or none, lets an owner in again, and releases only what is still its own', async () => {
    const lock = await open();
    expect(await lock.acquire(1, nights, 'ana', 5_000)).to.equal(true);
    expect(await lock.acquire(1, nights, 'ana', 5_000)).to.equal(true);
    expect(await lock.acquire(1, ['2027-01-11', '2027-01-12'], 'bruno', 5_000)).to.equal(false);
    expect(await redis.exists(`${prefix}:{nights-1}:2027-01-12`)).to.equal(0);
    expect(await lock.acquire(2, nights, 'bruno', 5_000)).to.equal(true);
    await lock.release(1, nights, 'bruno');
    expect(await redis.get(`${prefix}:{nights-1}:2027-01-10`)).to.equal('ana');
    await lock.release(1, nights, 'ana');
    expect(await lock.acquire(1, nights, 'bruno', 5_000)).to.equal(true);
    lock.close();
  });

  it('counts a refusal once, and one of many at once wins', async () => {
    const lock = await open();
    const request = await buildHold(records);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () => records.inTransaction((stores) => holdStay(request, stores, lock))),
    );
    expect(outcomes.filter(({ type }) => type === 'held')).to.have.length(1);
    const [counts] = await records.database.query(
      `SELECT count(*)::int AS all, count(*) FILTER (WHERE refused_by = 'courtesy_lock')::int AS by_lock FROM refused_holds`,
    );
    expect(counts.all).to.equal(39);
    expect(counts.by_lock).to.be.greaterThan(0);
    lock.close();
  });

  it('goes on without its keys when the database knows of nobody: a stale key refuses no guest', async () => {
    const lock = await open();
    const request = await buildHold(records);
    await lock.extend(request.accommodation.id, [inDays(30), inDays(31)], 'somebody long gone', 60_000);
    const outcome = await records.inTransaction((stores) => holdStay(request, stores, lock));
    if (outcome.type !== 'held') throw new Error('expected a hold');
    await createAfterCommit(() => Promise.resolve(), lock)(records.nudges, new Date());
    expect(await redis.get(`${prefix}:{nights-${request.accommodation.id}}:${inDays(30)}`)).to.equal(
      outcome.reservation.id,
    );
    lock.close();
  });

  it('fails open with Redis down, and all stays correct', async () => {
    const server = await startRedisServer();
    const lock = track(createCourtesyLock(server.url, prefix, createSilentLogger()), 'lock');
    await server.stop();
    const request = await buildHold(records);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => records.inTransaction((stores) => holdStay(request, stores, lock))),
    );
    expect(outcomes.filter(({ type }) => type === 'held')).to.have.length(1);
    lock.close();
  });
});
