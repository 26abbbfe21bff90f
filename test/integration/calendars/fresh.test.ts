import { expect } from 'chai';
import { addFeed } from '#shared/domain/calendars/feeds.ts';
import { createPlatformsSimulator, type PlatformsSimulator } from '#shared/integrations/icalendar/simulator.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { bookUpToLink, createPhone, openHouse, type House } from '../../support/house.ts';
import { inDays } from '../../support/records.ts';
import { days } from './calendar-house.ts';

describeOnBothBackends('calendars and guests', (backend) => {
  let house: House;
  let platforms: PlatformsSimulator;
  const unit = 1;

  before(async () => {
    platforms = createPlatformsSimulator({
      platforms: [
        { name: 'airbnb', style: 'airbnb', reexports: true },
        { name: 'booking', style: 'booking', reexports: true },
      ],
      today: () => inDays(0),
    });
    await platforms.listen();
    house = await openHouse(backend, { variables: { ALLOW_PRIVATE_FEEDS: 'true' } });
  });
  after(async () => {
    await house.close();
    await platforms.close();
  });

  const inTransaction = () => house.workers!.deps.inTransaction;
  const feedRow = async (channel: string) => {
    const [row] = await house.database.query('SELECT * FROM calendar_feeds WHERE channel = $1', [channel]);
    return row as Record<string, unknown>;
  };
  const age = (minutes: number) =>
    house.database.query('UPDATE calendar_feeds SET last_good_at = last_good_at - make_interval(mins => $1)', [
      minutes,
    ]);
  const dateWords = (offset: number) => inDays(offset).split('-').toReversed().join('/');

  it('imports a feed as soon as it is added, and by the sweep when it is due', async () => {
    platforms.get('airbnb').book(days(40, 44));
    const { calendars } = house.workers!.deps;
    await inTransaction()((stores) =>
      addFeed({ accommodationId: unit, channel: 'airbnb', url: platforms.feedUrl('airbnb') }, stores, calendars),
    );
    await eventually(async () => expect((await feedRow('airbnb'))['last_good_at']).to.not.equal(null));
    const { sweepDueFeeds } = await import('../../../workers/calendars/sweep-due-feeds.ts');
    platforms.get('airbnb').book(days(50, 54));
    await eventually(
      async () => {
        // Again, since one that is being fetched just now (by the workers' own first sweep) is not handed out.
        await house.database.query('UPDATE calendar_feeds SET next_fetch_at = now()');
        await sweepDueFeeds({}, house.workers!.deps);
        const rows = await house.database.query(`SELECT 1 FROM occupancies WHERE kind = 'block'`);
        expect(rows).to.have.length(2);
      },
      { timeoutMs: 20_000, intervalMs: 500 },
    );
    await eventually(async () => {
      const next = new Date((await feedRow('airbnb'))['next_fetch_at'] as string).getTime() - Date.now();
      expect(next / 60_000).to.be.within(13, 17);
    });
  });

  it('hears what a platform sold before a guest can confirm it', async () => {
    await age(6);
    const phone = createPhone(house);
    await phone.say(`Hola, quiero la cabaña Lenga del ${dateWords(20)} al ${dateWords(22)} para 2 personas`);
    await phone.waitFor(/[Ss]eña/);
    await eventually(async () => {
      const row = await feedRow('airbnb');
      expect(Date.now() - new Date(row['last_good_at'] as string).getTime(), 'nudged by the summary').to.be.below(
        60_000,
      );
    });
    await age(6);
    platforms.get('airbnb').book(days(21, 23));
    await phone.tap(/Confirmar/);
    await phone.waitFor(/ya no|ocup|tom/i);
    expect(await house.database.query('SELECT 1 FROM reservations')).to.have.length(0);
  });

  it('goes on when a feed cannot be reached, and says so to the owner', async () => {
    platforms.setFault('airbnb', { type: 'slow', ms: 30_000 });
    await age(6);
    const phone = createPhone(house);
    await bookUpToLink(phone, `Hola, busco cabaña del ${dateWords(30)} al ${dateWords(32)} para 2 personas`, /Lenga/);
    const [{ count }] = await house.database.query(
      `SELECT count(*)::int FROM owner_notices WHERE type = 'calendar_unreachable'`,
    );
    expect(count).to.equal(1);
    platforms.setFault('airbnb', null);
  });

  it('hears what a platform sold before money settles a hold', async () => {
    const phone = createPhone(house);
    const preference = await bookUpToLink(
      phone,
      `Hola, busco cabaña del ${dateWords(60)} al ${dateWords(62)} para 2 personas`,
      /Lenga/,
    );
    await age(6);
    platforms.get('airbnb').book(days(61, 63));
    await house.mercadopago.pay(preference, { status: 'approved' });
    await phone.waitFor(/se vendió|otro canal|ya no|ocup|tom|dispon/i);
    const [row] = await house.database.query('SELECT status FROM reservations ORDER BY created_at DESC LIMIT 1');
    expect(row.status).to.equal('expired');
  });
});
