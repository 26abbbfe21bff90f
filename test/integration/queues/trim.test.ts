import { expect } from 'chai';
import pg from 'pg';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import { keepSchedules } from '#shared/queues/schedules.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import { track } from '../../support/track.ts';
import { openTestQueues } from './pools.ts';

const hourMs = 3_600_000;

describe('completed jobs of queues in postgres', () => {
  it('are kept for a day, the newest 5,000 of a queue; failed ones stay', async () => {
    const database = await createEmptyDatabase();
    await migrateQueues(database.url);
    const client = new pg.Client({ connectionString: database.url, options: '-c search_path=bullmq' });
    await client.connect();
    const fill = (queue: string, state: string, count: number, ageMs: number): Promise<unknown> =>
      client.query(
        `INSERT INTO job (queue, id, seq, name, state, added_at_ms, finished_at_ms)
         SELECT $1, gen_random_uuid(), nextval('job_seq'), 'settle-payment', $2::job_state, $3::bigint - n, $3::bigint - n FROM generate_series(1, $4::int) AS n`,
        [queue, state, Date.now() - ageMs, count],
      );
    await fill('payments', 'completed', 6_000, 0);
    await fill('payments', 'failed', 3, 30 * hourMs);
    await fill('calendars', 'completed', 10, 25 * hourMs);
    await fill('calendars', 'completed', 10, 23 * hourMs);
    await fill('expirations', 'completed', 6_000, 0);
    const store = track(openTestQueues({ redisUrl: undefined, databaseUrl: database.url }), 'queue store');
    await store.opened;
    const schedules = keepSchedules(store, ['payments', 'calendars'], createSilentLogger());
    await schedules.keepNow();
    await schedules.stop();
    await store.close();
    const { rows } = await client.query<{ what: string; count: number }>(
      `SELECT queue || ' ' || state AS what, count(*)::int FROM job WHERE state IN ('completed', 'failed') GROUP BY queue, state`,
    );
    await client.end();
    await database.drop();
    expect(Object.fromEntries(rows.map(({ what, count }) => [what, count]))).to.deep.equal({
      'payments completed': 5_000,
      'payments failed': 3,
      'calendars completed': 10,
      'expirations completed': 6_000,
    });
  });
});
