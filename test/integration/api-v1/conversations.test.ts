import { expect } from 'chai';
import { buildGuest } from '../../support/records.ts';
import { openTestDesk, type TestDesk } from './open-desk.ts';

type Conversation = {
  id: string;
  contact: { name: string; phone: string };
  pausedUntil: string | null;
  unansweredCount: number;
  leftToPersonCount: number;
  lastMessage: { direction: string; text: string } | null;
};
type Detail = Conversation & {
  messages: {
    items: { direction: string; text: string; purpose: string | null; choices: string[] }[];
    nextCursor: string | null;
  };
};
type List = { items: Conversation[]; nextCursor: string | null };

describe('conversations through the API', () => {
  let desk: TestDesk;
  let ana: { contactId: string; conversationId: string };
  let eva: { contactId: string; conversationId: string };
  before(async function () {
    this.timeout(60_000);
    desk = await openTestDesk();
    ana = await buildGuest(desk.records, '5492945550001');
    eva = await buildGuest(desk.records, '5492945550002');
    for (let i = 1; i <= 5; i += 1) await write(ana.conversationId, `hola ${i}`, i);
    await write(eva.conversationId, 'buenas', 9, 'left_to_person');
  });
  after(() => desk.close());

  const write = (conversationId: string, text: string, second: number, state = 'answered') =>
    desk.records.database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, state, sent_at, recorded_at)
       VALUES ($1, $2, 'text', $3, '{}', $4, now(), now() - interval '1 hour' + make_interval(secs => $5))`,
      [conversationId, `wamid.${conversationId}.${second}`, text, state, second],
    );
  const detail = async (id: string): Promise<Detail> => (await desk.call<Detail>('GET', `/conversations/${id}`)).body;
  const nudged = (): string[] =>
    desk.records.nudges
      .splice(0)
      .map((nudge) => ('conversationId' in nudge ? `${nudge.type} ${nudge.conversationId}` : nudge.type));

  it('lists the one with the newest message first, page by page', async () => {
    const all = (await desk.call<List>('GET', '/conversations')).body;
    expect(all.items.map(({ id }) => id)).to.deep.equal([eva.conversationId, ana.conversationId]);
    expect(all.items[1]).to.deep.include({
      contact: { id: ana.contactId, name: 'Ana', phone: '5492945550001', bsuid: null },
    });
    expect(all.items[1]!.lastMessage).to.include({ direction: 'in', text: 'hola 5' });
    const first = (await desk.call<List>('GET', '/conversations?limit=1')).body;
    const second = (await desk.call<List>('GET', `/conversations?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items]).to.deep.equal(all.items);
    expect(second.nextCursor).to.equal(null);
    const found = async (query: string) =>
      (await desk.call<List>('GET', `/conversations?${query}`)).body.items.map(({ id }) => id);
    expect(await found('state=waiting')).to.deep.equal([eva.conversationId]);
    expect(await found('state=paused')).to.deep.equal([]);
    expect(await found('search=50002')).to.deep.equal([eva.conversationId]);
    expect(await found('search=nobody')).to.deep.equal([]);
  });

  it('is taken over, answered in and resumed; each time whoever found it locked is told to look again', async () => {
    nudged();
    const taken = await desk.call<Conversation>('POST', `/conversations/${ana.conversationId}/take-over`, { hours: 2 });
    const hours = (Date.parse(taken.body.pausedUntil!) - Date.now()) / 3_600_000;
    expect(hours).to.be.within(1.9, 2.1);
    expect(nudged()).to.deep.equal([`answer ${ana.conversationId}`]);

    const answered = await desk.call<Conversation>('POST', `/conversations/${ana.conversationId}/messages`, {
      text: ' Ya te ayudo 😊 ',
    });
    expect(answered.status).to.equal(202);
    expect(answered.body.pausedUntil).to.equal(taken.body.pausedUntil);
    expect(nudged()).to.deep.equal([`deliver ${ana.conversationId}`]);
    const [row] = await desk.records.database.query(`SELECT payload, state, purpose FROM outbound_messages`);
    expect(row).to.deep.equal({
      payload: { kind: 'text', body: 'Ya te ayudo 😊' },
      state: 'unsent',
      purpose: 'person',
    });

    const resumed = await desk.call<Conversation>('POST', `/conversations/${ana.conversationId}/resume`);
    expect(resumed.body.pausedUntil).to.equal(null);
    expect(nudged()).to.deep.equal([`answer ${ana.conversationId}`]);
  });

  it('is taken over by whoever writes in it', async () => {
    nudged();
    await desk.call('POST', `/conversations/${eva.conversationId}/messages`, { text: 'Hola Eva' });
    expect(nudged()).to.have.members([`answer ${eva.conversationId}`, `deliver ${eva.conversationId}`]);
    const chat = await detail(eva.conversationId);
    expect(Date.parse(chat.pausedUntil!) - Date.now()).to.be.within(11.9 * 3_600_000, 12.1 * 3_600_000);
    expect(chat.leftToPersonCount).to.equal(0);
    expect(chat.messages.items.map(({ direction, text }) => `${direction} ${text}`)).to.deep.equal([
      'out Hola Eva',
      'in buenas',
    ]);
  });

  it('pages its messages, newest first, in both directions', async () => {
    await desk.records.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload) VALUES ($1, 'reply', $2)`,
      [
        ana.conversationId,
        {
          kind: 'buttons',
          body: '¿Confirmás?',
          buttons: [
            { id: 'a', title: 'Confirmar' },
            { id: 'b', title: 'Cambiar' },
          ],
        },
      ],
    );
    const all = (await detail(ana.conversationId)).messages.items;
    expect(all).to.have.length(7);
    expect(all[0]).to.deep.include({ direction: 'out', text: '¿Confirmás?', choices: ['Confirmar', 'Cambiar'] });
    const seen: object[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/conversations/${ana.conversationId}?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const { messages }: Detail = (await desk.call<Detail>('GET', path)).body;
      seen.push(...messages.items);
      cursor = messages.nextCursor;
    } while (cursor);
    expect(seen).to.deep.equal(all);
  });

  it('refuses what is none and what is empty', async () => {
    expect((await desk.call('POST', '/conversations/999999/take-over')).body).to.include({
      status: 404,
      code: 'conversation_not_found',
    });
    expect((await desk.call('GET', '/conversations/999999')).body).to.include({ code: 'conversation_not_found' });
    for (const text of ['', '   ', 'x'.repeat(4_097)])
      expect((await desk.call('POST', `/conversations/${ana.conversationId}/messages`, { text })).status).to.equal(400);
    expect((await desk.call('POST', `/conversations/${ana.conversationId}/take-over`, { hours: -1 })).status).to.equal(
      400,
    );
  });
});
