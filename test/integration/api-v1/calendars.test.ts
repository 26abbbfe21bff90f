import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { inDays, findOccupancyFaults } from '../../support/records.ts';
import { track } from '../../support/track.ts';
import { openTestDesk, type TestDesk } from './open-desk.ts';

type Feed = { id: number; url: string; state: string; failure: string | null };
type Move = { accommodation: { id: number }; checkIn: string; differenceCents: number };
type Reservation = { code: string; status: string; totalCents: number; checkIn: string; accommodation: { id: number } };

describe('calendars through the API', () => {
  let desk: TestDesk;
  let platform: Server;
  let bookings: [from: number, to: number][] = [];
  let feedUrl: string;
  before(async function () {
    this.timeout(60_000);
    desk = await openTestDesk({ env: { ALLOW_PRIVATE_FEEDS: 'true' } });
    platform = createServer((_request, response) => {
      response.setHeader('content-type', 'text/calendar');
      response.end(toCalendar(bookings));
    });
    platform.listen(0, '127.0.0.1');
    await once(platform, 'listening');
    track(platform, 'platform');
    feedUrl = `http://127.0.0.1:${(platform.address() as AddressInfo).port}/calendar.ics?s=secreto-del-feed`;
  });
  after(async () => {
    expect(await findOccupancyFaults(desk.records.database)).to.deep.equal([]);
    platform.close();
    await desk.close();
  });

  const hold = async (from: number, to: number, accommodationId = 1) =>
    desk.call<Reservation>('POST', '/reservations', {
      accommodationId,
      checkIn: inDays(from),
      checkOut: inDays(to),
      guests: 2,
    });
  const act = <T>(code: string, verb: string, body: object = {}) =>
    desk.call<T>('POST', `/reservations/${code}/${verb}`, body);

  it('adds, shows, pauses, syncs and forgets a feed, its address never told', async () => {
    bookings = [[60, 63]];
    const added = await desk.call<Feed>('POST', '/feeds', { accommodationId: 1, channel: 'booking', url: feedUrl });
    expect(added.status, added.text).to.equal(201);
    expect(added.body.state).to.equal('new');
    expect(
      (await desk.call('POST', '/feeds', { accommodationId: 1, channel: 'booking', url: feedUrl })).body,
    ).to.include({ status: 409, code: 'feed_exists' });
    const synced = await desk.call<{ result: string; feed: Feed }>('POST', `/feeds/${added.body.id}/sync`);
    expect(synced.body, synced.text).to.include({ result: 'imported' });
    expect((await hold(61, 62)).body).to.include({ code: 'stay_unavailable' });
    const calendar = await desk.call<{ units: { spans: { kind: string; from: string; to: string }[] }[] }>(
      'GET',
      `/calendar?from=${inDays(50)}&to=${inDays(70)}`,
    );
    expect(calendar.body.units[0]!.spans).to.deep.include.members([
      { ...calendar.body.units[0]!.spans[0]!, kind: 'foreign', from: inDays(60), to: inDays(63) },
    ]);
    const list = await desk.call<{ items: Feed[] }>('GET', '/feeds');
    expect(list.body.items).to.have.length(1);
    for (const { text } of [added, synced, list]) expect(text).not.to.contain('secreto');
    expect((await desk.call<Feed>('PATCH', `/feeds/${added.body.id}`, { isPaused: true })).body.state).to.equal(
      'paused',
    );
    expect((await desk.call('POST', `/feeds/${added.body.id}/accept-quarantine`)).body).to.include({
      code: 'invalid_state',
    });
    const removed = await desk.call('DELETE', `/feeds/${added.body.id}`);
    expect([removed.status, removed.text]).to.deep.equal([204, '']);
    expect((await desk.call('POST', `/feeds/${added.body.id}/sync`)).body).to.include({ code: 'feed_not_found' });
    expect((await hold(61, 62)).status).to.equal(201);
  });

  it('refuses addresses that no platform has', async () => {
    for (const url of [
      'ftp://example.com/x.ics',
      'javascript:alert(1)',
      'http://user:pass@example.com/x.ics',
      'file:///etc/passwd',
      'no address',
      'http://',
    ]) {
      const answer = await desk.call('POST', '/feeds', { accommodationId: 2, channel: 'airbnb', url });
      expect([answer.status, answer.body['code']], url).to.deep.equal([422, 'invalid_feed_url']);
      expect(answer.text).not.to.contain(url);
    }
  });

  it('gives a link per unit and channel, and ends it', async () => {
    type Export = { url: string; channel: string; version: number };
    const { body } = await desk.call<{ items: Export[] }>('GET', '/exports?accommodationId=1');
    expect(new Set(body.items.map(({ url }) => url)).size).to.equal(body.items.length);
    const airbnb = body.items.find(({ channel }) => channel === 'airbnb')!;
    expect(airbnb.url).to.match(/\/calendars\/\S+\.ics$/);
    const changed = await desk.call<Export>('PATCH', '/exports', {
      accommodationId: 1,
      channel: 'airbnb',
      isRevoked: true,
    });
    expect(changed.body.version).to.equal(airbnb.version + 1);
    expect(changed.body.url).not.to.equal(airbnb.url);
  });

  it('takes nights by hand and gives them back; stays on them are named and stay', async () => {
    const { code } = (await hold(101, 103)).body;
    type Block = { id: string; codesOnThem: string[] };
    const made = await desk.call<Block>('POST', '/blocks', {
      accommodationId: 1,
      from: inDays(100),
      to: inDays(105),
      reason: 'pintura',
    });
    expect([made.status, made.body.codesOnThem], made.text).to.deep.equal([201, [code]]);
    expect((await hold(103, 105)).body).to.include({ code: 'stay_unavailable' });
    expect(
      (await desk.call<{ items: { reason: string }[] }>('GET', '/blocks')).body.items.map(({ reason }) => reason),
    ).to.deep.equal(['pintura']);
    expect(
      (await desk.call('POST', '/blocks', { accommodationId: 1, from: inDays(9), to: inDays(9) })).body,
    ).to.include({ code: 'invalid_dates' });
    expect((await desk.call('DELETE', `/blocks/${made.body.id}`)).status).to.equal(204);
    expect((await desk.call('DELETE', `/blocks/${made.body.id}`)).body).to.include({ code: 'block_not_found' });
    expect((await hold(103, 105)).status).to.equal(201);
  });

  it('moves a stay, says the difference, and never onto somebody else', async () => {
    const { code, totalCents } = (await hold(120, 122)).body;
    await hold(130, 132);
    const { items } = (await desk.call<{ items: Move[] }>('GET', `/reservations/${code}/moves`)).body;
    expect(items.length).to.be.at.least(2);
    expect((await act(code, 'move', { checkIn: inDays(131), checkOut: inDays(133) })).body).to.include({
      code: 'stay_unavailable',
    });
    expect((await act(code, 'move', {})).status).to.equal(400);
    const moved = await act<Reservation & { differenceCents: number }>(code, 'move', { accommodationId: 4 });
    expect(moved.body, moved.text).to.deep.include({ accommodation: { id: 4, name: 'Casa Ñire' } });
    expect(moved.body.differenceCents).to.equal(moved.body.totalCents - totalCents);
    expect((await hold(120, 122)).status).to.equal(201);
    const kept = await act<Reservation>(code, 'move', {
      checkIn: inDays(140),
      checkOut: inDays(142),
      keepsPrice: true,
    });
    expect(kept.body).to.include({ totalCents: moved.body.totalCents, checkIn: inDays(140) });
  });

  it('knows what a platform sold before it takes nights: at a hold, and when an expired one is confirmed', async () => {
    bookings = [];
    await desk.call('POST', '/feeds', { accommodationId: 3, channel: 'airbnb', url: feedUrl });
    const expired = (await hold(160, 162, 3)).body;
    await desk.records.database.query(
      `UPDATE reservations SET status = 'expired', expired_at = now() WHERE code = $1`,
      [expired.code],
    );
    await desk.records.database.query(
      'DELETE FROM occupancies WHERE reservation_id = (SELECT id FROM reservations WHERE code = $1)',
      [expired.code],
    );
    bookings = [
      [160, 163],
      [170, 172],
    ];
    const age = () =>
      desk.records.database.query(`UPDATE calendar_feeds SET last_good_at = now() - interval '10 minutes'`);
    await age();
    expect((await hold(170, 171, 3)).body).to.include({ code: 'stay_unavailable' });
    await age();
    expect((await act(expired.code, 'confirm')).body).to.include({ code: 'stay_unavailable' });
  });

  it('shows two sales of the same nights with where ours could go, until somebody has dealt with it', async () => {
    bookings = [];
    const { code } = (await hold(190, 193, 3)).body;
    await act(code, 'confirm');
    bookings = [[191, 194]];
    const [feed] = (await desk.call<{ items: Feed[] }>('GET', '/feeds?accommodationId=3')).body.items;
    await desk.records.database.query(`UPDATE calendar_feeds SET last_good_at = now() - interval '10 minutes'`);
    const synced = await desk.call<{ result: string }>('POST', `/feeds/${feed!.id}/sync`);
    expect(synced.body.result, synced.text).to.equal('imported');
    type Conflict = { id: string; reservationCode: string; foreignFrom: string; moves: Move[]; state: string };
    const { items } = (await desk.call<{ items: Conflict[] }>('GET', '/conflicts')).body;
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ reservationCode: code, foreignFrom: inDays(191), state: 'open' });
    expect(items[0]!.moves.length).to.be.greaterThan(0);
    expect(
      (await desk.call('POST', `/conflicts/${items[0]!.id}/resolve`, { resolution: 'llamé a Airbnb' })).status,
    ).to.equal(200);
    expect((await desk.call<{ items: Conflict[] }>('GET', '/conflicts')).body.items).to.deep.equal([]);
    expect((await desk.call<{ items: Conflict[] }>('GET', '/conflicts?state=all')).body.items).to.have.length(1);
    expect((await desk.call('POST', `/conflicts/${items[0]!.id}/resolve`)).body).to.include({
      code: 'conflict_not_found',
    });
  });
});

function toCalendar(stays: readonly [number, number][]): string {
  const plain = (days: number): string => inDays(days).replaceAll('-', '');
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Platform//EN',
    ...stays.flatMap(([from, to]) => [
      'BEGIN:VEVENT',
      `UID:${from}-${to}@platform`,
      'DTSTAMP:20260101T000000Z',
      `DTSTART;VALUE=DATE:${plain(from)}`,
      `DTEND;VALUE=DATE:${plain(to)}`,
      'SUMMARY:Reserved',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}
