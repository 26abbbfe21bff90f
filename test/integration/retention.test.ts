import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { sweepOldMedia } from '../../workers/expirations/sweep-old-media.ts';
import { sweepOldPayloads } from '../../workers/expirations/sweep-old-payloads.ts';
import type { WorkerDeps } from '../../workers/deps.ts';
import { buildGuest, openRecords, type Records } from '../support/records.ts';
import { makeTestFolder } from '../support/services.ts';

describe('what is forgotten in time', () => {
  let records: Records;
  before(async () => {
    records = await openRecords();
  });
  after(() => records.close());

  it('sweep-old-payloads forgets raw payloads after their days and answers after a day; texts, fresh ones and what still waits stay', async () => {
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
    await records.database.query(
      `INSERT INTO login_attempts VALUES ('old', 10, now() - interval '1 second'), ('fresh', 10, now() + interval '1 minute')`,
    );
    const deps = {
      database: records.database,
      env: { mediaRetentionDays: 30 },
      log: createSilentLogger(),
    } as WorkerDeps;
    for (const expected of [4, 0]) {
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
    for (const table of ['idempotency_keys', 'login_attempts'])
      expect(await records.database.query(`SELECT key FROM ${table}`)).to.deep.equal([{ key: 'fresh' }]);
  });

  it('sweep-old-media deletes what was said after its days, with what is left of dead downloads; nothing that is not ours', async () => {
    const mediaDir = await makeTestFolder('old-media');
    const put = async (name: string, daysOld: number): Promise<void> => {
      const at = new Date(Date.now() - daysOld * 86_400_000);
      await writeFile(join(mediaDir, name), 'x');
      await utimes(join(mediaDir, name), at, at);
    };
    const { conversationId } = await buildGuest(records, '5492945550002');
    for (const [path, daysOld, state] of [
      ['1.ogg', 31, 'answered'],
      ['2.bin', 31, 'left_to_person'],
      ['3.ogg', 29, 'answered'],
      ['4.ogg', 31, 'untranscribed'],
    ] as const) {
      await put(path, daysOld - 1);
      await records.database.query(
        `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, payload, state, media_path, media_sha256, sent_at, recorded_at)
         VALUES ($1, $2, 'audio', '{}', $3, $2, 'abc', now(), now() - make_interval(days => $4))`,
        [conversationId, path, state, daysOld],
      );
    }
    for (const stray of ['888.ogg', '889.part', 'familia.jpg']) await put(stray, 40);
    await put('777.part', 0);

    const deps = { ...records, env: { mediaDir, mediaRetentionDays: 30 }, log: createSilentLogger() };
    for (const expected of [4, 0]) {
      await sweepOldMedia({}, deps as unknown as WorkerDeps, new AbortController().signal);
      const [run] = await records.database.query(`SELECT last_found FROM sweep_runs WHERE sweep = 'sweep-old-media'`);
      expect(run).to.deep.equal({ last_found: expected });
    }
    expect(await readdir(mediaDir)).to.have.members(['3.ogg', '4.ogg', '777.part', 'familia.jpg']);
    const rows = await records.database.query(
      `SELECT provider_message_id AS id, media_path, media_sha256 FROM inbound_messages WHERE type = 'audio' AND media_path IS NULL`,
    );
    expect(rows).to.have.deep.members(['1.ogg', '2.bin'].map((id) => ({ id, media_path: null, media_sha256: 'abc' })));
  });
});
