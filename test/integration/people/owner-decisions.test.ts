import { expect } from 'chai';
import { decide } from '#shared/domain/owner-notices/decisions.ts';
import { readDecision, signDecision } from '#shared/domain/owner-notices/sign-decision.ts';
import { wordsOf } from '#shared/domain/owner-notices/messages.es.ts';
import { tellOwner } from '#shared/domain/owner-notices/tell-owner.ts';
import { toIdentities } from '#shared/domain/contacts.ts';
import type { OutboundMessage } from '#shared/domain/conversations/message.ts';
import { buildGuest, openRecords, type Records } from '../../support/records.ts';

const secret = 'a-secret-of-sixteen';
const [owner] = toIdentities({ phone: '5492944000001' });

describe('the owner', () => {
  let records: Records;
  before(async () => {
    records = await openRecords();
  });
  beforeEach(() =>
    records.database.query('TRUNCATE owner_notices, outbound_messages, contacts, conversations CASCADE'),
  );
  after(() => records.close());

  const notice = async (type: string, more: { conversationId?: string; data?: Record<string, unknown> } = {}) => {
    await records.inTransaction((stores) => stores.outbox.addOwnerNotice({ type, ...more }));
    const [{ id }] = await records.database.query('SELECT max(id) AS id FROM owner_notices');
    return String(id);
  };
  const tell = (): Promise<number> => records.inTransaction((stores) => tellOwner(owner!, secret, stores));
  const told = async (): Promise<OutboundMessage[]> => {
    const rows = await records.database.query(
      `SELECT payload FROM outbound_messages WHERE purpose = 'owner_alert' ORDER BY id`,
    );
    return rows.map((row: { payload: OutboundMessage }) => row.payload);
  };
  const stateOf = async (id: string): Promise<string> => {
    const [row] = await records.database.query('SELECT state FROM owner_notices WHERE id = $1', [id]);
    return row.state;
  };

  it('hears each notice once, plain ones in one message, decisions with buttons of their own', async () => {
    await notice('booking_confirmed', { data: { code: 'RES261124ABCDEF', paidCents: 1_440_000 } });
    await notice('message_not_understood');
    const asked = await notice('guest_wants_person', { data: { reason: 'asked' } });
    await notice('something_of_tomorrow', { data: { code: 'RES261124ABCDEF' } });
    expect(await Promise.all([tell(), tell()])).to.have.members([4, 0]);
    const messages = await told();
    expect(messages.map(({ kind }) => kind)).to.deep.equal(['text', 'buttons', 'text']);
    expect(messages[0]).to.have.property('body').that.includes('RES261124ABCDEF').and.includes('\n');
    const [, buttons] = messages;
    if (buttons?.kind !== 'buttons') throw new Error('no buttons');
    expect(readDecision(buttons.buttons[0]!.id, secret)).to.deep.equal({ noticeId: asked, decision: 'resume' });
    expect(await stateOf(asked)).to.equal('told');
  });

  it('reads only ids that carry our signature', () => {
    const id = signDecision({ noticeId: '7', decision: 'accept' }, secret);
    expect(readDecision(id, secret)).to.deep.equal({ noticeId: '7', decision: 'accept' });
    for (const other of [
      id.replace(':7:', ':8:'),
      id.replace('accept', 'keep'),
      `${id.slice(0, -1)}_`,
      'own:7:accept:',
      '',
    ])
      expect(readDecision(other, secret), other).to.equal(null);
    expect(readDecision(id, 'another secret')).to.equal(null);
    expect(id.length).to.be.lessThan(256);
  });

  it('gives a chat back to the bot by a tap, once', async () => {
    const guest = await buildGuest(records);
    await records.database.query(`UPDATE conversations SET paused_until = now() + interval '5 hours' WHERE id = $1`, [
      guest.conversationId,
    ]);
    const id = await notice('guest_wants_person', { conversationId: guest.conversationId });
    expect(await records.inTransaction((stores) => decide(id, 'resume', stores))).to.include({ type: 'done' });
    const [{ paused_until: paused }] = await records.database.query(
      'SELECT paused_until FROM conversations WHERE id = $1',
      [guest.conversationId],
    );
    expect(paused).to.equal(null);
    expect(await records.inTransaction((stores) => decide(id, 'resume', stores))).to.deep.equal({
      type: 'already_done',
    });
    const [row] = await records.database.query('SELECT state, decision FROM owner_notices WHERE id = $1', [id]);
    expect(row).to.deep.equal({ state: 'done', decision: 'resume' });
  });

  it('has a doubtful message sent again by a tap', async () => {
    const guest = await buildGuest(records);
    const [{ id: messageId }] = await records.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload, state, ambiguous_sends) VALUES ($1, 'reply', '{"kind": "text", "body": "x"}', 'parked', 1) RETURNING id`,
      [guest.conversationId],
    );
    const id = await notice('message_parked', {
      conversationId: guest.conversationId,
      data: { messageId: String(messageId) },
    });
    await records.inTransaction((stores) => decide(id, 'send_again', stores));
    const [row] = await records.database.query('SELECT state, ambiguous_sends FROM outbound_messages WHERE id = $1', [
      messageId,
    ]);
    expect(row).to.deep.equal({ state: 'unsent', ambiguous_sends: 0 });
    expect(records.nudges).to.deep.include({ type: 'deliver', conversationId: guest.conversationId });
  });

  it('throws what a rule refuses, and the notice stays open', async () => {
    const id = await notice('deposit_reversed');
    const refusal = await records
      .inTransaction((stores) => decide(id, 'cancel', stores))
      .catch((error: unknown) => error);
    expect(refusal).to.include({ code: 'reservation_not_found' });
    expect(await stateOf(id)).to.equal('kept');
    expect(await records.inTransaction((stores) => decide(id, 'constructor', stores))).to.deep.equal({
      type: 'unknown',
    });
    expect(await records.inTransaction((stores) => decide('999999', 'keep', stores))).to.deep.equal({
      type: 'unknown',
    });
    expect(await records.inTransaction((stores) => decide(id, 'keep', stores))).to.include({ type: 'done' });
  });

  it('reads words for what nobody has written words for', () => {
    const base = { id: '1', reservationId: null, paymentId: null, conversationId: null, state: 'kept' as const };
    expect(
      wordsOf({ ...base, type: 'payment_parked_of_tomorrow', data: { cents: 500_000, currency: 'ARS' } }),
    ).to.match(/Llegó un pago de \$\s?5\.000/);
    expect(wordsOf({ ...base, type: 'constructor', data: {} })).to.equal('Aviso: constructor.');
  });
});
