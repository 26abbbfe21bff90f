import { expect } from 'chai';
import fc from 'fast-check';
import { toIdentities, type ShownContact } from '#shared/domain/contacts.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { sweepUnmergedContacts } from '../../../workers/conversations/sweep-unmerged-contacts.ts';
import { recordMessage } from '../../../workers/conversations/record-message.ts';
import type { WorkerDeps } from '../../../workers/deps.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { findRecipient } from '#shared/db/stores/recipient-store.ts';
import { buildHold, openRecords, type Records } from '../../support/records.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';

describe('one person, however WhatsApp names them', () => {
  let records: Records;
  let count = 0;
  before(async () => {
    records = await openRecords();
  });
  beforeEach(() => records.database.query('TRUNCATE contacts, conversations CASCADE'));
  after(() => records.close());

  const messageOf = (contact: ShownContact, more: Partial<InboundMessage> = {}): InboundMessage => ({
    providerMessageId: `wamid.${(count += 1)}`,
    phoneNumberId: '1',
    contact: JSON.parse(JSON.stringify(contact)),
    sentAt: '2026-11-20T12:00:00.000Z',
    receivedAt: '2026-11-20T12:00:01.000Z',
    type: 'text',
    text: 'hola',
    ...more,
  });
  const record = async (contact: ShownContact, more?: Partial<InboundMessage>): Promise<string> => {
    const row = await records.inTransaction((stores) => recordMessage(messageOf(contact, more), stores));
    return row!.conversationId;
  };
  const sweep = (): Promise<void> =>
    sweepUnmergedContacts(
      {},
      { ...records, log: createSilentLogger() } as unknown as WorkerDeps,
      new AbortController().signal,
    );
  const countOf = async (table: string): Promise<number> => {
    const [row] = await records.database.query(`SELECT count(*)::int AS n FROM ${table}`);
    return row.n;
  };

  it('stays one when ten copies of a first message come at once, and its chat can be answered', async () => {
    for (let round = 0; round < 25; round++) {
      const message = messageOf({ phone: `54929440${String(10_000 + round)}` });
      const rows = await Promise.all(
        Array.from({ length: 10 }, () => records.inTransaction((stores) => recordMessage(message, stores))),
      );
      const chats = new Set(rows.map((row) => row!.conversationId));
      expect(chats.size).to.equal(1);
      expect((await findRecipient(records.database, [...chats][0]!))?.phone).to.equal(message.contact.phone);
    }
    expect(await countOf('contacts')).to.equal(25);
  });

  it('is answered under the other name while its chat is being merged', async () => {
    const chat = await record({ bsuid: 'AR.1' });
    await record({ phone: '5492944551234' });
    await record({ phone: '5492944551234', bsuid: 'AR.1' });
    expect(await findRecipient(records.database, chat)).to.include({ phone: '5492944551234', bsuid: 'AR.1' });
  });

  /** Every way one Argentine number is written. */
  const formsOf = (area: string, number: string): string[] => [
    `549${area}${number}`,
    `54${area}${number}`,
    `+54 9 ${area} ${number}`,
    `+54 ${area} 15 ${number}`,
    `0${area}15${number}`,
    `(0${area}) 15-${number}`,
    `549${area}15${number}`,
    `0054 9 ${area} ${number}`,
  ];
  const argentine = fc
    .constantFrom('11', '294', '2944', '351', '2965', '3715')
    .chain((area) => fc.tuple(fc.constant(area), fc.stringMatching(new RegExp(`^[2-9]\\d{${9 - area.length}}$`))));

  it('is one contact over every form of the number and its BSUID, in any order', async function () {
    this.timeout(60_000);
    const sightings = argentine.chain(([area, number]) => {
      const phone = fc.constantFrom(...formsOf(area, number));
      const bsuid = 'AR.13491208655302741918';
      return fc.record({
        // The last sighting shows both names: before it nobody can know.
        shown: fc.array(fc.oneof(fc.record({ phone }), fc.record({ waId: phone }), fc.constant({ bsuid })), {
          maxLength: 6,
        }),
        both: fc.record({ phone, bsuid: fc.constant(bsuid) }),
        after: fc.array(fc.oneof(fc.record({ phone }), fc.constant({ bsuid })), { maxLength: 3 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(sightings, async ({ shown, both, after }) => {
        await records.database.query('TRUNCATE contacts, conversations CASCADE');
        const all: ShownContact[] = [...shown, both, ...after];
        for (const contact of all) await record(contact);
        await sweep();
        expect(await countOf('contacts'), JSON.stringify(all)).to.equal(1);
        expect(await countOf('conversations')).to.equal(1);
        expect(await countOf('inbound_messages')).to.equal(all.length);
        expect(await countOf('contact_identities')).to.equal(2);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps two numbers apart, however alike', async function () {
    this.timeout(60_000);
    const pairs = fc.tuple(argentine, argentine).filter(([a, b]) => a.join('') !== b.join(''));
    await fc.assert(
      fc.asyncProperty(pairs, fc.nat(7), fc.nat(7), async ([a, b], i, j) => {
        const [first] = toIdentities({ phone: formsOf(...a)[i] });
        const [second] = toIdentities({ phone: formsOf(...b)[j] });
        expect(first!.matchKey).to.not.equal(second!.matchKey);
      }),
    );
  });

  it('never takes a foreign number for an Argentine one', () => {
    const keys = ['16505551234', '5521988887777', '6591234567', '34600111222', '54115551234'].map(
      (phone) => toIdentities({ phone })[0]!,
    );
    expect(keys.map(({ matchKey }) => matchKey)).to.deep.equal([
      '16505551234',
      '5521988887777',
      '6591234567',
      '34600111222',
      '54115551234',
    ]);
  });

  it('is one contact when both names write for the first time at once', async () => {
    const both = { phone: '5492944555123', bsuid: 'AR.77' };
    await Promise.all([record(both), record({ bsuid: 'AR.77' }), record({ phone: '542944555123' }), record(both)]);
    await sweep();
    expect(await countOf('contacts')).to.equal(1);
    expect(await countOf('inbound_messages')).to.equal(4);
  });

  it('moves stays, messages and what is known to the older contact, and keeps the fresher talk', async () => {
    const older = await record({ phone: '5492944555200' });
    const younger = await record({ bsuid: 'AR.200' });
    const [{ contact_id: youngerContact }] = await records.database.query(
      'SELECT contact_id FROM conversations WHERE id = $1',
      [younger],
    );
    const request = await buildHold(records, { contactId: youngerContact });
    await records.inTransaction((stores) => holdStay(request, stores, noCourtesyLock));
    await records.database.query(
      `UPDATE conversations SET state = '{"nights": 3}', language = 'pt', last_answered_at = now(), paused_until = '2100-01-01' WHERE id = $1`,
      [younger],
    );
    await records.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload) VALUES ($1, 'reply', '{"kind": "text", "body": "hola"}')`,
      [younger],
    );
    await record({ phone: '5492944555200', bsuid: 'AR.200' });
    expect(records.nudges.some(({ type }) => type === 'merge_contacts')).to.equal(true);
    await sweep();
    const [chat] = await records.database.query('SELECT id, state, language, paused_until FROM conversations');
    expect(chat).to.deep.include({ id: older, state: { nights: 3 }, language: 'pt' });
    expect(chat.paused_until.getUTCFullYear()).to.equal(2100);
    const [{ contact_id: olderContact }] = await records.database.query('SELECT contact_id FROM conversations');
    expect(await records.database.query('SELECT contact_id FROM reservations')).to.deep.equal([
      { contact_id: olderContact },
    ]);
    expect(await records.database.query('SELECT conversation_id FROM outbound_messages')).to.deep.equal([
      { conversation_id: older },
    ]);
    expect(records.nudges).to.deep.include({ type: 'answer', conversationId: older });
    await records.database.query('TRUNCATE reservations CASCADE');
  });

  it('waits for a reply that holds one of the chats, and loses nothing that it writes', async () => {
    await record({ phone: '5492944555300' });
    const younger = await record({ bsuid: 'AR.300' });
    let release = (): void => {};
    const isHeld = new Promise<void>((resolve) => (release = resolve));
    const reply = records.inTransaction(async (stores) => {
      await stores.conversations.lock(younger);
      await isHeld;
      await stores.outbox.add({ conversationId: younger, purpose: 'reply', payload: { kind: 'text', body: 'late' } });
    });
    await record({ phone: '5492944555300', bsuid: 'AR.300' });
    const merging = sweep();
    release();
    await Promise.all([reply, merging]);
    await sweep();
    expect(await countOf('contacts')).to.equal(1);
    expect(await countOf('outbound_messages')).to.equal(1);
  });

  it('follows a changed number; the old one names somebody else from then on', async () => {
    const chat = await record({ phone: '5492944555400' });
    const change = {
      type: 'system' as const,
      system: { type: 'user_changed_number', newWaId: '5492944555401' },
      sentAt: '2026-11-21T12:00:00.000Z',
    };
    await record({ phone: '5492944555400' }, change);
    expect(await record({ phone: '5492944555401' }, { sentAt: '2026-11-21T13:00:00.000Z' })).to.equal(chat);
    expect(await record({ phone: '5492944555400' }, { sentAt: '2026-11-21T11:00:00.000Z' })).to.equal(chat);
    expect(await record({ phone: '5492944555400' }, { sentAt: '2026-11-22T12:00:00.000Z' })).to.not.equal(chat);
  });

  it('follows a changed number and user id of a guest who shows no number', async () => {
    const chat = await record({ bsuid: 'AR.1' });
    const system = { type: 'user_changed_number', newWaId: '5492944555411', newBsuid: 'AR.2' };
    await record({ bsuid: 'AR.1' }, { type: 'system', system });
    expect(await record({ bsuid: 'AR.2' })).to.equal(chat);
    expect(await record({ phone: '542944555411' })).to.equal(chat);
    expect((await findRecipient(records.database, chat))?.bsuid).to.equal('AR.2');
  });

  it('follows a changed user id; both belong to the guest', async () => {
    const chat = await record({ bsuid: 'AR.1' });
    await record({ bsuid: 'AR.1' }, { type: 'system', system: { type: 'user_changed_user_id', newBsuid: 'AR.2' } });
    expect(await record({ bsuid: 'AR.2' })).to.equal(chat);
    expect(await record({ bsuid: 'AR.1' })).to.equal(chat);
  });

  it('answers an edited text as it reads now, and not at all what was withdrawn', async () => {
    const guest = { phone: '5492944555500' };
    await record(guest, { providerMessageId: 'wamid.first', text: 'del 10 al 14' });
    await record(guest, { type: 'edit', text: 'del 10 al 15', original: 'wamid.first' });
    await record(guest, { providerMessageId: 'wamid.second', text: 'olvidalo' });
    await record(guest, { type: 'revoke', original: 'wamid.second' });
    const rows = await records.database.query(
      `SELECT text FROM inbound_messages WHERE state = 'unanswered' ORDER BY id`,
    );
    expect(rows).to.deep.equal([{ text: 'del 10 al 15' }]);
    await records.database.query(`UPDATE inbound_messages SET state = 'answered'`);
    await record(guest, { type: 'edit', text: 'del 11 al 15', original: 'wamid.first' });
    expect(await records.database.query(`SELECT text FROM inbound_messages WHERE state = 'unanswered'`)).to.deep.equal([
      { text: 'del 11 al 15' },
    ]);
  });
});
