import { expect } from 'chai';
import { addFeed } from '#shared/domain/calendars/feeds.ts';
import { getExportLink } from '#shared/domain/calendars/serve-export.ts';
import { blockNights, unblockNights } from '#shared/domain/calendars/blocks.ts';
import { readCalendar } from '#shared/integrations/icalendar/read-calendar.ts';
import type { FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import { openHouse, type House } from '../../support/house.ts';
import { days } from './calendar-house.ts';

describe('GET /calendars/:token.ics', () => {
  let house: House;
  const unit = 1;
  before(async () => {
    house = await openHouse('postgres', { variables: { ALLOW_PRIVATE_FEEDS: 'true' } });
  });
  after(() => house.close());

  const deps = () => house.workers!.deps;
  const linkFor = (channel: FeedChannel, more: { revoke?: boolean; includesHolds?: boolean } = {}) =>
    deps().inTransaction((stores) =>
      getExportLink({ accommodationId: unit, channel, ...more }, stores, deps().calendars),
    );
  const block = (from: number, to: number) =>
    deps().inTransaction((stores) =>
      blockNights({ accommodationId: unit, nights: days(from, to), reason: 'Pintura, secreto' }, stores),
    );
  const nightsAt = async (url: string) => {
    const text = await (await fetch(url)).text();
    return readCalendar(text, { timeZone: 'UTC' }).events.map(({ checkIn, checkOut }) => `${checkIn}/${checkOut}`);
  };
  const spanOf = (from: number, to: number) => `${days(from, to).checkIn}/${days(from, to).checkOut}`;

  it('is RFC 5545: CRLF, at most 75 octets a line, whole days, no words of ours', async () => {
    await block(10, 14);
    const { url } = await linkFor('airbnb');
    const response = await fetch(url);
    expect(response.headers.get('content-type')).to.equal('text/calendar; charset=utf-8');
    const text = await response.text();
    expect(text.replaceAll('\r\n', '')).to.not.match(/[\r\n]/);
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line), line).to.be.at.most(75);
    expect(text).to.include(`DTSTART;VALUE=DATE:${days(10, 14).checkIn.replaceAll('-', '')}`);
    expect(text).to.not.include('secreto');
    expect(text).to.not.match(/SUMMARY:Reserved/);
  });

  it('has the same bytes and a strong ETag while nothing changes, and 304 for whoever knows it', async () => {
    const { url } = await linkFor('airbnb');
    const [first, second] = [await fetch(url), await fetch(url)];
    const etag = first.headers.get('etag')!;
    expect(etag).to.match(/^"[\w-]+"$/);
    expect(second.headers.get('etag')).to.equal(etag);
    expect(await first.text()).to.equal(await second.text());
    const again = await fetch(url, { headers: { 'if-none-match': etag } });
    expect(again.status).to.equal(304);
    const { block: added } = await block(20, 22);
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).to.equal(200);
    await deps().inTransaction((stores) => unblockNights(added.id, stores));
    expect((await fetch(url)).headers.get('etag')).to.equal(etag);
  });

  it('is 404 for a wrong, a revoked and another unit’s token', async () => {
    const old = await linkFor('vrbo');
    expect((await fetch(old.url)).status).to.equal(200);
    const renewed = await linkFor('vrbo', { revoke: true });
    expect(renewed.version).to.equal(2);
    expect((await fetch(old.url)).status).to.equal(404);
    expect((await fetch(renewed.url)).status).to.equal(200);
    for (const wrong of [
      renewed.url.replace('/1-vrbo', '/2-vrbo'),
      renewed.url.replace('-vrbo-', '-airbnb-'),
      `${house.url}/calendars/x.ics`,
      `${house.url}/calendars/1-vrbo-${'A'.repeat(43)}.ics`,
      `${house.url}/calendars/.ics`,
    ])
      expect((await fetch(wrong)).status, wrong).to.equal(404);
    expect((await fetch((await linkFor('airbnb')).url)).status, 'the others stay').to.equal(200);
  });

  it('leaves out what came from the channel, and tells it what the others sold', async () => {
    const feedId = await deps().inTransaction(async (stores) => {
      const { id } = await addFeed(
        { accommodationId: unit, channel: 'booking', url: `${house.url}/nothing.ics` },
        stores,
        deps().calendars,
      );
      const feed = (await stores.calendars.findFeed(id))!;
      const seen = {
        uid: 'b',
        code: null,
        occurrence: null,
        kind: 'closed' as const,
        nights: days(30, 33),
        isEcho: false,
        suspectSince: null,
      };
      await stores.calendars.applyChanges(
        feed,
        { added: [seen], changed: [], quarantine: null, newlyQuarantined: 0, outcomes: {} },
        stores.now,
      );
      return id;
    });
    expect(feedId).to.be.a('number');
    expect(await nightsAt((await linkFor('airbnb')).url)).to.include(spanOf(30, 33));
    expect(await nightsAt((await linkFor('booking')).url)).to.not.include(spanOf(30, 33));
  });

  it('tells of live holds only the channel that asks for them', async () => {
    const { holdStay } = await import('#shared/domain/reservations/hold-stay.ts');
    await deps().inTransaction(async (stores) => {
      const accommodation = await stores.lodging.getAccommodation(unit);
      const request = {
        accommodation,
        contactId: null,
        channel: 'api' as const,
        actor: 'operator' as const,
        ...days(50, 52),
        adults: 2,
        children: 0,
      };
      return holdStay(request, stores, deps().courtesy);
    });
    expect(await nightsAt((await linkFor('google')).url)).to.not.include(spanOf(50, 52));
    expect(await nightsAt((await linkFor('google', { includesHolds: true })).url)).to.include(spanOf(50, 52));
  });

  it('remembers what the channel read, a HEAD not', async () => {
    const { url } = await linkFor('other');
    await fetch(url, { method: 'HEAD' });
    const served = async () =>
      (await house.database.query(`SELECT served_nights FROM calendar_exports WHERE channel = 'other'`))[0]
        ?.served_nights;
    expect(await served()).to.equal(undefined);
    await fetch(url);
    expect(await served()).to.deep.include([days(10, 14).checkIn, days(10, 14).checkOut]);
  });

  it('shows in health and metrics how old the feeds are', async () => {
    await house.database.query(`UPDATE calendar_feeds SET last_good_at = now() - interval '31 minutes'`);
    const report = (await (await fetch(`${house.url}/healthz`)).json()) as {
      status: string;
      checks: Record<string, { status: string }>;
    };
    expect(report.checks['ical']?.status).to.equal('degraded');
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    expect(metrics).to.match(/calendar_sync_age_seconds\{accommodation="[^"]+",channel="booking"\} 18\d\d/);
    expect(metrics).to.include('calendar_conflicts_open 0');
  });
});
