import { expect } from 'chai';
import { readEnv } from '#shared/config/env.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import { withOffice } from '../../scripts/jobs/office.ts';
import { describeOnBothBackends, redisUrlFor } from '../support/both-backends.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

describeOnBothBackends('what a command works with', (backend) => {
  let copy: TestDatabase;
  before(async () => {
    copy = await createTestDatabase();
    await migrateQueues(copy.url);
  });
  after(() => copy.drop());

  it('leaves nothing behind that would keep a process whose work is done', async () => {
    const redisUrl = await redisUrlFor(backend);
    const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: copy.url, ...(redisUrl ? { REDIS_URL: redisUrl } : {}) });
    const count = (kind: string): number => process.getActiveResourcesInfo().filter((one) => one === kind).length;
    const before = count('Timeout');
    const units = await withOffice(({ database, queues }) => {
      expect(queues.queues()).to.not.equal(undefined);
      return database.query('SELECT 1 AS one');
    }, env);
    expect(units).to.deep.equal([{ one: 1 }]);
    // Connections say goodbye for a moment.
    await eventually(() => expect(count('Timeout')).to.be.at.most(before), { timeoutMs: 2_000 });
  });
});
