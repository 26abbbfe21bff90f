import { expect } from 'chai';
import { DomainError } from '#shared/domain/errors.ts';
import { blockNights, unblockNights } from '#shared/domain/calendars/blocks.ts';
import { listConflicts, resolveConflict } from '#shared/domain/calendars/conflicts.ts';
import { addFeed, listFeeds, pauseFeed, removeFeed } from '#shared/domain/calendars/feeds.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import { decide, listDecisions } from '#shared/domain/owner-notices/decisions.ts';
import { wordsOf } from '#shared/domain/owner-notices/messages.es.ts';
import type { OwnerNotice } from '#shared/domain/owner-notices/notice.ts';
import { moveStay } from '#shared/domain/reservations/move-stay.ts';
import { sweepDueFeeds } from '../../../workers/calendars/sweep-due-feeds.ts';
import type { WorkerDeps } from '../../../workers/deps.ts';
import { buildGuest, findOccupancyFaults } from '../../support/records.ts';
import { days, findBlockFaults, openCalendarHouse, otherUnit, unit, type CalendarHouse } from './calendar-house.ts';

describe('what an owner does with calendars', () => {
  let house: CalendarHouse;
  beforeEach(async () => {
    house = await openCalendarHouse();
  });
  afterEach(async () => {
    expect(await findBlockFaults(house)).to.deep.equal([]);
    expect(await findOccupancyFaults(house.database)).to.deep.equal([]);
    await house.close();
  });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => (error instanceof DomainError ? error.code : error),
    );

  it('blocks nights; stays on them are told and keep theirs, and the block gets them when they go', async () => {
    const stay = await house.confirm(days(12, 14));
    const { block, codesOnThem } = await house.inTransaction((stores) =>
      blockNights({ accommodationId: unit, nights: days(10, 16), reason: 'works' }, stores),
    );
    expect(codesOnThem).to.deep.equal([stay.code]);
    expect(await house.occupied()).to.deep.equal(['block 10-12', 'reservation 12-14', 'block 14-16']);
    expect(await house.hold(days(15, 17))).to.equal(undefined);
    await house.cancel(stay.id);
    expect(await house.occupied()).to.deep.equal(['block 10-16']);
    await house.inTransaction((stores) => unblockNights(block.id, stores));
    expect(await house.occupied()).to.deep.equal([]);
    expect(await codeOf(house.inTransaction((stores) => unblockNights(block.id, stores)))).to.equal('block_not_found');
  });

  it('hears what is wrong with a block', async () => {
    const wrong = (from: number, to: number) =>
      codeOf(house.inTransaction((stores) => blockNights({ accommodationId: unit, nights: days(from, to) }, stores)));
    expect(await wrong(5, 5)).to.equal('invalid_dates');
    expect(await wrong(-9, -5)).to.equal('date_in_past');
    expect(await wrong(5, 900)).to.equal('stay_too_long');
    expect(await wrong(600, 603)).to.equal('too_far_ahead');
  });

  it('moves a stay to another unit: the case ends, the price difference is said, the guest is told', async () => {
    const { contactId } = await buildGuest(house);
    await house.addFeed('airbnb');
    const stay = await house.confirm(days(10, 14), { contactId });
    house.platforms.get('airbnb').book(days(12, 16));
    await house.import('airbnb');
    const [conflict] = await house.inTransaction((stores) => listConflicts(stores));
    expect(conflict).to.deep.include({ code: stay.code, channel: 'airbnb', state: 'open' });
    const target = conflict!.moves.find(({ accommodationId }) => accommodationId === otherUnit)!;
    const moved = await house.inTransaction((stores) =>
      moveStay({ id: stay.id, accommodationId: target.accommodationId, actor: 'owner' }, stores),
    );
    expect(moved.differenceCents).to.equal(target.differenceCents);
    expect(moved.reservation.totalCents).to.equal(stay.totalCents + target.differenceCents);
    expect(moved.reservation.depositCents).to.equal(stay.depositCents);
    expect(await house.occupied()).to.deep.equal(['block 12-16']);
    expect(await house.occupied(otherUnit)).to.deep.equal(['reservation 10-14']);
    const [closed] = await house.inTransaction((stores) => listConflicts(stores, { state: 'all' }));
    expect(closed).to.include({ state: 'resolved', resolution: 'overlap_ended' });
    const told = await house.database.query(`SELECT purpose FROM outbound_messages ORDER BY id DESC LIMIT 1`);
    expect(told[0].purpose).to.equal('stay_moved');
  });

  it('moves a stay by a day over its own nights, and not onto anybody else’s', async () => {
    const stay = await house.confirm(days(10, 14));
    await house.confirm(days(16, 18));
    const move = (from: number, to: number, keepsPrice = false) =>
      house.inTransaction((stores) => moveStay({ id: stay.id, ...days(from, to), keepsPrice, actor: 'owner' }, stores));
    expect((await move(11, 16, true)).reservation.totalCents).to.equal(stay.totalCents);
    expect(await house.occupied()).to.deep.equal(['reservation 11-16', 'reservation 16-18']);
    expect(await codeOf(move(12, 17))).to.equal('stay_unavailable');
    expect(await codeOf(move(12, 12))).to.equal('invalid_dates');
    expect(await house.occupied(), 'a refused move changes nothing').to.deep.equal([
      'reservation 11-16',
      'reservation 16-18',
    ]);
    await house.cancel(stay.id);
    expect(await codeOf(move(20, 22))).to.equal('invalid_state');
  });

  it('closes a case, which is not opened again while the overlap lasts', async () => {
    await house.addFeed('airbnb');
    await house.confirm(days(10, 14));
    house.platforms.get('airbnb').book(days(12, 16));
    await house.import('airbnb');
    const [conflict] = await house.inTransaction((stores) => listConflicts(stores));
    await house.inTransaction((stores) => resolveConflict(conflict!.id, 'called Airbnb', stores));
    house.platforms.get('airbnb').book(days(40, 42));
    await house.import('airbnb');
    expect(await house.inTransaction((stores) => listConflicts(stores))).to.deep.equal([]);
    expect(await codeOf(house.inTransaction((stores) => resolveConflict(conflict!.id, 'again', stores)))).to.equal(
      'conflict_not_found',
    );
  });

  it('reads of a conflict where the stay could go, and accepts a quarantine by a tap', async () => {
    await house.addFeed('airbnb');
    const stay = await house.confirm(days(10, 14));
    house.platforms.get('airbnb').book(days(12, 16));
    await house.import('airbnb');
    const read = async (type: string) => {
      const rows = await house.database.query('SELECT * FROM owner_notices WHERE type = $1', [type]);
      const { id, data } = rows[0] as { id: string; data: Record<string, unknown> };
      return { id, words: wordsOf({ type, data } as OwnerNotice) };
    };
    const { words } = await read('calendar_conflict');
    expect(words).to.include('Airbnb').and.include(stay.code).and.include('Podría ir a: ');
    expect(words.length).to.be.below(700);

    const id = await house.addFeed('booking');
    for (const start of [40, 50, 60]) house.platforms.get('booking').book(days(start, start + 2));
    await house.import('booking');
    house.platforms.setFault('booking', { type: 'no_events' });
    await house.import('booking');
    const notice = await read('calendar_quarantine');
    expect(notice.words).to.include('Booking.com').and.include('3 reservas');
    expect(listDecisions('calendar_quarantine').map(({ decision }) => decision)).to.deep.equal(['accept', 'keep']);
    expect(await house.occupied()).to.include('block 40-42');
    expect((await house.inTransaction((stores) => decide(notice.id, 'accept', stores))).type).to.equal('done');
    expect(await house.occupied()).to.not.include('block 40-42');
    expect(
      (await house.inTransaction((stores) => listFeeds(stores))).find((feed) => feed.id === id)?.quarantinedEvents,
    ).to.equal(0);
  });

  it('adds one feed per unit and channel, sealed and masked', async () => {
    await house.addFeed('airbnb');
    const url = `${house.platforms.feedUrl('airbnb')}?t=secret-token`;
    const add = (address: string) =>
      house.inTransaction((stores) =>
        addFeed({ accommodationId: unit, channel: 'airbnb', url: address }, stores, house.desk),
      );
    expect(await codeOf(add(url))).to.equal('feed_exists');
    expect(await codeOf(add('http://10.0.0.1/x.ics'))).to.equal('invalid_feed_url');
    const [view] = await house.inTransaction((stores) => listFeeds(stores));
    expect(JSON.stringify(view)).to.not.match(/airbnb\.ics|secret/);
    expect(view).to.deep.include({ channel: 'airbnb', state: 'new' });
    expect(JSON.stringify(await house.feedRow('airbnb'))).to.not.include('airbnb.ics');
  });

  it('pauses a feed, whose blocks stay, and removes it, which frees them', async () => {
    const id = await house.addFeed('booking');
    house.platforms.get('booking').book(days(10, 14));
    await house.import('booking');
    await house.inTransaction((stores) => pauseFeed(id, true, stores));
    const deps = { inTransaction: house.inTransaction, calendars: house.desk };
    expect(await importFeed(id, deps, AbortSignal.timeout(5_000))).to.equal(undefined);
    expect(await house.occupied()).to.deep.equal(['block 10-14']);
    await house.inTransaction((stores) => removeFeed(id, stores));
    expect(await house.occupied()).to.deep.equal([]);
    await house.addFeed('booking');
    expect(await house.occupied()).to.deep.equal([]);
  });

  it('is told of an echo that stays a day after its stay was cancelled, also while its feed cannot be read', async () => {
    await house.addFeed('booking');
    const stay = await house.confirm(days(10, 14));
    await house.inTransaction((stores) =>
      stores.calendars.updateExport(unit, 'booking', { served: { at: stores.now, nights: [days(10, 14)] } }),
    );
    house.platforms.get('booking').close(days(10, 14));
    await house.import('booking');
    await house.cancel(stay.id);
    house.platforms.setFault('booking', { type: 'status', status: 500 });
    await house.wait(24 * 60 - 1);
    const deps = {
      database: house.database,
      inTransaction: house.inTransaction,
      enqueue: () => Promise.resolve(),
    } as unknown as WorkerDeps;
    await sweepDueFeeds({}, deps);
    expect(await house.occupied()).to.deep.equal([]);
    await house.wait(2);
    await sweepDueFeeds({}, deps);
    expect(await house.occupied()).to.deep.equal(['block 10-14']);
    const notices = (await house.notices()).filter(({ type }) => type === 'calendar_echo_stays');
    expect(notices).to.have.length(1);
  });
});
