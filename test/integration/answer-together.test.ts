import { expect } from 'chai';
import { answerInWords } from '../../workers/conversations/answer-conversation.ts';
import { replyToMessage } from '../../workers/conversations/reply-to-message.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { bookUpToLink, createPhone, openHouse, type House } from '../support/house.ts';
import { inDays } from '../support/records.ts';

describe('answering guests who write at the same time', function () {
  this.timeout(120_000);
  let house: House;
  let messages = 0;

  before(async () => {
    house = await openHouse('postgres', { pools: ['deliveries', 'payments'] });
  });
  after(() => house.close());

  function write(phone: string, text: string): InboundMessage {
    messages += 1;
    const at = new Date(Date.now() + messages).toISOString();
    return {
      providerMessageId: `wamid.words.${messages}`,
      phoneNumberId: '100200300',
      contact: { phone },
      sentAt: at,
      receivedAt: at,
      type: 'text',
      text,
    };
  }

  const phoneOf = (n: number): string => `549294477${String(n).padStart(4, '0')}`;
  const reply = (message: InboundMessage): Promise<void> =>
    replyToMessage(message, house.workers!.deps, AbortSignal.timeout(60_000));

  /** Records messages, and gives their conversations in the same order. */
  async function record(...written: InboundMessage[]): Promise<string[]> {
    const recorded = await Promise.all(written.map((message) => house.workers!.deps.recordMessage(message)));
    return recorded.map((row) => row!.conversationId);
  }

  async function answersOf(conversationId: string): Promise<string[]> {
    const rows: { text: string }[] = await house.database.query(
      `SELECT payload::text AS text FROM outbound_messages WHERE conversation_id = $1 ORDER BY id`,
      [conversationId],
    );
    return rows.map(({ text }) => text);
  }

  async function statesOf(conversationId: string): Promise<string[]> {
    const rows: { state: string }[] = await house.database.query(
      'SELECT state FROM inbound_messages WHERE conversation_id = $1 ORDER BY id',
      [conversationId],
    );
    return rows.map(({ state }) => state);
  }

  it('gives each of thirty its own answer, once', async () => {
    const asked = Array.from({ length: 30 }, (_, n) => write(phoneOf(n), n % 2 ? 'tienen wifi?' : 'hola'));
    await Promise.all(asked.map(reply));
    for (const [n, id] of (await record(...asked)).entries()) {
      const answers = await answersOf(id);
      expect(answers, `guest ${n}`).to.have.length(1);
      expect(answers[0]).to.match(n % 2 ? /wifi/i : /hola/i);
      expect(await statesOf(id)).to.deep.equal(['answered']);
    }
  });

  it('lets two who confirm the same nights among them get one hold', async () => {
    const [from, to] = [inDays(40), inDays(42)].map((day) => day.split('-').toReversed().join('/'));
    const pair = [phoneOf(100), phoneOf(101)];
    for (const phone of pair) {
      await reply(write(phone, `hola, hay lugar del ${from} al ${to} para 2?`));
      await reply(write(phone, 'la Lenga'));
    }
    const others = Array.from({ length: 10 }, (_, n) => write(phoneOf(110 + n), 'tienen wifi?'));
    await Promise.all([...pair.map((phone) => write(phone, 'confirmo')), ...others].map(reply));
    const held: { count: string }[] = await house.database.query(
      `SELECT count(*) FROM reservations WHERE status = 'held' AND check_in = $1`,
      [inDays(40)],
    );
    expect(held[0]!.count).to.equal('1');
    for (const id of await record(...others)) expect(await answersOf(id)).to.have.length(1);
  });

  it('tells who wants more than words, or failed before, and does nothing there', async () => {
    const [from, to] = [inDays(50), inDays(52)].map((day) => day.split('-').toReversed().join('/'));
    const [books, failed, asks] = [phoneOf(200), phoneOf(201), phoneOf(202)];
    await reply(write(books, `hola, hay lugar del ${from} al ${to} para 2?`));
    await reply(write(books, 'la Lenga'));
    const ids = await record(write(books, 'confirmo'), write(failed, 'hola'), write(asks, 'hola'));
    await house.database.query('UPDATE inbound_messages SET attempts = 1 WHERE conversation_id = $1', [ids[1]]);
    expect(await answerInWords(ids, house.workers!.deps)).to.deep.equal([false, false, true]);
    expect((await statesOf(ids[0]!)).at(-1)).to.equal('unanswered');
    expect(await statesOf(ids[1]!)).to.deep.equal(['unanswered']);
    expect(await answersOf(ids[1]!)).to.deep.equal([]);
    expect(await statesOf(ids[2]!)).to.deep.equal(['answered']);
  });

  it('leaves a chat that somebody else answers to them, and answers the others', async () => {
    const ids = await record(write(phoneOf(300), 'hola'), write(phoneOf(301), 'hola'));
    await house.database.transaction(async (manager) => {
      await manager.query('SELECT id FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [ids[0]]);
      expect(await answerInWords(ids, house.workers!.deps)).to.deep.equal([true, true]);
    });
    expect(await statesOf(ids[0]!)).to.deep.equal(['unanswered']);
    expect(await statesOf(ids[1]!)).to.deep.equal(['answered']);
  });

  it('answers nobody twice when one of them throws, and everybody but that one', async () => {
    await house.database.query(
      `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.text = 'veneno' AND NEW.state = 'answered' THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER refuse_poison BEFORE UPDATE ON inbound_messages FOR EACH ROW EXECUTE FUNCTION refuse_poison()`,
    );
    const poison = write(phoneOf(400), 'veneno');
    const others = Array.from({ length: 12 }, (_, n) => write(phoneOf(401 + n), 'hola'));
    const results = await Promise.allSettled([...others.slice(0, 5), poison, ...others.slice(5)].map(reply));
    await house.database.query('DROP TRIGGER refuse_poison ON inbound_messages');
    expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).to.have.length(1);
    for (const id of await record(...others)) {
      expect(await answersOf(id)).to.have.length(1);
      expect(await statesOf(id)).to.deep.equal(['answered']);
    }
    const [id] = await record(poison);
    expect(await answersOf(id!)).to.deep.equal([]);
    const [row]: { attempts: number }[] = await house.database.query(
      'SELECT attempts FROM inbound_messages WHERE conversation_id = $1',
      [id],
    );
    expect(row!.attempts).to.equal(1);
  });

  it('answers what came while it answered', async () => {
    const phone = phoneOf(500);
    const first = write(phone, 'hola');
    const crowd = Array.from({ length: 5 }, (_, n) => write(phoneOf(501 + n), 'hola'));
    const later = write(phone, 'tienen wifi?');
    await Promise.all([first, ...crowd, later].map(reply));
    const [id] = await record(first);
    expect(await statesOf(id!)).to.deep.equal(['answered', 'answered']);
    expect((await answersOf(id!)).at(-1)).to.match(/wifi/i);
  });

  it('books through the whole of it', async () => {
    await house.startWorkers('conversations');
    const [from, to] = [inDays(60), inDays(62)].map((day) => day.split('-').toReversed().join('/'));
    const guests = Array.from({ length: 3 }, () => createPhone(house));
    const links = await Promise.all(
      guests.map((phone, n) =>
        bookUpToLink(
          phone,
          `Hola, busco lugar del ${from} al ${to} para 2 personas`,
          [/Lenga/, /Arrayán/, /Coihue/][n]!,
        ),
      ),
    );
    expect(new Set(links)).to.have.length(3);
  });
});
