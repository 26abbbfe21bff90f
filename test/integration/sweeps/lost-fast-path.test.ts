import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { sweepLostMessages } from '../../../workers/conversations/sweep-lost-messages.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { jobs } from '#shared/queues/contracts.ts';
import { listDeadLetters } from '#shared/queues/dead-letters.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eraseQueues } from '../../support/erase-queues.ts';
import { eventually } from '../../support/eventually.ts';
import { createPhone, openHouse, type House } from '../../support/house.ts';
import { buildGuest, buildHold, inDays, makeOverdue, type Records } from '../../support/records.ts';
import { makeNote } from '../../support/voice-notes.ts';

/** house.md, principle 1: the queue only nudges. Every nudge is lost here, schedulers too; the tables alone know what waits. */
describeOnBothBackends('what waits when the queue store has lost everything', function (backend) {
  this.timeout(120_000);
  let house: House;
  let guest: { contactId: string; conversationId: string };
  let hold: { id: string; overdue: string; over: string; ending: string; paid: string };
  let erasedAt: string;
  // Each waits in a chat of its own: what is done for one must not do it for another.
  const phone = '5492945550001';
  const speaker = '5492945550002';
  const asker = '5492945550003';
  const listener = '5492945550004';
  const ago = `now() - interval '20 seconds'`;

  before(async () => {
    house = await openHouse(backend, { variables: { OWNER_WHATSAPP: '5492944000009', WHATSAPP_MONTHLY_BUDGET: '1' } });
    guest = await buildGuest(house, phone);
    const [asking, listening] = [await buildGuest(house, asker), await buildGuest(house, listener)];
    const { inTransaction } = house.workers!.deps;
    const records = { ...house, inTransaction } as unknown as Records;
    const holdOf = async (unit: string, stay = {}, isNudged = false): Promise<string> => {
      const request = await buildHold(records, { contactId: guest.contactId, unit, ...stay });
      const outcome = await inTransaction((stores) =>
        holdStay(request, isNudged ? stores : { ...stores, nudge: () => {} }, noCourtesyLock),
      );
      if (outcome.type !== 'held') throw new Error(outcome.type);
      return outcome.reservation.id;
    };
    hold = {
      id: await holdOf('Cabaña Lenga'),
      overdue: await holdOf('Departamento Coihue'),
      over: await holdOf('Cabaña Arrayán'),
      ending: await holdOf('Cabaña Lenga', { checkIn: inDays(40), checkOut: inDays(42) }),
      paid: await holdOf('Cabaña Lenga', { checkIn: inDays(50), checkOut: inDays(52) }, true),
    };
    await payUnheard();
    await house.database.query(
      `UPDATE reservations SET created_at = now() - interval '21 minutes', hold_expires_at = now() + interval '9 minutes' WHERE id = $1`,
      [hold.ending],
    );
    await makeOverdue(house.database, hold.overdue, 20);
    await house.database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, sent_at, received_at, recorded_at)
       VALUES ($1, 'wamid.unanswered', 'text', 'hola', $2, ${ago}, ${ago}, ${ago})`,
      [
        asking.conversationId,
        JSON.stringify({
          providerMessageId: 'wamid.unanswered',
          phoneNumberId: '100200300',
          contact: { phone: asker },
          sentAt: new Date().toISOString(),
          receivedAt: new Date().toISOString(),
          type: 'text',
          text: 'hola',
        }),
      ],
    );
    await house.database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, state, sent_at)
       VALUES ($1, 'wamid.answered', 'text', 'hola', '{}', 'answered', ${ago})`,
      [listening.conversationId],
    );
    await house.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload, created_at, next_attempt_at)
       VALUES ($1, 'reply', '{"kind": "text", "body": "unsent"}', ${ago}, ${ago})`,
      [listening.conversationId],
    );
    await house.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload, state, sent_at)
       VALUES ($1, 'reply', '{"kind": "text", "body": "sent"}', 'sent', now())`,
      [guest.conversationId],
    );
    await house.database.query(
      `UPDATE payment_links SET created_at = ${ago}, next_attempt_at = ${ago} WHERE reservation_id = $1`,
      [hold.id],
    );
    await house.database.query(`INSERT INTO owner_notices (type) VALUES ('untold')`);
    await leaveNote();
    await leaveStayThatIsOver();
    await leaveOldMedia();
    await house.database.query(`INSERT INTO contacts (merged_into_id) VALUES ($1)`, [guest.contactId]);
    await eraseQueues(house);
    erasedAt = (await one('SELECT now()::text AS at'))['at'] as string;
  });
  after(() => house.close());

  /** A voice note that was recorded, and never heard. */
  async function leaveNote(): Promise<void> {
    const { conversationId } = await buildGuest(house, speaker);
    const note = await makeNote({ transcript: 'hola' });
    const media = { id: house.whatsapp.addMedia(note, 'audio/ogg; codecs=opus'), mimeType: 'audio/ogg; codecs=opus' };
    const payload = { providerMessageId: 'wamid.note', phoneNumberId: '100200300', contact: { phone: speaker } };
    const now = new Date().toISOString();
    await house.database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, payload, state, sent_at, received_at, recorded_at, next_attempt_at)
       VALUES ($1, 'wamid.note', 'audio', $2, 'untranscribed', ${ago}, ${ago}, ${ago}, ${ago})`,
      [conversationId, JSON.stringify({ ...payload, sentAt: now, receivedAt: now, type: 'audio', media })],
    );
  }

  /** The guest pays, and no notice of it arrives; the provider was last asked three minutes ago. */
  async function payUnheard(): Promise<void> {
    const { preference_id: preferenceId } = await eventually(async () => {
      const row = await one(`SELECT preference_id FROM payment_links WHERE reservation_id = $1`, [hold.paid]);
      expect(row['preference_id']).to.be.a('string');
      return row;
    }, within);
    house.mercadopago.setNotices({ drop: true });
    await house.mercadopago.pay(preferenceId as string);
    await house.database.query(
      `UPDATE payment_links SET made_at = made_at - interval '3 minutes' WHERE reservation_id = $1`,
      [hold.paid],
    );
  }

  async function leaveStayThatIsOver(): Promise<void> {
    await house.database.query(
      `UPDATE reservations SET status = 'confirmed', check_in = current_date - 9, check_out = current_date - 7 WHERE id = $1`,
      [hold.over],
    );
    await house.database.query(
      `UPDATE occupancies SET nights = daterange(current_date - 9, current_date - 7) WHERE reservation_id = $1`,
      [hold.over],
    );
  }

  async function leaveOldMedia(): Promise<void> {
    await mkdir(house.env.mediaDir, { recursive: true });
    await writeFile(join(house.env.mediaDir, '999.ogg'), 'old');
    await utimes(join(house.env.mediaDir, '999.ogg'), 0, 0);
  }

  const within = { timeoutMs: 90_000, intervalMs: 250 };
  const one = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>> =>
    (await house.database.query(sql, values))[0];

  it('a message to answer', () =>
    eventually(async () => {
      const row = await one(`SELECT state FROM inbound_messages WHERE provider_message_id = 'wamid.unanswered'`);
      expect(row['state']).to.equal('answered');
    }, within));

  it('a message to send', () =>
    eventually(() => expect(house.whatsapp.sent(listener).map(({ text }) => text)).to.include('unsent'), within));

  it('a hold past its release', () =>
    eventually(async () => {
      const row = await one('SELECT status FROM reservations WHERE id = $1', [hold.overdue]);
      expect(row['status']).to.equal('expired');
    }, within));

  it('a payment link to make', () =>
    eventually(async () => {
      const row = await one('SELECT state FROM payment_links WHERE reservation_id = $1', [hold.id]);
      expect(row['state']).to.equal('open');
    }, within));

  it('a payment to settle', () =>
    eventually(async () => {
      const row = await one('SELECT status FROM reservations WHERE id = $1', [hold.paid]);
      expect(row['status']).to.equal('confirmed');
    }, within));

  it('a hold about to end', () =>
    eventually(async () => {
      const row = await one(`SELECT count(*)::int AS n FROM outbound_messages WHERE purpose = 'hold_reminder'`);
      expect(row['n']).to.equal(1);
    }, within));

  it('a notice for the owner', () =>
    eventually(async () => {
      expect((await one(`SELECT state FROM owner_notices WHERE type = 'untold'`))['state']).to.equal('told');
    }, within));

  it('a voice note to hear', () =>
    eventually(() => expect(house.whatsapp.sent(speaker).length).to.be.greaterThan(0), within));

  it('a stay that is over', () =>
    eventually(async () => {
      const row = await one('SELECT status FROM reservations WHERE id = $1', [hold.over]);
      expect(row['status']).to.equal('completed');
    }, within));

  it('a budget of messages that is used', () =>
    eventually(async () => {
      const row = await one(`SELECT count(*)::int AS n FROM owner_notices WHERE type = 'message_budget'`);
      expect(row['n']).to.equal(1);
    }, within));

  it('a recording that is too old to keep', () =>
    eventually(() => expect(existsSync(join(house.env.mediaDir, '999.ogg'))).to.equal(false), within));

  it('a contact that turned out to be another', () =>
    eventually(async () => {
      expect((await one('SELECT count(*)::int AS n FROM contacts WHERE merged_into_id IS NOT NULL'))['n']).to.equal(0);
    }, within));

  it('and whatever else a sweep looks for every half minute', () =>
    eventually(async () => {
      const often = Object.entries(jobs).flatMap(([name, job]) =>
        'everyMs' in job && job.everyMs <= 30_000 ? [name] : [],
      );
      const runs: { sweep: string }[] = await house.database.query(
        'SELECT sweep FROM sweep_runs WHERE last_run_at > $1::timestamptz',
        [erasedAt],
      );
      expect(runs.map(({ sweep }) => sweep)).to.include.members(often);
      expect(often).to.include.members(['sweep-unmade-refunds', 'sweep-due-feeds', 'sweep-due-offers']);
    }, within));

  it('an inbound job that failed finally and left no row: put back, at most once an hour, apologised for once', async () => {
    await house.database.query(
      `CREATE FUNCTION refuse_lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.provider_message_id = 'wamid.lost' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER refuse_lost BEFORE INSERT ON inbound_messages FOR EACH ROW EXECUTE FUNCTION refuse_lost()`,
    );
    const lost = createPhone(house);
    const { queues, ...deps } = house.workers!.deps;
    const data = {
      providerMessageId: 'wamid.lost',
      phoneNumberId: '100200300',
      contact: { phone: lost.phone },
      sentAt: new Date().toISOString(),
      receivedAt: new Date().toISOString(),
      type: 'text',
      text: 'hola',
    };
    await queues.queues()!.conversations.add('reply-to-message', data, { attempts: 1 });
    const findLetter = async () =>
      (await listDeadLetters(queues, 'conversations')).find(({ job }) => job === 'reply-to-message');
    const first = await eventually(async () => {
      const letter = await findLetter();
      expect(letter).to.not.equal(undefined);
      return letter!;
    }, within);
    await eventually(() => expect(lost.received()).to.have.length(0)); // outside the 24 hours: nobody recorded that the guest wrote
    const apologies = async () =>
      (await one(`SELECT count(*)::int AS n FROM outbound_messages WHERE purpose = 'apology'`))['n'];
    await eventually(async () => expect(await apologies()).to.equal(1));

    const sweep = () => sweepLostMessages({}, { ...deps, queues }, new AbortController().signal);
    await sweep();
    await eventually(async () => {
      const letter = await findLetter();
      expect(letter?.failedAt.getTime()).to.be.greaterThan(first.failedAt.getTime());
    }, within);
    await house.database.query('DROP TRIGGER refuse_lost ON inbound_messages');
    const failedAgain = (await findLetter())!.failedAt;
    await sweep();
    expect((await findLetter())?.failedAt).to.deep.equal(failedAgain);
    expect(await apologies()).to.equal(1);
    // An hour passes.
    const job = (await queues.queues()!.conversations.getJob((await findLetter())!.id))!;
    await job.updateData({ ...job.data, _putBackAt: new Date(Date.now() - 3_700_000).toISOString() });
    await sweep();
    await lost.waitFor(/./, 30_000);
    await eventually(async () => expect(await findLetter()).to.equal(undefined));
  });
});
