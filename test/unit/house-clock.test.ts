import { expect } from 'chai';
import sinon from 'sinon';
import { followDatabaseClock } from '#shared/db/house-clock.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';

describe('the clock of the house', () => {
  const hourMs = 3_600_000;
  const realNow = Date.now;
  const Real = Date;
  let stop: () => void = () => {};

  /** As if the database's clock were so far ahead of this machine's. */
  async function follow(aheadMs: number): Promise<void> {
    const query = () => Promise.resolve([{ now: new Real(realNow() + aheadMs) }]);
    stop = await followDatabaseClock({ query }, createSilentLogger());
  }
  afterEach(() => stop());

  it('is the database’s while this machine’s is hours off', async () => {
    for (const aheadMs of [6 * hourMs, -6 * hourMs]) {
      await follow(aheadMs);
      expect(Date.now()).to.be.closeTo(realNow() + aheadMs, 5_000);
      expect(new Date().getTime()).to.be.closeTo(realNow() + aheadMs, 5_000);
      stop();
      expect(Date.now()).to.be.closeTo(realNow(), 5_000);
    }
  });

  it('tells whole milliseconds, however long the database took to say', async () => {
    for (const tookMs of [0, 1, 2, 3]) {
      let now = realNow();
      const clock = sinon.stub(Date, 'now').callsFake(() => now);
      const query = () => {
        now += tookMs;
        return Promise.resolve([{ now: new Real(now + 6 * hourMs) }]);
      };
      stop = await followDatabaseClock({ query }, createSilentLogger());
      clock.restore();
      expect(Number.isInteger(Date.now()), `${tookMs} ms`).to.equal(true);
      stop();
    }
  });

  it('leaves a date that is told as it is, and dates of one kind', async () => {
    await follow(6 * hourMs);
    expect(new Date('2026-03-10T12:00:00Z').getTime()).to.equal(Real.UTC(2026, 2, 10, 12));
    expect(Date.parse('1970-01-01T00:00:01Z')).to.equal(1_000);
    const [before, since] = [new Real(0), new Date(0)];
    expect(before).to.be.instanceOf(Date);
    expect(since).to.be.instanceOf(Real).and.deep.equal(before);
  });

  it('is this machine’s own while it is right, and when the database does not answer', async () => {
    await follow(2_000);
    expect(Date).to.equal(Real);
    stop();
    stop = await followDatabaseClock({ query: () => Promise.reject(new Error('away')) }, createSilentLogger());
    expect(Date).to.equal(Real);
  });
});
