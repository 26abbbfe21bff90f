import { expect } from 'chai';
import { inDays } from '../../support/records.ts';
import { openTestDesk, type TestDesk } from './open-desk.ts';

type Unit = {
  accommodation: { id: number };
  spans: { kind: string; from: string; to: string; code: string | null; reason: string | null }[];
  takenNights: number;
};
type Calendar = { units: Unit[]; takenNights: number; allNights: number; occupancyPercent: number };
type Stats = {
  reservations: Record<string, number>;
  revenueCents: Record<string, number>;
  conversionPercent: number | null;
  last24Hours: { reservations: number; confirmed: number; paymentsCents: Record<string, number> };
  today: { holds: number; date: string };
  next30Nights: { takenNights: number; allNights: number };
};
type Accommodation = {
  id: number;
  name: string;
  isActive: boolean;
  prices: { basePriceCents: number; seasons: object[] };
};

describe('the house through the API', () => {
  let desk: TestDesk;
  before(async function () {
    this.timeout(60_000);
    desk = await openTestDesk();
  });
  after(() => desk.close());

  const stats = async (): Promise<Stats> => (await desk.call<Stats>('GET', '/stats')).body;
  const calendar = async (from: number, to: number, more = ''): Promise<Calendar> =>
    (await desk.call<Calendar>('GET', `/calendar?from=${inDays(from)}&to=${inDays(to)}${more}`)).body;

  it('counts zeros while nothing happened', async () => {
    expect(await stats()).to.deep.include({
      revenueCents: {},
      conversionPercent: null,
      last24Hours: { reservations: 0, confirmed: 0, messages: 0, paymentsCents: {} },
    });
    expect(await calendar(10, 40)).to.include({ takenNights: 0, allNights: 120, occupancyPercent: 0 });
  });

  it('counts from the data: nights of the window alone, each once, of all units', async () => {
    const hold = (checkIn: number, checkOut: number, accommodationId = 1) =>
      desk.call<{ code: string; totalCents: number; depositCents: number }>('POST', '/reservations', {
        accommodationId,
        checkIn: inDays(checkIn),
        checkOut: inDays(checkOut),
        guests: 2,
        contact: { name: 'Ana' },
      });
    const first = (await hold(8, 12)).body; // two nights before the window, two in it
    await hold(38, 42, 2); // the last two nights of the window
    await hold(40, 41, 3); // begins on the day the window ends
    await desk.records.database.query(
      `INSERT INTO blocks (accommodation_id, nights, reason) VALUES (4, daterange($1, $2), 'pintura')`,
      [inDays(15), inDays(20)],
    );
    await desk.records.database.query(
      `INSERT INTO occupancies (accommodation_id, nights, kind, block_id) SELECT accommodation_id, nights, 'block', id FROM blocks`,
    );
    const { units, ...house } = await calendar(10, 40);
    expect(house).to.include({ takenNights: 9, allNights: 120, occupancyPercent: 7.5 });
    expect(units.map(({ takenNights }) => takenNights)).to.deep.equal([2, 2, 0, 5]);
    expect(units[0]!.spans[0]).to.include({
      kind: 'held',
      from: inDays(8),
      to: inDays(12),
      code: first.code,
      guestName: 'Ana',
    });
    expect(units[3]!.spans[0]).to.include({ kind: 'block', reason: 'pintura', code: null });
    expect((await calendar(10, 40, '&accommodationId=4')).units).to.have.length(1);

    await desk.call('POST', `/reservations/${first.code}/payments`, {
      amountCents: first.depositCents,
      method: 'transfer',
    });
    expect(await stats()).to.deep.include({
      revenueCents: { ARS: first.totalCents },
      last24Hours: { reservations: 3, confirmed: 1, messages: 0, paymentsCents: { ARS: first.depositCents } },
      conversionPercent: 100,
    });
    expect((await stats()).reservations).to.include({ held: 2, confirmed: 1, cancelled: 0 });
  });

  it('refuses windows without a day, reversed, or of many years', async () => {
    for (const [from, to] of [
      [5, 5],
      [5, 4],
      [0, 900],
    ] as const)
      expect((await desk.call('GET', `/calendar?from=${inDays(from)}&to=${inDays(to)}`)).body).to.include({
        code: 'invalid_dates',
      });
    expect((await desk.call('GET', '/calendar?from=2031-01-01&to=2031-01-31')).status).to.equal(200);
    expect((await desk.call('GET', '/calendar')).status).to.equal(400);
  });

  it('edits units and their seasons; what was quoted before keeps its price', async () => {
    const { body: unit } = await desk.call<Accommodation>('GET', '/accommodations/3');
    const held = await desk.call<{ code: string; totalCents: number }>('POST', '/reservations', {
      accommodationId: 3,
      checkIn: inDays(300),
      checkOut: inDays(301),
      guests: 1,
    });
    const seasons = [
      { name: 'Feria', firstNight: inDays(300), lastNight: inDays(300), priceCents: 777_700, minNights: null },
    ];
    const priced = await desk.call<Accommodation>('PUT', '/accommodations/3/seasons', { seasons });
    expect(priced.body.prices.seasons).to.deep.equal(seasons);
    const changed = await desk.call<Accommodation>('PATCH', '/accommodations/3', {
      basePriceCents: 1_234_500,
      weekendPercent: 100,
    });
    expect(changed.body.prices).to.include({ basePriceCents: 1_234_500 });
    const quoted = (checkIn: number) =>
      desk.call<{ quote: { totalCents: number } }>(
        'GET',
        `/quotes?accommodationId=3&checkIn=${inDays(checkIn)}&checkOut=${inDays(checkIn + 1)}&guests=1`,
      );
    expect((await quoted(300)).body.quote.totalCents).to.equal(777_700);
    expect((await quoted(301)).body.quote.totalCents).to.equal(1_234_500);
    expect(
      (await desk.call<{ totalCents: number }>('GET', `/reservations/${held.body.code}`)).body.totalCents,
    ).to.equal(held.body.totalCents);
    const overlapping = [...seasons, { ...seasons[0], name: 'Otra' }];
    expect((await desk.call('PUT', '/accommodations/3/seasons', { seasons: overlapping })).body).to.include({
      code: 'seasons_overlap',
    });
    expect((await desk.call('PATCH', '/accommodations/3', { name: 'Casa Ñire' })).body).to.include({
      status: 409,
      code: 'name_taken',
    });
    expect((await desk.call('PATCH', '/accommodations/99', { name: 'x' })).body).to.include({
      code: 'accommodation_not_found',
    });
    expect((await desk.call<Accommodation>('GET', '/accommodations/3')).body.name).to.equal(unit.name);
  });

  it('adds a unit, and lets one go without losing its history', async () => {
    const made = await desk.call<Accommodation>('POST', '/accommodations', {
      name: 'Domo',
      capacity: 2,
      includedGuests: 2,
      basePriceCents: 5_000_000,
    });
    expect(made.status).to.equal(201);
    expect(
      (await desk.call('POST', '/accommodations', { name: 'Domo', capacity: 2, includedGuests: 2, basePriceCents: 1 }))
        .body,
    ).to.include({ code: 'name_taken' });
    await desk.call('PATCH', `/accommodations/${made.body.id}`, { isActive: false });
    const list = async (query = '') =>
      (await desk.call<{ items: Accommodation[] }>('GET', `/accommodations${query}`)).body.items.map(
        ({ name }) => name,
      );
    expect(await list()).not.to.include('Domo');
    expect(await list('?all=true')).to.include('Domo');
    const stay = { accommodationId: made.body.id, checkIn: inDays(30), checkOut: inDays(31), guests: 2 };
    expect((await desk.call('POST', '/reservations', stay)).body).to.include({ code: 'accommodation_not_found' });
  });

  it('keeps notices until they are done', async () => {
    await desk.records.database.query(
      `INSERT INTO owner_notices (type, data) VALUES ('guest_wants_person', '{"reason":"asked"}')`,
    );
    type Notices = { items: { id: string; type: string; state: string; data: object }[] };
    const kept = (await desk.call<Notices>('GET', '/notices?state=kept&type=guest_wants_person')).body.items;
    expect(kept).to.have.length(1);
    expect((await desk.call('POST', `/notices/${kept[0]!.id}/done`)).body).to.deep.equal({
      id: kept[0]!.id,
      state: 'done',
    });
    expect((await desk.call<Notices>('GET', '/notices?state=kept&type=guest_wants_person')).body.items).to.deep.equal(
      [],
    );
    expect(
      (await desk.call<Notices>('GET', '/notices?state=done,told&type=guest_wants_person')).body.items,
    ).to.have.length(1);
    expect((await desk.call('POST', '/notices/999999/done')).body).to.include({ code: 'notice_not_found' });
  });
});
