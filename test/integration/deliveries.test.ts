import { expect } from 'chai';
import type { Fault } from '#shared/integrations/simulator-kit/faults.ts';
import type { SimulatedRequest } from '#shared/integrations/simulator-kit/http.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';
import { recordDelivery } from '../../workers/deliveries/record-delivery.ts';

const isSend = ({ body }: SimulatedRequest): boolean => !body.toString().includes('"status":"read"');
const graphError = (status: number, code: number): Fault => ({ kind: 'status', status, code });

describeOnBothBackends('deliveries', function (backend) {
  this.timeout(40_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend);
  });
  after(() => house.close());

  const rowsOf = (
    phone: string,
  ): Promise<{ state: string; failure_code: string | null; delivery: string | null; attempts: number }[]> =>
    house.database.query(
      `SELECT o.state, o.failure_code, o.delivery, o.attempts FROM outbound_messages o JOIN conversations c ON c.id = o.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1 ORDER BY o.id`,
      [phone],
    );

  it('sends again after a temporary refusal, once', async () => {
    const phone = createPhone(house);
    house.whatsapp.failNext(2, graphError(500, 131000), isSend);
    await phone.say('hola');
    await phone.waitFor(/./, 20_000);
    await eventually(async () => expect((await rowsOf(phone.phone)).map(({ state }) => state)).to.deep.equal(['sent']));
    expect((await rowsOf(phone.phone))[0]!.attempts).to.equal(3);
    expect(phone.received()).to.have.length(1);
  });

  it('slows the queue down for a 429 of the number and loses nothing', async () => {
    const phone = createPhone(house);
    house.whatsapp.failNext(1, graphError(429, 130429), isSend);
    await phone.say('hola');
    await phone.waitFor(/./, 30_000);
    expect(phone.received()).to.have.length(1);
  });

  it('does not retry what will never arrive, tells the owner and goes on', async () => {
    const phone = createPhone(house);
    house.whatsapp.failNext(1, graphError(400, 131049), isSend);
    await phone.say('hola');
    await eventually(async () =>
      expect((await rowsOf(phone.phone))[0]).to.include({ state: 'failed', failure_code: '131049', attempts: 1 }),
    );
    await phone.say('hay lugar en enero?');
    await phone.waitFor(/./);
    const [{ count }] = await house.database.query(
      `SELECT count(*)::int FROM owner_notices WHERE type = 'message_failed'`,
    );
    expect(count).to.equal(1);
  });

  it('keeps the order of a guest, also when the first of several is refused for a while', async () => {
    const phone = createPhone(house);
    await phone.say('hola');
    await phone.waitFor(/./);
    await eventually(async () => expect((await rowsOf(phone.phone)).at(-1)!.state).to.equal('sent'));
    const [{ id }] = await house.database.query(
      `SELECT c.id FROM conversations c JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    house.whatsapp.failNext(2, graphError(503, 131016), isSend);
    for (const body of ['uno', 'dos', 'tres'])
      await house.database.query(
        `INSERT INTO outbound_messages (conversation_id, purpose, payload) VALUES ($1, 'test', $2)`,
        [id, JSON.stringify({ kind: 'text', body })],
      );
    await house.workers!.deps.enqueue('deliver-messages', { conversationId: id });
    await phone.waitFor(/tres/, 20_000);
    expect(
      phone
        .received()
        .slice(-3)
        .map(({ text }) => text),
    ).to.deep.equal(['uno', 'dos', 'tres']);
  });

  it('sends the messages of thirty chats by one job, each once, though one of them is refused for a while', async () => {
    const phones = Array.from({ length: 30 }, () => createPhone(house));
    for (const { phone } of phones) await house.whatsapp.write({ phone }, { text: 'hola' });
    for (const phone of phones) await phone.waitFor(/./, 20_000);
    const rows: { id: string }[] = await house.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload)
       SELECT c.id, 'test', '{"kind": "text", "body": "para todos"}' FROM conversations c
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = ANY($1) RETURNING conversation_id AS id`,
      [phones.map(({ phone }) => phone)],
    );
    house.whatsapp.failNext(1, graphError(429, 130429), isSend);
    await house.workers!.deps.enqueue('deliver-conversations', { conversationIds: rows.map(({ id }) => id) });
    for (const phone of phones) await phone.waitFor(/para todos/, 20_000);
    for (const phone of phones) {
      expect(phone.received().filter(({ text }) => text === 'para todos')).to.have.length(1);
      await eventually(async () => expect((await rowsOf(phone.phone)).at(-1)!.state).to.equal('sent'));
    }
  });

  it('merges statuses by rank, whatever their order, and keeps the reason of a failure', async () => {
    const phone = createPhone(house);
    house.whatsapp.setStatuses([]);
    await phone.say('hola');
    const { id } = await phone.waitFor(/./);
    await house.whatsapp.postStatus(id, 'read');
    await eventually(async () => expect((await rowsOf(phone.phone))[0]!.delivery).to.equal('read'));
    await house.whatsapp.postStatus(id, 'delivered');
    await house.whatsapp.postStatus(id, 'sent');
    const other = createPhone(house);
    await other.say('hola');
    const failed = await other.waitFor(/./);
    await house.whatsapp.postStatus(failed.id, 'failed', 131049);
    await eventually(async () =>
      expect((await rowsOf(other.phone))[0]).to.include({
        state: 'failed',
        delivery: 'failed',
        failure_code: '131049',
      }),
    );
    expect((await rowsOf(phone.phone))[0]!.delivery).to.equal('read');
    house.whatsapp.setStatuses(['sent', 'delivered']);
  });

  it('takes no status of another program’s message for one of ours that has the same number', async () => {
    const phone = createPhone(house);
    house.whatsapp.setStatuses([]);
    house.whatsapp.refuseRecipient(phone.phone, 131056);
    await phone.say('hola');
    await eventually(async () => expect((await rowsOf(phone.phone))[0]).to.include({ failure_code: '131056' }));
    const [{ id, contact }] = await house.database.query(
      `SELECT o.id, c.contact_id AS contact FROM outbound_messages o JOIN conversations c ON c.id = o.conversation_id
       JOIN contact_identities i ON i.contact_id = c.contact_id WHERE i.value = $1`,
      [phone.phone],
    );
    const tell = (status: string, recipient: object) =>
      recordDelivery(
        {
          providerMessageId: `wamid.theirs.${status}`,
          phoneNumberId: '100200300',
          status,
          at: new Date().toISOString(),
          receivedAt: new Date().toISOString(),
          recipient,
          opaqueId: id,
          errors: [],
          isSecondLook: true,
        },
        house.workers!.deps,
      );
    for (const status of ['sent', 'delivered', 'failed', '3']) await tell(status, { waId: '5492944123999' });
    expect((await rowsOf(phone.phone))[0]).to.include({ state: 'unsent', delivery: null });
    const names = await house.database.query('SELECT value FROM contact_identities WHERE contact_id = $1', [contact]);
    expect(names).to.deep.equal([{ value: phone.phone }]);
    // About the guest, under the other form of the number: it is ours, and its answer never came.
    await tell('sent', { waId: phone.phone.replace(/^549/, '54'), bsuid: 'AR.777' });
    expect((await rowsOf(phone.phone))[0]).to.include({ state: 'sent', delivery: 'sent' });
    house.whatsapp.setStatuses(['sent', 'delivered']);
  });
});
