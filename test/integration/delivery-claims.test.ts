import { expect } from 'chai';
import { claimNextMessage, type Claim } from '#shared/db/stores/delivery-store.ts';
import { buildGuest, openRecords, type Records } from '../support/records.ts';

describe('a send whose worker died', () => {
  let records: Records;
  before(async () => {
    records = await openRecords();
  });
  after(() => records.close());

  it('waits for its status, is made again after each death, and parked for the owner after the eleventh', async () => {
    const { conversationId } = await buildGuest(records);
    await records.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload) VALUES ($1, 'reply', '{"kind": "text", "body": "hola"}')`,
      [conversationId],
    );
    const claim = async (mayRepeat = false): Promise<Claim['type']> =>
      (
        await claimNextMessage(
          records.database,
          conversationId,
          { leaseMs: 12_000, statusWaitMs: 15_000 },
          { mayRepeat },
        )
      ).type;
    const dieAndWait = () =>
      records.database.query(`UPDATE outbound_messages SET sending_at = sending_at - interval '16 seconds'`);

    expect(await claim()).to.equal('claimed');
    expect(await claim(true)).to.equal('later');
    for (let death = 1; death <= 10; death += 1) {
      await dieAndWait();
      expect(await claim()).to.equal('doubtful');
      expect(await claim(true)).to.equal('claimed');
    }
    await dieAndWait();
    expect(await claim(true)).to.equal('later');
    expect(await claim(true)).to.equal('none');
    const [row] = await records.database.query(
      `SELECT state, (SELECT count(*)::int FROM owner_notices WHERE type = 'message_parked') AS notices FROM outbound_messages`,
    );
    expect(row).to.deep.equal({ state: 'parked', notices: 1 });
  });
});
