import { expect } from 'chai';
import type { FeedFault } from '#shared/integrations/icalendar/simulator.ts';
import { days, findBlockFaults, openCalendarHouse, type CalendarHouse } from './calendar-house.ts';

describe('a feed that misbehaves', () => {
  let house: CalendarHouse;
  before(async () => {
    house = await openCalendarHouse();
    await house.addFeed('airbnb');
    await house.addFeed('booking');
    for (const start of [10, 20, 30]) house.platforms.get('airbnb').book(days(start, start + 3));
    house.platforms.get('booking').book(days(40, 43));
    await house.import('airbnb');
    await house.import('booking');
  });
  afterEach(() => house.platforms.setFault('airbnb', null));
  after(() => house.close());

  const faults: [string, FeedFault, string][] = [
    ['answers 403', { type: 'status', status: 403 }, 'http_403'],
    ['answers 500', { type: 'status', status: 500 }, 'http_500'],
    ['answers with a web page', { type: 'html' }, 'html'],
    ['answers with nothing', { type: 'empty' }, 'empty'],
    ['is cut in the middle', { type: 'half' }, 'truncated'],
    ['hangs up', { type: 'hang_up' }, 'unreachable'],
    ['is a gzip bomb', { type: 'gzip_bomb' }, 'too_large'],
    [
      'redirects to the metadata service',
      { type: 'redirect', to: 'http://169.254.169.254/latest/meta-data/' },
      'refused_address',
    ],
    [
      'redirects to a mapped loopback address',
      { type: 'redirect', to: 'http://[::ffff:127.0.0.1]:80/x.ics' },
      'refused_address',
    ],
    ['redirects for ever', { type: 'redirect_loop' }, 'too_many_redirects'],
    ['is slow', { type: 'slow', ms: 60_000 }, 'timeout'],
    ['never ends', { type: 'endless' }, 'timeout'],
  ];
  for (const [title, fault, reason] of faults) {
    it(`that ${title} frees nothing, says why, and delays nobody`, async function () {
      this.timeout(40_000);
      house.platforms.setFault('airbnb', fault);
      const before = (await house.feedRow('airbnb'))['last_good_at'];
      await house.wait(30);
      const [result] = await Promise.all([house.import('airbnb'), house.import('booking')]);
      expect(result).to.include({ type: 'failed', reason });
      const row = await house.feedRow('airbnb');
      expect(row).to.include({ failure: reason });
      expect(new Date(row['last_good_at'] as string).getTime()).to.be.at.most(new Date(before as string).getTime());
      expect(await house.occupied()).to.deep.equal(['block 10-13', 'block 20-23', 'block 30-33', 'block 40-43']);
      expect(await house.feedRow('booking')).to.include({ failure: null, failures: 0 });
    });
  }

  it('is fetched less and less often, told to the owner once, and forgiven at the first good answer', async () => {
    await house.import('airbnb');
    await house.database.query('DELETE FROM owner_notices');
    house.platforms.setFault('airbnb', { type: 'status', status: 500 });
    const waits: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      await house.import('airbnb');
      const next = (await house.feedRow('airbnb'))['next_fetch_at'] as Date;
      waits.push(Math.round((next.getTime() - Date.now()) / 60_000));
    }
    for (const [index, minutes] of [5, 10, 20, 40, 80, 160].entries())
      expect(waits[index], String(index)).to.be.within(minutes * 0.88, minutes * 1.12);
    const notices = (await house.notices()).filter(({ type }) => type === 'calendar_unreachable');
    expect(notices.map(({ data }) => data['reason'])).to.deep.equal(['http_500']);
    house.platforms.setFault('airbnb', null);
    await house.import('airbnb');
    expect(await house.feedRow('airbnb')).to.include({ failures: 0, failure: null, failure_told_at: null });
  });

  it('waits as long as the server asks', async () => {
    house.platforms.setFault('airbnb', { type: 'status', status: 429, retryAfterS: 3_600 });
    await house.import('airbnb');
    const next = (await house.feedRow('airbnb'))['next_fetch_at'] as Date;
    expect((next.getTime() - Date.now()) / 60_000).to.be.within(58, 61);
  });

  it('of more than 5,000 events ahead is taken in part and frees nothing', async () => {
    const many = Array.from({ length: 5_100 }, (_, i) => days(100 + (i % 400), 101 + (i % 400)));
    const text = [
      'BEGIN:VCALENDAR',
      ...many.flatMap((stay, i) => [
        'BEGIN:VEVENT',
        `UID:m${i}`,
        `DTSTART;VALUE=DATE:${stay.checkIn.replaceAll('-', '')}`,
        'END:VEVENT',
      ]),
      'END:VCALENDAR',
    ].join('\r\n');
    const { applyFetch } = await import('#shared/domain/calendars/apply-fetch.ts');
    const { readCalendar } = await import('#shared/integrations/icalendar/read-calendar.ts');
    const result = await house.inTransaction(async (stores) => {
      const feed = (await stores.calendars.findFeed(house.feeds.get('airbnb')!))!;
      const fetched = {
        type: 'calendar' as const,
        reading: readCalendar(text, { timeZone: 'UTC' }),
        etag: null,
        lastModified: null,
      };
      return applyFetch(feed, fetched, stores.now, stores, house.desk);
    });
    expect(result).to.include({ type: 'failed', reason: 'too_many_events' });
    expect(await house.occupied()).to.include('block 10-13');
    expect(await findBlockFaults(house)).to.deep.equal([]);
  });
});
