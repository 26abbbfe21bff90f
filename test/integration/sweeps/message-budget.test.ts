import { expect } from 'chai';
import type { WorkerDeps } from '../../../workers/deps.ts';
import { sweepMessageBudget } from '../../../workers/deliveries/sweep-message-budget.ts';
import { buildGuest, openRecords, type Records } from '../../support/records.ts';

/** Messages a month, and who is told what of them. */
describe('the monthly budget of messages', () => {
  let records: Records;
  let conversationId: string;
  before(async () => {
    records = await openRecords();
    ({ conversationId } = await buildGuest(records));
  });
  after(() => records.close());

  /** So many messages, sent at that moment (SQL). */
  const send = (count: number, sentAt = 'now()', isBillable: boolean | null = null) =>
    records.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload, state, sent_at, is_billable)
       SELECT $1, 'reply', '{"kind": "text", "body": "x"}', 'sent', ${sentAt}, $2 FROM generate_series(1, $3::int)`,
      [conversationId, isBillable, count],
    );
  const sweep = async (): Promise<{ percent: number; count: number; budget: number }[]> => {
    const env = { whatsapp: { monthlyBudget: 20 } };
    await sweepMessageBudget({}, { ...records, env } as unknown as WorkerDeps);
    const notices: { data: { percent: number; count: number; budget: number } }[] = await records.database.query(
      `SELECT data FROM owner_notices WHERE type = 'message_budget' ORDER BY id`,
    );
    return notices.map(({ data: { percent, count, budget } }) => ({ percent, count, budget }));
  };

  it('warns the owner at four fifths and when it is used, once each; free and last month’s messages do not count', async () => {
    await send(15);
    await send(10, 'now()', false);
    await send(10, `now() - interval '32 days'`);
    expect(await sweep()).to.deep.equal([]);

    await send(1, 'now()', true);
    const first = { percent: 80, count: 16, budget: 20 };
    expect(await sweep()).to.deep.equal([first]);
    await send(3);
    expect(await sweep()).to.deep.equal([first]);

    await send(1);
    const second = { percent: 100, count: 20, budget: 20 };
    expect(await sweep()).to.deep.equal([first, second]);
    await send(5);
    expect(await sweep()).to.deep.equal([first, second]);
    const [run] = await records.database.query(`SELECT * FROM sweep_runs WHERE sweep = 'sweep-message-budget'`);
    expect(run).to.not.equal(undefined);
  });
});
