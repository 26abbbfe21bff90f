import { expect } from 'chai';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { replyToMessage } from '../../workers/conversations/reply-to-message.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { openHouse, type House } from '../support/house.ts';
import { buildGuest } from '../support/records.ts';

describeOnBothBackends('what a guest writes while a message waits in the queue', function (backend) {
  this.timeout(60_000);
  let house: House;
  let guests = 0;
  /** Seconds after the first message. */
  type Written = { at: number; text: string; type?: InboundMessage['type']; original?: string; delayMs?: number };

  before(async () => {
    house = await openHouse(backend, { pools: ['deliveries'] });
  });
  after(() => house.close());

  const startedAt = Date.now() - 60_000;
  function toMessages(written: readonly Written[]): InboundMessage[] {
    guests += 1;
    return written.map(({ at, text, type = 'text', original }, index) => ({
      providerMessageId: `wamid.${guests}.${text}`,
      phoneNumberId: '100200300',
      contact: { phone: `54929455502${guests}0` },
      sentAt: new Date(startedAt + at * 1_000).toISOString(),
      // Just now: a look at the queue that was made before does not serve.
      receivedAt: new Date(Date.now() + index).toISOString(),
      type,
      text,
      ...(original ? { original: `wamid.${guests}.${original}` } : {}),
    }));
  }

  /** Queues all of them, runs the job of the first alone, and tells each row's state and what it was answered with. */
  async function runFirst(written: readonly Written[]): Promise<{ text: string; state: string; answers: number }[]> {
    const { deps } = house.workers!;
    const messages = toMessages(written);
    for (const [index, message] of messages.entries())
      await deps.enqueue('reply-to-message', message, { delayMs: written[index]!.delayMs ?? 0 });
    await replyToMessage(messages[0]!, deps, AbortSignal.timeout(30_000));
    return readRows();
  }

  function readRows(): Promise<{ text: string; state: string; answers: number }[]> {
    return house.database.query(
      `SELECT split_part(m.provider_message_id, '.', 3) AS text, m.state, count(o.id)::int AS answers
       FROM inbound_messages m LEFT JOIN outbound_messages o ON o.answers_message_id = m.id
       WHERE m.provider_message_id LIKE $1 GROUP BY m.id ORDER BY m.sent_at, m.id`,
      [`wamid.${guests}.%`],
    );
  }

  it('is answered together with it, once', async () => {
    const written = [
      { at: 0, text: 'hola' },
      { at: 1, text: 'tienen wifi?' },
      { at: 1, text: 'y pileta?' },
    ];
    const expected = [
      { text: 'hola', state: 'answered', answers: 0 },
      { text: 'tienen wifi?', state: 'answered', answers: 0 },
      { text: 'y pileta?', state: 'answered' },
    ];
    const rows = await runFirst(written);
    expect(rows).to.containSubset(expected);
    expect(rows).to.have.length(3);
    expect(rows[2]!.answers).to.be.above(0);
    // Their own jobs come later, and find it done.
    const { deps } = house.workers!;
    guests -= 1;
    for (const message of toMessages(written).slice(1))
      await replyToMessage(message, deps, AbortSignal.timeout(30_000));
    expect(await readRows()).to.deep.equal(rows);
  });

  it('waits for its own turn when it is not due yet', async () => {
    const rows = await runFirst([
      { at: 0, text: 'hola' },
      { at: 1, text: 'tienen wifi?', delayMs: 600_000 },
    ]);
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ text: 'hola', state: 'answered' });
  });

  it('waits for its own turn behind a change of another message', async () => {
    const rows = await runFirst([
      { at: 0, text: 'hola' },
      { at: 1, text: 'tienen wifi?' },
      { at: 2, text: 'tienen pileta?', type: 'edit', original: 'tienen wifi?' },
      { at: 3, text: 'gracias' },
    ]);
    expect(rows.map(({ text, state }) => ({ text, state }))).to.deep.equal([
      { text: 'hola', state: 'answered' },
      { text: 'tienen wifi?', state: 'answered' },
    ]);
  });

  it('is not overtaken while somebody stands still with it', async () => {
    const { deps } = house.workers!;
    const [older, younger] = toMessages([
      { at: 0, text: 'hola' },
      { at: 1, text: 'tienen wifi?' },
    ]) as [InboundMessage, InboundMessage];
    await deps.enqueue('reply-to-message', older);
    const frozen = house.database.createQueryRunner();
    await frozen.startTransaction();
    try {
      const { conversationId } = await buildGuest(house, older.contact.phone!);
      await frozen.query(
        `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, payload, sent_at) VALUES ($1, $2, 'text', '{}', now())`,
        [conversationId, older.providerMessageId],
      );
      const refused = await replyToMessage(younger, deps, AbortSignal.timeout(30_000)).catch((error: unknown) => error);
      expect(refused).to.include({ code: 'nights_busy' });
      expect(await readRows()).to.deep.equal([]);
    } finally {
      await frozen.rollbackTransaction();
      await frozen.release();
    }
    await replyToMessage({ ...younger, receivedAt: new Date().toISOString() }, deps, AbortSignal.timeout(30_000));
    const rows = await readRows();
    expect(rows.map(({ text, state }) => ({ text, state }))).to.deep.equal([
      { text: 'hola', state: 'answered' },
      { text: 'tienen wifi?', state: 'answered' },
    ]);
  });

  it('is not mixed with what another guest writes', async () => {
    await house.workers!.deps.enqueue('reply-to-message', toMessages([{ at: 1, text: 'de otra persona' }])[0]!);
    const rows = await runFirst([{ at: 0, text: 'hola' }]);
    expect(rows.map(({ text }) => text)).to.deep.equal(['hola']);
    guests -= 1;
    expect(await readRows()).to.deep.equal([]);
  });
});
