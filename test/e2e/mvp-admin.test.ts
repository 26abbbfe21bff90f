import { expect } from 'chai';
import { addDays } from '#shared/domain/stay.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House, type Phone } from '../support/house.ts';
import { logIn, logInToConsole, testOperator } from '../support/operator.ts';
import { inDays as inDaysFromNow } from '../support/records.ts';

type Listed = {
  code: string;
  status: string;
  guestName?: string;
  totalCents: number;
  contact: { name: string } | null;
};
type Detail = Listed & { timeline: { type: string; actor: string; account?: string }[]; payments: object[] };

/** Counted from the day when the file was read: a run may cross midnight. */
const readOn = inDaysFromNow(0);
const inDays = (days: number): string => addDays(readOn, days);

/** The admin API and panel of the MVP, route by route (mvp.md, sections 1 and 10): what each was for has to work here. */
describe('what the admin panel of the MVP was for', function () {
  this.timeout(60_000);
  let house: House;
  let token: string;
  let phone: Phone;
  const guestName = 'Ana'; // as the phone's own profile says
  const [checkIn, checkOut] = [inDays(40), inDays(43)];

  before(async () => {
    house = await openHouse('postgres');
    token = await logIn(house.url);
    phone = createPhone(house);
    await phone.say('hola');
    await phone.waitFor(/./);
  });
  after(() => house?.close());

  async function call<T = Record<string, unknown>>(method: string, path: string, body?: object) {
    const answer = await fetch(`${house.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, text, body: (isJson ? JSON.parse(text) : undefined) as T };
  }
  const hold = async (more: object = {}): Promise<string> => {
    const contact = { name: guestName, phone: phone.phone };
    const stay = { accommodationId: 1, checkIn, checkOut, guests: 2, contact, ...more };
    const made = await call<Listed>('POST', '/reservations', stay);
    expect(made.status, made.text).to.equal(201);
    return made.body.code;
  };
  const detail = async (code: string): Promise<Detail> => (await call<Detail>('GET', `/reservations/${code}`)).body;
  const codesOf = async (query: string): Promise<string[]> =>
    (await call<{ items: Listed[] }>('GET', `/reservations?${query}`)).body.items.map(({ code }) => code);

  let held: string;
  let confirmed: string;

  it('POST /admin/login: an address alone opens nothing, with the password it does', async () => {
    for (const [given, status] of [
      [{ email: testOperator.email }, 400],
      [{ email: testOperator.email, password: '' }, 400],
      [{ email: testOperator.email, password: 'otra' }, 401],
      [{ email: testOperator.email, password: testOperator.password }, 200],
    ] as const)
      expect((await call('POST', '/auth/login', given)).status).to.equal(status);
  });

  it('GET /admin/dashboard/stats and the cards: counted, not constants', async () => {
    const stats = async () =>
      (
        await call<{
          reservations: Record<string, number>;
          last24Hours: { reservations: number };
          today: { holds: number };
          next30Nights: { occupancyPercent: number };
        }>('GET', '/stats')
      ).body;
    const before = await stats();
    held = await hold();
    confirmed = await hold({ checkIn: inDays(20), checkOut: inDays(22) });
    await call('POST', `/reservations/${confirmed}/payments`, { amountCents: 100, method: 'cash' });
    const after = await stats();
    expect(after.last24Hours.reservations).to.equal(before.last24Hours.reservations + 2);
    expect(after.today.holds).to.be.greaterThan(before.today.holds);
    expect(after.next30Nights.occupancyPercent).to.be.greaterThan(before.next30Nights.occupancyPercent);
    expect((await fetch(`${house.url}/healthz`)).status).to.equal(200);
  });

  it('GET /admin/reservations: by status, unit, dates and what is typed', async () => {
    expect(await codesOf('status=held,confirmed')).to.include.members([held, confirmed]);
    expect(await codesOf('status=cancelled')).to.deep.equal([]);
    expect(await codesOf('accommodationId=1')).to.include(held);
    expect(await codesOf('accommodationId=2')).to.deep.equal([]);
    expect(await codesOf(`from=${inDays(39)}&to=${inDays(44)}`)).to.deep.equal([held]);
    for (const typed of ['ana', phone.phone.slice(-6), held.slice(3)])
      expect(await codesOf(`search=${encodeURIComponent(typed)}`), typed).to.include(held);
    expect(await codesOf('search=nobody')).to.deep.equal([]);
  });

  it('GET /admin/reservations/{id}: everything, with its timeline and payments', async () => {
    const whole = await detail(confirmed);
    expect(whole.contact).to.include({ name: guestName });
    expect(whole.timeline[0]).to.include({ type: 'held', account: testOperator.email });
    expect(whole.payments).to.have.length(1);
    expect((await call('GET', '/reservations/RES991231AAAAAA')).status).to.equal(404);
  });

  it('POST /admin/reservations/{id}/confirm: once, and the guest hears of it', async () => {
    const done = await call<Listed>('POST', `/reservations/${confirmed}/confirm`, {});
    expect([done.status, done.body.status]).to.deep.equal([200, 'confirmed']);
    await phone.waitFor(new RegExp(`confirmad[ao][^]*${confirmed}|${confirmed}[^]*confirmad[ao]`, 'i'));
    expect((await call('POST', `/reservations/${confirmed}/confirm`, {})).body).to.include({ code: 'invalid_state' });
    expect((await call('POST', '/reservations/RES991231AAAAAA/confirm', {})).status).to.equal(404);
  });

  it('POST /admin/actions/resend-email/{code}: the message again, by WhatsApp', async () => {
    const count = phone.received().length;
    expect((await call('POST', `/reservations/${confirmed}/notify`, { type: 'booking_confirmed' })).status).to.equal(
      202,
    );
    await eventually(() => expect(phone.received().length).to.be.greaterThan(count), { timeoutMs: 20_000 });
    await eventually(
      async () =>
        expect((await call('POST', `/reservations/${held}/notify`, { type: 'payment_link' })).status).to.equal(202),
      { timeoutMs: 20_000 },
    );
    expect((await call('POST', `/reservations/${held}/notify`, { type: 'hold_expired' })).status).to.equal(409);
  });

  it('GET /admin/calendar/availability and the month: last night counted, no more than the house has', async () => {
    type Calendar = { units: { spans: { code: string | null; kind: string }[]; takenNights: number }[] };
    const { body } = await call<Calendar & { takenNights: number; allNights: number }>(
      'GET',
      `/calendar?from=${inDays(42)}&to=${inDays(43)}`,
    );
    expect(body.units[0]!.spans.map(({ code }) => code)).to.deep.equal([held]);
    expect([body.takenNights, body.allNights]).to.deep.equal([1, body.units.length]);
    const next = await call<Calendar>('GET', `/calendar?from=${inDays(43)}&to=${inDays(44)}&accommodationId=1`);
    expect(next.body.units.map(({ takenNights }) => takenNights)).to.deep.equal([0]);
    expect((await call('GET', '/calendar?from=2031-05-01&to=2031-06-01')).status).to.equal(200);
  });

  it('WS /admin/ws and the notification centre: an event stream behind the login, and notices that stay', async () => {
    expect((await fetch(`${house.url}/console/eventos`)).status).to.equal(401);
    const cookie = await logInToConsole(house.url);
    const closing = new AbortController();
    const stream = await fetch(`${house.url}/console/eventos`, { headers: { cookie }, signal: closing.signal });
    expect(stream.headers.get('content-type')).to.match(/^text\/event-stream/);
    let told = '';
    const listening = (async () => {
      for await (const chunk of stream.body!) told += Buffer.from(chunk).toString();
    })().catch(() => {});
    const versions = (): string[] => told.match(/(?<=event: version\ndata: ).+/g) ?? [];
    await eventually(() => expect(versions()).to.have.length(1));
    await phone.say('quiero hablar con una persona');
    await eventually(() => expect(new Set(versions()).size).to.be.greaterThan(1), { timeoutMs: 20_000 });
    closing.abort();
    await listening;
    await eventually(
      async () => expect((await call('GET', '/notices?type=guest_wants_person')).text).to.contain('guest_wants_person'),
      { timeoutMs: 20_000 },
    );
  });

  it('POST /admin/reservations/{id}/cancel: with its reason, money on its way back, nights free', async () => {
    const done = await call<Listed & { refundCents: number }>('POST', `/reservations/${confirmed}/cancel`, {
      reason: 'se rompió la caldera',
    });
    expect(done.body).to.include({ status: 'cancelled', refundCents: 100 });
    expect((await call('POST', `/reservations/${confirmed}/cancel`, {})).body).to.include({ code: 'invalid_state' });
    expect((await detail(confirmed)).timeline.at(-1)).to.include({ actor: 'operator' });
    const free = await call<{ items: { accommodation: { id: number } }[] }>(
      'GET',
      `/availability?checkIn=${inDays(20)}&checkOut=${inDays(22)}&guests=2`,
    );
    expect(free.body.items.map(({ accommodation }) => accommodation.id)).to.include(1);
  });

  it('GET /admin/reservations/export.csv: the list as a table', async () => {
    const { status, text } = await call('GET', '/reservations/export.csv?status=cancelled');
    const lines = text
      .replace(/^\uFEFF/, '')
      .trim()
      .split('\r\n');
    expect([status, lines.length]).to.deep.equal([200, 2]);
    expect(lines[0]).to.match(/^code,accommodation,guest_name/);
    expect(lines[1]).to.contain(confirmed).and.to.contain(guestName);
  });

  it('what stood open is closed: each of these answers 401 without the login', async () => {
    for (const [method, path] of [
      ['POST', '/reservations'],
      ['POST', `/reservations/${held}/confirm`],
      ['POST', `/reservations/${held}/cancel`],
      ['GET', `/reservations/${held}`],
      ['GET', '/accommodations'],
      ['POST', '/feeds'],
      ['GET', '/stats'],
      ['GET', '/reservations/export.csv'],
    ] as const)
      expect((await fetch(`${house.url}/api/v1${path}`, { method })).status, `${method} ${path}`).to.equal(401);
  });
});
