import { expect } from 'chai';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { sweepOldPayloads } from '../../workers/expirations/sweep-old-payloads.ts';
import type { WorkerDeps } from '../../workers/deps.ts';
import { buildGuest, openRecords, type Records } from '../support/records.ts';

describe('sweep-old-payloads', () => {
  let records: Records;
  before(async () => {
    records = await openRecords();
  });
  after(() => records.close());

  it('forgets raw payloads after their days and answers after a day; texts, fresh ones and what still waits stay', async () => {
    const { conversationId } = await buildGuest(records);
    const rows: [id: string, daysOld: number, state: string][] = [
      ['old', 31, 'answered'],
      ['left', 31, 'left_to_person'],
      ['waiting', 31, 'unanswered'],
      ['fresh', 29, 'answered'],
    ];
    for (const [id, daysOld, state] of rows)
      await records.database.query(
        `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, state, sent_at, recorded_at)
         VALUES ($1, $2, 'text', 'hola', '{"contact":{"waId":"549"}}', $3, now(), now() - make_interval(days => $4))`,
        [conversationId, id, state, daysOld],
      );
    await records.database.query(
      `INSERT INTO idempotency_keys (operator, key, fingerprint, status, answer, created_at)
       VALUES ('a', 'old', 'x', 200, '{}', now() - interval '25 hours'), ('a', 'fresh', 'x', 200, '{}', now() - interval '23 hours')`,
    );
    const deps = {
      database: records.database,
      env: { mediaRetentionDays: 30 },
      log: createSilentLogger(),
    } as WorkerDeps;
    for (const expected of [3, 0]) {
      await sweepOldPayloads({}, deps, new AbortController().signal);
      const [run] = await records.database.query(
        `SELECT last_found FROM sweep_runs WHERE sweep = 'sweep-old-payloads'`,
      );
      expect(run).to.deep.equal({ last_found: expected });
    }
    const kept = await records.database.query(
      `SELECT provider_message_id AS id FROM inbound_messages WHERE payload <> '{}' AND text = 'hola' ORDER BY id`,
    );
    expect(kept.map(({ id }: { id: string }) => id)).to.have.members(['waiting', 'fresh']);
    expect(await records.database.query('SELECT key FROM idempotency_keys')).to.deep.equal([{ key: 'fresh' }]);
  });
});
