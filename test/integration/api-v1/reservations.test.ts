import { expect } from 'chai';
import { testOperator } from '../../support/operator.ts';
import { findOccupancyFaults, inDays, makeOverdue } from '../../support/records.ts';
import { openTestDesk, type Answer, type TestDesk } from './open-desk.ts';

type Reservation = {
  id: string;
  code: string;
  status: string;
  depositCents: number;
  totalCents: number;
  keepsDeposit?: boolean;
};
type Detail = Reservation & {
  contact: { name: string; phone: string } | null;
  paidCents: number;
  timeline: { type: string; actor: string; account?: string }[];
  payments: { provider: string; outcome: string; allocations: Record<string, number> }[];
  paymentLink: { state: string } | null;
  quote: { nights: { cents: number }[] };
};
type List = { items: Reservation[]; nextCursor: string | null };

describe('reservations through the API', () => {
  let desk: TestDesk;
  before(async function () {
    this.timeout(60_000);
    desk = await openTestDesk();
  });
  after(async () => {
    expect(await findOccupancyFaults(desk.records.database)).to.deep.equal([]);
    await desk.close();
  });

  let nextDay = 20;
  const hold = async (more: object = {}): Promise<Answer<Reservation>> => {
    nextDay += 4;
    const stay = { accommodationId: 1, checkIn: inDays(nextDay), checkOut: inDays(nextDay + 2), guests: 2 };
    return desk.call<Reservation>('POST', '/reservations', { ...stay, ...more });
  };
  const held = async (more: object = {}): Promise<Reservation> => {
    const answer = await hold(more);
    expect(answer.status, answer.text).to.equal(201);
    return answer.body;
  };
  const detail = async (code: string): Promise<Detail> =>
    (await desk.call<Detail>('GET', `/reservations/${code}`)).body;
  const act = <T = Reservation>(code: string, verb: string, body?: object): Promise<Answer<T>> =>
    desk.call<T>('POST', `/reservations/${code}/${verb}`, body);

  it('quotes what it charges: availability, quote and hold agree', async () => {
    const stay = `checkIn=${inDays(200)}&checkOut=${inDays(205)}&guests=3`;
    const { body: free } = await desk.call<{ items: { accommodation: { id: number }; quote: Reservation }[] }>(
      'GET',
      `/availability?${stay}`,
    );
    const { body: quoted } = await desk.call<{ quote: Reservation; isFree: boolean }>(
      'GET',
      `/quotes?accommodationId=1&${stay}`,
    );
    const offered = free.items.find(({ accommodation }) => accommodation.id === 1)!;
    expect(offered.quote).to.deep.equal(quoted.quote);
    const reservation = await held({ checkIn: inDays(200), checkOut: inDays(205), guests: 3 });
    expect(reservation).to.include({
      totalCents: quoted.quote.totalCents,
      depositCents: quoted.quote.depositCents,
      status: 'held',
    });
    const { body: after } = await desk.call<{ items: { accommodation: { id: number } }[]; unavailable: object[] }>(
      'GET',
      `/availability?${stay}`,
    );
    expect(after.items.map(({ accommodation }) => accommodation.id)).not.to.include(1);
    expect(after.unavailable).to.deep.include({
      accommodation: { id: 1, name: 'Cabaña Lenga', capacity: 4 },
      reason: 'taken',
      data: {},
    });
    expect(after.unavailable).to.deep.include({
      accommodation: { id: 3, name: 'Departamento Coihue', capacity: 2 },
      reason: 'too_many_guests',
      data: { capacity: 2 },
    });
  });

  const refusals: [string, object, number, string][] = [
    ['a stay in the past', { checkIn: inDays(-3), checkOut: inDays(2) }, 422, 'date_in_past'],
    ['reversed dates', { checkIn: inDays(12), checkOut: inDays(10) }, 422, 'invalid_dates'],
    ['a day that does not exist', { checkIn: '2027-02-30' }, 400, 'invalid_request'],
    ['more guests than fit', { guests: 40 }, 422, 'too_many_guests'],
    ['24 years', { checkIn: inDays(10), checkOut: inDays(8_776) }, 422, 'stay_too_long'],
    ['two years ahead', { checkIn: inDays(700), checkOut: inDays(702) }, 422, 'too_far_ahead'],
    [
      'fewer nights than the minimum',
      { accommodationId: 2, checkIn: inDays(90), checkOut: inDays(91) },
      422,
      'stay_too_short',
    ],
    ['nobody', { guests: 0 }, 400, 'invalid_request'],
    ['half a guest', { guests: 1.5 }, 400, 'invalid_request'],
    ['a unit that does not exist', { accommodationId: 99 }, 404, 'accommodation_not_found'],
    ['a party told twice', { guests: 2, adults: 2 }, 400, 'invalid_request'],
    ['a phone that is a text', { contact: { phone: "1'; DROP TABLE reservations" } }, 400, 'invalid_request'],
    ['a name of 300 letters', { contact: { name: 'x'.repeat(300) } }, 400, 'invalid_request'],
    ['a channel of its own', { channel: 'label-1' }, 400, 'invalid_request'],
  ];
  for (const [what, more, status, code] of refusals)
    it(`refuses ${what}: ${status} ${code}`, async () => {
      const answer = await hold(more);
      expect([answer.status, (answer.body as unknown as { code: string }).code], answer.text).to.deep.equal([
        status,
        code,
      ]);
    });

  it('refuses taken nights, counts it, and lets exactly one of many at once through', async () => {
    const stay = { checkIn: inDays(300), checkOut: inDays(303) };
    const answers = await Promise.all(Array.from({ length: 8 }, () => hold(stay)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).to.deep.equal([
      201,
      ...Array.from({ length: 7 }, () => 409),
    ]);
    const [{ count }] = await desk.records.database.query(
      'SELECT count(*)::int FROM refused_holds WHERE accommodation_id = 1',
    );
    expect(count).to.be.at.least(7);
    expect((await hold({ checkIn: inDays(303), checkOut: inDays(305) })).status).to.equal(201);
  });

  it('knows its guest by any spelling of the phone, and shows the whole of a reservation', async () => {
    const first = await held({ contact: { name: 'Ana', phone: '+54 9 2945 55-7788' } });
    const second = await held({ contact: { name: 'Otra', phone: '02945 15 557788' } });
    const [one, two] = [await detail(first.code), await detail(second.code)];
    expect(one.contact).to.include({ name: 'Ana' });
    expect(two.contact).to.deep.equal(one.contact);
    expect(one.timeline.map(({ type, actor }) => `${actor} ${type}`)).to.deep.equal(['operator held']);
    expect(one.paymentLink).to.include({ state: 'wanted' });
    expect(one.quote.nights).to.have.length(2);
    expect((await desk.call('GET', `/reservations/${first.code.toLowerCase()}`)).status).to.equal(200);
    expect((await desk.call('GET', '/reservations/RES991231AAAAAA')).body).to.include({
      code: 'reservation_not_found',
    });
  });

  it('confirms on the owner’s word, once, however many say so at once', async () => {
    const { code } = await held();
    const answers = await Promise.all(Array.from({ length: 5 }, () => act(code, 'confirm')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).to.deep.equal([200, 409, 409, 409, 409]);
    const refused = answers.find(({ status }) => status === 409)!;
    expect(refused.body).to.deep.include({ code: 'invalid_state', data: { status: 'confirmed', wanted: 'confirmed' } });
    const confirmed = await detail(code);
    expect(confirmed.status).to.equal('confirmed');
    expect(confirmed.timeline.filter(({ type }) => type === 'confirmed')).to.have.length(1);
    expect(confirmed.paymentLink).to.include({ state: 'closed' });
  });

  it('names the operator who held, moved, confirmed, took money, gave it back and cancelled; nobody else', async () => {
    const stay = await held();
    await desk.call('POST', `/reservations/${stay.code}/payments`, {
      method: 'cash',
      amountCents: stay.depositCents,
      reference: 'recibo 1',
    });
    await act(stay.code, 'refunds', { cents: 100 });
    await act(stay.code, 'move', { checkIn: inDays(280), checkOut: inDays(282), keepsPrice: true });
    await act(stay.code, 'cancel');
    const { timeline } = (await desk.call<Detail>('GET', `/reservations/${stay.code}`)).body;
    expect(timeline.map(({ type }) => type)).to.include.members([
      'held',
      'payment',
      'confirmed',
      'refund_requested',
      'moved',
      'cancelled',
    ]);
    for (const { type, actor, account } of timeline)
      expect(account, `${actor} ${type}`).to.equal(actor === 'operator' ? testOperator.email : undefined);
    const told = (await desk.call('GET', `/reservations/${stay.code}/timeline`)).text;
    expect(told).to.contain(`"account":"${testOperator.email}"`);
  });

  it('takes the nights of an expired hold again where they are free, and says so where not', async () => {
    const [one, two] = [await held(), await held()];
    await desk.records.database.query(
      `UPDATE reservations SET status = 'expired', expired_at = now() WHERE id IN ($1, $2)`,
      [one.id, two.id],
    );
    await desk.records.database.query('DELETE FROM occupancies WHERE reservation_id IN ($1, $2)', [one.id, two.id]);
    expect((await act(one.code, 'confirm')).body).to.include({ status: 'confirmed' });
    const { checkIn, checkOut } = (await detail(two.code)) as unknown as { checkIn: string; checkOut: string };
    await held({ checkIn, checkOut });
    expect((await act(two.code, 'confirm')).body).to.include({ code: 'stay_unavailable' });
    expect((await detail(two.code)).status).to.equal('expired');
  });

  it('confirms a hold that is over but not freed yet, and never a cancelled one', async () => {
    const late = await held();
    await makeOverdue(desk.records.database, late.id, 5);
    expect((await act(late.code, 'confirm')).status).to.equal(200);
    const gone = await held();
    expect((await act(gone.code, 'cancel', { reason: 'llamó' })).status).to.equal(200);
    expect((await act(gone.code, 'confirm')).body).to.include({ code: 'invalid_state' });
  });

  it('cancels with or without a reason, frees the nights at once and says what happens to the money', async () => {
    const { code } = await held({ contact: { phone: '5492945553333' } });
    await act(code, 'payments', { amountCents: 99_000_000, method: 'transfer', reference: 'T-1' });
    const cancelled = await act(code, 'cancel');
    expect(cancelled.body).to.include({ status: 'cancelled', keepsDeposit: false });
    const { timeline, payments } = await detail(code);
    expect(timeline.map(({ type }) => type)).to.include('cancelled');
    expect(payments[0]?.allocations).to.have.property('refund');
    const [told] = await desk.records.database.query(
      `SELECT payload ->> 'body' AS body FROM outbound_messages WHERE purpose = 'stay_cancelled'`,
    );
    expect((told as { body: string }).body)
      .to.contain(code)
      .and.to.match(/devolvemos/);
    expect((await act(code, 'cancel')).body).to.include({ code: 'invalid_state' });
    expect((await act('RES000000XXXXXX', 'cancel', {})).status).to.equal(404);
  });

  it('records cash and transfers: a deposit confirms, the same reference counts once', async () => {
    const { code, depositCents } = await held();
    const body = { amountCents: depositCents, method: 'cash', reference: 'recibo 7' };
    type Recorded = { isNew: boolean; reservation: { status: string } };
    const first = await act<Recorded>(code, 'payments', body);
    expect(first.status).to.equal(201);
    expect(first.body).to.deep.include({ isNew: true }).and.nested.include({ 'reservation.status': 'confirmed' });
    expect((await act<Recorded>(code, 'payments', body)).body.isNew).to.equal(false);
    expect(await detail(code)).to.include({ status: 'confirmed', paidCents: depositCents });
    expect((await act(code, 'payments', { ...body, amountCents: -5 })).status).to.equal(400);
  });

  it('gives money back, whole or in part', async () => {
    const { code, depositCents } = await held();
    await act(code, 'payments', { amountCents: depositCents, method: 'cash', reference: 'recibo 8' });
    expect((await act(code, 'refunds', {})).body).to.include({ code: 'invalid_state' });
    const part = await act<{ totalCents: number }>(code, 'refunds', { cents: 100 });
    expect([part.status, part.body.totalCents]).to.deep.equal([202, 100]);
    const given = await act<{ refunds: { state: string }[] }>(code, 'refunds/given', {});
    expect(given.body.refunds.map(({ state }) => state)).to.deep.equal(['made']);
  });

  it('says a message once more, and only one that fits', async () => {
    const { code } = await held({ contact: { phone: '5492945551111' } });
    expect((await act(code, 'notify', { type: 'booking_confirmed' })).body).to.include({ code: 'invalid_state' });
    expect((await act(code, 'notify', { type: 'payment_link' })).body).to.include({ code: 'invalid_state' });
    await act(code, 'confirm');
    expect((await act(code, 'notify', { type: 'booking_confirmed' })).status).to.equal(202);
    const rows = await desk.records.database.query(
      `SELECT purpose FROM outbound_messages o JOIN reservations r ON r.id = o.reservation_id WHERE r.code = $1`,
      [code],
    );
    expect(rows).to.deep.equal([{ purpose: 'booking_confirmed' }, { purpose: 'booking_confirmed' }]);
    expect((await act((await held()).code, 'notify', { type: 'payment_link' })).body).to.include({
      code: 'conversation_not_found',
    });
  });

  it('lists page by page in order, nothing twice and nothing left out while rows come in', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const next: Answer<List> = await desk.call<List>(
        'GET',
        `/reservations?limit=3${cursor ? `&cursor=${cursor}` : ''}`,
      );
      seen.push(...next.body.items.map(({ code }) => code));
      cursor = next.body.nextCursor;
      if (seen.length === 3) await held();
    } while (cursor);
    const rows = await desk.records.database.query('SELECT code FROM reservations ORDER BY created_at DESC, id DESC');
    expect(seen).to.deep.equal(rows.slice(1).map(({ code }: { code: string }) => code));
    for (const order of ['checkIn', '-checkIn', 'checkOut', 'createdAt']) {
      const whole = (await desk.call<List>('GET', `/reservations?order=${order}&limit=200`)).body.items;
      const first = (await desk.call<List>('GET', `/reservations?order=${order}&limit=5`)).body;
      const second = (await desk.call<List>('GET', `/reservations?order=${order}&limit=5&cursor=${first.nextCursor}`))
        .body;
      expect([...first.items, ...second.items]).to.deep.equal(whole.slice(0, 10));
    }
    expect((await desk.call('GET', '/reservations?cursor=nonsense')).body).to.include({ code: 'invalid_cursor' });
    const foreign = (await desk.call<List>('GET', '/reservations?order=checkIn&limit=1')).body.nextCursor;
    expect((await desk.call('GET', `/reservations?order=createdAt&cursor=${foreign}`)).status).to.equal(400);
  });

  it('filters by status, unit, dates and what is looked for; a hostile search finds nothing and breaks nothing', async () => {
    const one = await held({
      accommodationId: 4,
      guests: 6,
      checkIn: inDays(400),
      checkOut: inDays(405),
      contact: { name: "Zoë O'Hara 100%", phone: '5492945559876' },
    });
    const find = async (query: string): Promise<string[]> =>
      (await desk.call<List>('GET', `/reservations?${query}`)).body.items.map(({ code }) => code);
    expect(await find('accommodationId=4')).to.deep.equal([one.code]);
    expect(await find(`from=${inDays(400)}&to=${inDays(405)}`)).to.deep.equal([one.code]);
    expect(await find(`from=${inDays(401)}`)).to.deep.equal([]);
    expect(await find('status=held,confirmed&accommodationId=4')).to.deep.equal([one.code]);
    expect(await find('status=cancelled&accommodationId=4')).to.deep.equal([]);
    for (const search of ["o'hara", '100%', one.code.slice(3), '555-9876', 'zoë'])
      expect(await find(`search=${encodeURIComponent(search)}`), search).to.deep.equal([one.code]);
    for (const search of ["' OR 1=1 --", '%', '_', '\\', '\u0000x', '; DROP TABLE reservations'])
      expect((await desk.call('GET', `/reservations?search=${encodeURIComponent(search)}`)).status, search).to.equal(
        200,
      );
    expect(await find(`search=${encodeURIComponent("' OR 1=1 --")}`)).to.deep.equal([]);
    for (const wrong of [
      'status=nonsense',
      'from=yesterday',
      'limit=1000',
      'limit=0',
      'order=price',
      'page=2',
      'from=a&from=b',
    ])
      expect((await desk.call('GET', `/reservations?${wrong}`)).body, wrong).to.include({
        status: 400,
        code: 'invalid_request',
      });
  });

  it('exports the same list for spreadsheets, with no formula in it', async () => {
    await held({ contact: { name: '=HYPERLINK("http://evil","x")', phone: '5492945551212' } });
    const answer = await desk.call('GET', '/reservations/export.csv?order=createdAt');
    expect(answer.headers.get('content-type')).to.equal('text/csv; charset=utf-8');
    const lines = answer.text.replace(/^\uFEFF/, '').split('\r\n');
    expect(lines[0]).to.match(/^code,accommodation,guest_name/);
    const rows = await desk.records.database.query('SELECT code FROM reservations');
    expect(lines.filter((line) => line.startsWith('RES'))).to.have.length(rows.length);
    expect(answer.text).to.contain(`"'=HYPERLINK(""http://evil"",""x"")"`);
    expect(answer.text).not.to.match(/(^|[,\n])"?[=+@]/);
    const filtered = await desk.call('GET', '/reservations/export.csv?status=cancelled');
    expect(filtered.text.split('\r\n')[1]).to.match(/,cancelled,/);
  });

  it('breaks off a body that is no JSON, too large or of another type', async () => {
    expect((await desk.call('POST', '/reservations', '{')).body).to.include({ status: 400, code: 'invalid_json' });
    expect((await desk.call('POST', '/reservations', 'x'.repeat(300_000))).status).to.equal(413);
    const form = await desk.call('POST', '/reservations', 'a=1', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(form.body).to.include({ status: 415, code: 'unsupported_media_type' });
    expect((await desk.call('POST', '/reservations', '{"__proto__":{"admin":true}}')).status).to.equal(400);
  });
});
