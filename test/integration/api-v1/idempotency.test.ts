import { expect } from 'chai';
import { forgetOldKeys } from '#shared/db/stores/idempotency-store.ts';
import { buildGuest, inDays } from '../../support/records.ts';
import { openTestDesk, type Answer, type TestDesk } from './open-desk.ts';

describe('Idempotency-Key', () => {
  let desk: TestDesk;
  before(async function () {
    this.timeout(60_000);
    desk = await openTestDesk();
  });
  after(() => desk.close());

  const stay = (day: number) => ({ accommodationId: 1, checkIn: inDays(day), checkOut: inDays(day + 2), guests: 2 });
  const hold = (key: string, body: object): Promise<Answer<{ code: string }>> =>
    desk.call('POST', '/reservations', body, { 'idempotency-key': key });
  const countHolds = async (): Promise<number> => {
    const [{ count }] = await desk.records.database.query('SELECT count(*)::int FROM reservations');
    return count as number;
  };

  it('gives the first answer again, to the letter, and does nothing twice', async () => {
    const before = await countHolds();
    const first = await hold('key-1', stay(30));
    const again = await hold('key-1', stay(30));
    expect([first.status, again.status]).to.deep.equal([201, 201]);
    expect(again.text).to.equal(first.text);
    expect(first.headers.get('idempotent-replayed')).to.equal(null);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(await countHolds()).to.equal(before + 1);
    await desk.call('POST', `/reservations/${first.body.code}/cancel`);
    expect((await hold('key-1', stay(30))).text).to.equal(first.text);
    const spaced = JSON.stringify(stay(30), undefined, 4).split('').join('');
    expect((await desk.call('POST', '/reservations', spaced, { 'idempotency-key': 'key-1' })).text).to.equal(
      first.text,
    );
  });

  it('refuses the same key for another request', async () => {
    await hold('key-2', stay(40));
    expect((await hold('key-2', stay(41))).body).to.include({ status: 422, code: 'idempotency_key_reused' });
    const other = await desk.call('POST', '/notices/1/done', {}, { 'idempotency-key': 'key-2' });
    expect(other.body).to.include({ code: 'idempotency_key_reused' });
  });

  it('acts once for many copies at once: the others hear that it runs, or its answer', async () => {
    const before = await countHolds();
    const answers = await Promise.all(Array.from({ length: 10 }, () => hold('key-3', stay(50))));
    expect(await countHolds()).to.equal(before + 1);
    for (const { status, body } of answers)
      if (status !== 201) expect(body).to.include({ status: 409, code: 'request_in_progress' });
    const done = answers.filter(({ status }) => status === 201);
    expect(done.length).to.be.at.least(1);
    expect(new Set(done.map(({ text }) => text)).size).to.equal(1);
    expect((await hold('key-3', stay(50))).text).to.equal(done[0]!.text);
  });

  it('remembers no refusal: what was taken may be free at the next try', async () => {
    const { code } = (await hold('key-4', stay(60))).body;
    expect((await hold('key-5', stay(60))).body).to.include({ code: 'stay_unavailable' });
    expect((await hold('key-5', { ...stay(60), guests: 40 })).body).to.include({ code: 'too_many_guests' });
    await desk.call('POST', `/reservations/${code}/cancel`);
    expect((await hold('key-5', stay(60))).status).to.equal(201);
  });

  it('holds for every act: payments, confirmation, answers to guests', async () => {
    const { code } = (await hold('key-6', stay(70))).body;
    const guest = await buildGuest(desk.records);
    const acts: [string, object][] = [
      [`/reservations/${code}/payments`, { amountCents: 500, method: 'cash' }],
      [`/reservations/${code}/confirm`, {}],
      [`/conversations/${guest.conversationId}/messages`, { text: 'Hola' }],
      [`/conversations/${guest.conversationId}/take-over`, {}],
    ];
    for (const [path, body] of acts) {
      const [first, again] = [
        await desk.call('POST', path, body, { 'idempotency-key': path }),
        await desk.call('POST', path, body, { 'idempotency-key': path }),
      ];
      expect(first.status, first.text).to.be.below(300);
      expect([again.status, again.text], path).to.deep.equal([first.status, first.text]);
    }
    const [{ payments, messages }] = await desk.records.database.query(
      `SELECT (SELECT count(*)::int FROM payments) AS payments, (SELECT count(*)::int FROM outbound_messages WHERE purpose = 'person') AS messages`,
    );
    expect({ payments, messages }).to.deep.equal({ payments: 1, messages: 1 });
  });

  it('takes keys of printable characters only, and forgets them after a day', async () => {
    for (const key of ['ñandú'.normalize(), 'two words', 'x'.repeat(256)])
      expect(
        (await hold(encodeURI(key) === key ? key : key.replaceAll(/[^ -~]/g, '\u00ff'), stay(80))).body,
        key,
      ).to.include({
        code: 'invalid_idempotency_key',
      });
    await hold('key-7', stay(82));
    expect(await forgetOldKeys(desk.records.database, 24)).to.equal(0);
    await desk.records.database.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = encode(sha256('key-7'), 'hex')`,
    );
    expect(await forgetOldKeys(desk.records.database, 24)).to.equal(1);
    expect((await hold('key-7', stay(82))).body).to.include({ code: 'stay_unavailable' });
  });

  it('says that the answer is gone once a person’s data had to go, and still does nothing twice', async () => {
    await hold('key-8', stay(90));
    await desk.records.database.query(
      `UPDATE idempotency_keys SET answer = NULL WHERE key = encode(sha256('key-8'), 'hex')`,
    );
    expect((await hold('key-8', stay(90))).body).to.include({ status: 409, code: 'answer_erased' });
  });
});
