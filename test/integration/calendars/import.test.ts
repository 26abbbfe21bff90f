import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { importIfStale } from '#shared/domain/calendars/import-feed.ts';
import { serveExport } from '#shared/domain/calendars/serve-export.ts';
import { findOccupancyFaults } from '../../support/records.ts';
import { days, findBlockFaults, openCalendarHouse, unit, type CalendarHouse } from './calendar-house.ts';

describe('importFeed', () => {
  let house: CalendarHouse;
  beforeEach(async () => {
    house = await openCalendarHouse();
  });
  afterEach(async () => {
    expect(await findBlockFaults(house)).to.deep.equal([]);
    expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    await house.close();
  });

  it('blocks what a platform sold, moves it, and frees it when it is believably gone', async () => {
    await house.addFeed('airbnb');
    const airbnb = house.platforms.get('airbnb');
    const booking = airbnb.book(days(10, 14))!;
    airbnb.book(days(40, 44));
    airbnb.book(days(50, 54));
    await house.import('airbnb');
    expect(await house.occupied()).to.deep.equal(['block 10-14', 'block 40-44', 'block 50-54']);
    expect(await house.hold(days(13, 15))).to.equal(undefined);
    airbnb.move(booking.id, days(11, 16));
    await house.import('airbnb');
    expect(await house.occupied()).to.include('block 11-16');
    airbnb.cancel(booking.id);
    await house.import('airbnb');
    expect(await house.occupied()).to.include('block 11-16');
    await house.wait(15);
    expect((await house.import('airbnb')).outcomes).to.deep.equal({ freed: 1 });
    expect(house.platforms.served('airbnb').notModified, 'the second fetch was a 304').to.equal(1);
    expect(await house.occupied()).to.deep.equal(['block 40-44', 'block 50-54']);
    await house.hold(days(13, 15));
  });

  it('writes no row but its own when nothing has changed', async () => {
    await house.addFeed('booking');
    house.platforms.get('booking').book(days(10, 14));
    house.platforms.get('booking').book(days(20, 24));
    await house.import('booking');
    const versions = () =>
      house.database.query(
        `SELECT 'event' AS t, id, xmin::text FROM calendar_events UNION ALL SELECT 'occupancy', id, xmin::text FROM occupancies ORDER BY 1, 2`,
      );
    const before = await versions();
    await house.database.query('UPDATE calendar_feeds SET etag = NULL');
    expect((await house.import('booking')).type).to.equal('unchanged');
    expect((await house.import('booking')).type).to.equal('unchanged');
    expect(await versions()).to.deep.equal(before);
  });

  it('expires a hold under a foreign stay, closes its link and tells its guest', async () => {
    const { buildGuest } = await import('../../support/records.ts');
    const guest = await buildGuest(house);
    await house.addFeed('booking');
    const held = await house.hold(days(10, 14), { contactId: guest.contactId });
    house.platforms.get('booking').book(days(12, 16));
    await house.import('booking');
    const [row] = await house.database.query('SELECT status FROM reservations WHERE id = $1', [held!.id]);
    expect(row.status).to.equal('expired');
    expect(await house.occupied()).to.deep.equal(['block 12-16']);
    const [link] = await house.database.query('SELECT state FROM payment_links');
    expect(link.state).to.equal('closed');
    const told = await house.database.query('SELECT purpose, payload FROM outbound_messages');
    expect(told).to.have.length(1);
    expect(told[0].purpose).to.equal('hold_expired');
    const [event] = await house.database.query(`SELECT data FROM reservation_events WHERE type = 'expired'`);
    expect(event.data).to.include({ reason: 'sold_elsewhere' });
  });

  it("leaves a hold alone under what the platform's owner closed", async () => {
    await house.addFeed('airbnb');
    const held = await house.hold(days(10, 14));
    house.platforms.get('airbnb').close(days(12, 16));
    await house.import('airbnb');
    expect(await house.occupied()).to.deep.equal(['reservation 10-14', 'block 14-16']);
    await house.cancel(held!.id);
    expect(await house.occupied()).to.deep.equal(['block 12-16']);
  });

  it('records a foreign stay over a confirmed one, blocks the rest and opens one case with moves', async () => {
    await house.addFeed('airbnb');
    const confirmed = await house.confirm(days(10, 14));
    house.platforms.get('airbnb').book(days(12, 16));
    expect((await house.import('airbnb')).conflicts).to.equal(1);
    await house.database.query('UPDATE calendar_feeds SET etag = NULL');
    await house.import('airbnb');
    expect(await house.occupied()).to.deep.equal(['reservation 10-14', 'block 14-16']);
    const notices = (await house.notices()).filter(({ type }) => type === 'calendar_conflict');
    expect(notices).to.have.length(1);
    expect(notices[0]!.data).to.deep.include({ code: confirmed.code, channel: 'airbnb', foreignNights: days(12, 16) });
    expect(notices[0]!.data['moves']).to.be.an('array').with.length.above(0);
  });

  it('our stay under a recorded foreign stay is cancelled: its nights go to the foreign one and the case is closed', async () => {
    await house.addFeed('airbnb');
    const confirmed = await house.confirm(days(10, 14));
    house.platforms.get('airbnb').book(days(12, 16));
    await house.import('airbnb');
    await house.cancel(confirmed.id);
    expect(await house.occupied()).to.deep.equal(['block 12-16']);
    expect(await house.hold(days(13, 14))).to.equal(undefined);
    const [row] = await house.database.query('SELECT state, resolution FROM calendar_conflicts');
    expect(row).to.deep.equal({ state: 'resolved', resolution: 'overlap_ended' });
  });

  it('our 10–14 is cancelled and Booking.com sells 10–14', async () => {
    await house.addFeed('booking');
    const booking = house.platforms.get('booking');
    const stay = await house.confirm(days(10, 14));
    await house.wait(60);
    const text = await house.inTransaction(async (stores) => {
      const of = await stores.calendars.getExport(unit, 'booking');
      const link = house.desk.makeLink(of);
      const token = link.slice(link.lastIndexOf('/') + 1, -'.ics'.length);
      return (await serveExport(token, { isFetch: true }, stores, house.desk))!;
    });
    booking.import('posada', text);
    expect((await house.import('booking')).outcomes).to.deep.equal({ echo: 1 });
    expect((await house.notices()).map(({ type }) => type)).to.not.include('calendar_conflict');
    await house.cancel(stay.id);
    expect(await house.occupied(), 'the echo takes nothing').to.deep.equal([]);
    booking.import('posada', house.desk.write('Lenga', []));
    expect(booking.book(days(10, 14))).to.not.equal(undefined);
    await house.import('booking');
    expect(await house.occupied()).to.deep.equal(['block 10-14']);
    expect(await house.hold(days(10, 12))).to.equal(undefined);
  });

  it('applies a fetch only if it began after the last applied one', async () => {
    const id = await house.addFeed('airbnb');
    house.platforms.get('airbnb').book(days(10, 14));
    house.platforms.setFault('airbnb', { type: 'slow', ms: 600 });
    const deps = { inTransaction: house.inTransaction, calendars: house.desk };
    const slow = house.import('airbnb');
    await new Promise((resolve) => setTimeout(resolve, 200));
    house.platforms.setFault('airbnb', null);
    house.platforms.get('airbnb').book(days(20, 24));
    expect((await importIfStale(unit, deps, AbortSignal.timeout(5_000))).imported).to.deep.equal([id]);
    expect((await slow).type).to.equal('late');
    expect(await house.occupied()).to.deep.equal(['block 10-14', 'block 20-24']);
  });

  it('agrees with a guest who takes the same nights at the same moment, whoever comes first', async () => {
    await house.addFeed('airbnb');
    const ends = new Set<string>();
    const rounds = 12;
    for (let round = 0; round <= rounds; round += 1) {
      const stay = days(200 + round * 4, 203 + round * 4);
      house.platforms.get('airbnb').book(stay);
      const importing = house.import('airbnb');
      // The fetch takes some milliseconds: the guest comes before it ends, when it ends, and in the last round after it.
      const turn: Promise<unknown> = round < rounds ? delay(round * 3) : importing;
      const taking = turn.then(() => house.confirm(stay));
      const [imported, taken] = await Promise.allSettled([importing, taking]);
      expect(imported.status).to.equal('fulfilled');
      const [reservation] = await house.database.query(
        'SELECT status FROM reservations WHERE check_in = $1 AND accommodation_id = $2',
        [stay.checkIn, unit],
      );
      const live = ['confirmed', 'held'].includes(reservation?.status);
      expect(live, JSON.stringify(reservation)).to.equal(taken.status === 'fulfilled');
      const cases = await house.database.query(
        `SELECT 1 FROM calendar_conflicts c JOIN reservations r ON r.id = c.reservation_id WHERE r.check_in = $1`,
        [stay.checkIn],
      );
      expect(cases, 'sold twice is a case').to.have.length(live ? 1 : 0);
      expect(await findBlockFaults(house)).to.deep.equal([]);
      ends.add(reservation?.status ?? 'refused');
    }
    expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    expect(ends).to.include('refused');
  });

  it('fetches a feed once at a time', async () => {
    const id = await house.addFeed('airbnb');
    house.platforms.setFault('airbnb', { type: 'slow', ms: 300 });
    const { importFeed } = await import('#shared/domain/calendars/import-feed.ts');
    const deps = { inTransaction: house.inTransaction, calendars: house.desk };
    const results = await Promise.all([1, 2, 3].map(() => importFeed(id, deps, AbortSignal.timeout(5_000))));
    expect(results.filter((result) => result !== undefined)).to.have.length(1);
    expect(house.platforms.served('airbnb').asked).to.equal(1);
  });

  it('keeps everything in quarantine until it is accepted, and tells the owner once', async () => {
    const id = await house.addFeed('booking');
    const booking = house.platforms.get('booking');
    for (const start of [10, 20, 30]) booking.book(days(start, start + 3));
    await house.import('booking');
    house.platforms.setFault('booking', { type: 'no_events' });
    for (let i = 0; i < 4; i += 1) {
      await house.wait(60);
      await house.import('booking');
    }
    expect(await house.occupied()).to.have.length(3);
    const notices = (await house.notices()).filter(({ type }) => type === 'calendar_quarantine');
    expect(notices.map(({ data }) => data['missing'])).to.deep.equal([3]);
    const { acceptQuarantine } = await import('#shared/domain/calendars/feeds.ts');
    expect(await house.inTransaction((stores) => acceptQuarantine(id, stores))).to.deep.equal({ freed: 3 });
    expect(await house.occupied()).to.deep.equal([]);
  });

  it('believes a quarantine by itself after 24 hours', async () => {
    await house.addFeed('booking');
    for (const start of [10, 20, 30]) house.platforms.get('booking').book(days(start, start + 3));
    await house.import('booking');
    house.platforms.setFault('booking', { type: 'no_events' });
    await house.import('booking');
    await house.wait(24 * 60 - 5);
    await house.import('booking');
    expect(await house.occupied()).to.have.length(3);
    await house.wait(6);
    await house.import('booking');
    expect(await house.occupied()).to.deep.equal([]);
  });

  it('counts what happened to events, and nothing of a person is kept', async () => {
    await house.addFeed('vrbo');
    house.platforms.get('vrbo').book(days(10, 14), 'Federica Canario');
    await house.import('vrbo');
    expect((await house.feedRow('vrbo'))['outcomes']).to.deep.equal({ added: 1 });
    const dump = JSON.stringify(await house.database.query('SELECT * FROM calendar_events'));
    expect(dump).to.not.include('Canario');
    const row = JSON.stringify(await house.feedRow('vrbo'));
    expect(row).to.not.include('vrbo.ics');
  });
});
