import { expect } from 'chai';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import { createRecorder } from '../../workers/conversations/record-together.ts';
import { openHouse, type House } from '../support/house.ts';

describe('recording what comes at the same time', function () {
  this.timeout(60_000);
  let house: House;
  let transactions = 0;
  let messages = 0;
  const counted: InTransaction = (work, by) => {
    transactions += 1;
    return house.workers!.deps.inTransaction(work, by);
  };

  before(async () => {
    house = await openHouse('postgres', { pools: ['deliveries'] });
  });
  beforeEach(() => (transactions = 0));
  after(() => house.close());

  function write(contact: InboundMessage['contact'], more: Partial<InboundMessage> = {}): InboundMessage {
    messages += 1;
    const at = new Date(Date.now() - 60_000 + messages * 1_000).toISOString();
    return {
      providerMessageId: `wamid.together.${messages}`,
      phoneNumberId: '100200300',
      contact,
      sentAt: at,
      receivedAt: at,
      type: 'text',
      text: `message ${messages}`,
      ...more,
    };
  }

  const guest = (n: number): InboundMessage['contact'] => ({ phone: `549294466${String(n).padStart(4, '0')}` });

  /** The texts of a conversation in the order of their rows. */
  async function textsOf(conversationId: string): Promise<string[]> {
    const rows: { text: string }[] = await house.database.query(
      'SELECT text FROM inbound_messages WHERE conversation_id = $1 ORDER BY id',
      [conversationId],
    );
    return rows.map(({ text }) => text);
  }

  it('takes two transactions for thirty guests: one for the first, one for those who came meanwhile', async () => {
    const record = createRecorder(counted);
    const recorded = await Promise.all(Array.from({ length: 30 }, (_, n) => record(write(guest(n)))));
    expect(transactions).to.equal(2);
    expect(new Set(recorded.map((row) => row!.conversationId))).to.have.length(30);
    expect(recorded.every((row) => row!.isNew && row!.state === 'unanswered')).to.equal(true);
  });

  it('keeps the order of one guest, whichever name each message shows', async () => {
    const record = createRecorder(counted);
    const both = { ...guest(100), bsuid: 'AR.100' };
    const written = [
      write(guest(99)),
      write(guest(100)),
      write(both),
      write({ bsuid: 'AR.100' }),
      ...Array.from({ length: 10 }, () => write(guest(100))),
    ];
    const [, ...own] = await Promise.all(written.map(record));
    expect(new Set(own.map((row) => row!.conversationId))).to.have.length(1);
    expect(await textsOf(own[0]!.conversationId)).to.deep.equal(written.slice(1).map(({ text }) => text));
  });

  it('records one message once, however often it comes', async () => {
    const record = createRecorder(counted);
    const message = write(guest(200));
    const rows = await Promise.all([record(write(guest(201))), record(message), record(message), record(message)]);
    expect(new Set(rows.slice(1).map((row) => row!.messageId))).to.have.length(1);
    expect(rows.slice(1).filter((row) => row!.isNew)).to.have.length(1);
  });

  it('loses nobody for the sake of one that cannot be recorded', async () => {
    const record = createRecorder(counted);
    const [first, second, broken] = [write(guest(300)), write(guest(301)), write(guest(302), { sentAt: 'no time' })];
    const results = await Promise.allSettled([first, second, broken, write(guest(303))].map(record));
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    for (const result of results)
      if (result.status === 'fulfilled') expect(await textsOf(result.value!.conversationId)).to.have.length(1);
  });

  it('leaves a message that may wait for a reply to end out of it', async () => {
    const record = createRecorder(counted);
    const known = await record(write(guest(400)));
    await house.database
      .transaction(async (manager) => {
        await manager.query('SELECT id FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [known!.conversationId]);
        let isEchoRecorded = false;
        const echo = record(write(guest(400), { type: 'echo' })).finally(() => (isEchoRecorded = true));
        await Promise.all([record(write(guest(401))), record(write(guest(402))), record(write(guest(403)))]);
        expect(isEchoRecorded).to.equal(false);
        return { echo };
      })
      .then(({ echo }) => echo);
  });
});
