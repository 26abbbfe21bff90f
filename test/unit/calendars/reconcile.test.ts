import { expect } from 'chai';
import { createFeedModel, days, event } from './feed-model.ts';

type Model = ReturnType<typeof createFeedModel>;

describe('reconcile', () => {
  let feed: Model;
  beforeEach(() => {
    feed = createFeedModel();
  });

  describe('identities', () => {
    it('changes nothing when a feed has not changed', () => {
      const events = [
        event('a', 10, 14),
        event('b', 20, 22, { kind: 'reservation', code: 'HM1234567' }),
        event(null, 30, 31),
      ];
      feed.fetch(...events);
      feed.wait(15);
      expect(feed.fetch(...events)).to.deep.include({ added: [], changed: [], outcomes: {} });
    });

    it('moves the block when the dates move under a UID', () => {
      feed.fetch(event('a', 10, 14));
      expect(feed.fetch(event('a', 11, 16)).outcomes).to.deep.equal({ moved: 1 });
      expect(feed.taken()).to.deep.equal(['11-16']);
    });

    it("follows the booking's number before the UID", () => {
      feed.fetch(event('a', 10, 14, { code: 'HM1' }), event('b', 20, 22, { code: 'HM2' }));
      feed.fetch(event('b', 12, 16, { code: 'HM1' }), event('a', 20, 22, { code: 'HM2' }));
      expect(feed.state.events.map(({ code, nights }) => `${code} ${nights.checkIn}`)).to.deep.equal([
        `HM1 ${days(12, 16).checkIn}`,
        `HM2 ${days(20, 22).checkIn}`,
      ]);
    });

    it('takes the same nights under a new UID for the same event', () => {
      feed.fetch(event('a', 10, 14));
      expect(feed.fetch(event('z', 10, 14)).outcomes).to.deep.equal({});
      expect(feed.state.events).to.have.length(1);
      expect(feed.state.events[0]!.uid).to.equal('z');
    });

    it('takes two numbers on the same nights for two bookings', () => {
      feed.fetch(event('a', 10, 14, { code: 'HM1' }));
      feed.fetch(event('a', 10, 14, { code: 'HM2' }));
      expect(feed.state.events.map(({ code }) => code)).to.deep.equal(['HM1', 'HM2']);
    });

    it('counts a stay that is listed three times once', () => {
      feed.fetch(event('a', 10, 14), event('b', 10, 14), event('c', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
      feed.wait(15);
      feed.fetch(event('c', 10, 14), event('a', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('does not follow a UID that a feed gives to all its events', () => {
      feed.fetch(event('x', 10, 14), event('x', 20, 22));
      expect(feed.fetch(event('x', 20, 22), event('x', 30, 33)).outcomes).to.include({ added: 1, missing: 1 });
      expect(feed.taken()).to.deep.equal(['10-14', '20-22', '30-33']);
    });

    it('keeps events without a UID apart by their nights', () => {
      feed.fetch(event(null, 10, 14), event(null, 20, 22));
      feed.fetch(event(null, 20, 22), event(null, 10, 14));
      expect(feed.state.events).to.have.length(2);
    });

    it('takes the highest version of an event', () => {
      feed.fetch(event('a', 10, 14), event('a', 11, 15, { sequence: 2 }), event('a', 12, 16, { sequence: 1 }));
      expect(feed.taken()).to.deep.equal(['11-15']);
      feed.fetch(event('a', 10, 14), event('a', 11, 15, { sequence: 3, status: 'cancelled' }));
      expect(feed.taken()).to.deep.equal([]);
    });

    it('takes the night of an event that ends on the day it begins', () => {
      feed.fetch(event('a', 10, 10));
      expect(feed.taken()).to.deep.equal(['10-11']);
    });

    it('drops our own UIDs', () => {
      feed.fetch(event('stay-1@ours', 10, 14));
      expect(feed.taken()).to.deep.equal([]);
    });
  });

  describe('status', () => {
    it('frees nights at a cancelled or transparent event, at once', () => {
      feed.fetch(event('a', 10, 14), event('b', 20, 22));
      feed.fetch(event('a', 10, 14, { status: 'cancelled' }), event('b', 20, 22, { status: 'transparent' }));
      expect(feed.taken()).to.deep.equal([]);
      expect(feed.last!.outcomes).to.deep.equal({ cancelled: 2 });
    });

    it('blocks for a tentative event', () => {
      feed.fetch(event('a', 10, 14, { status: 'tentative' }));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('ignores an event that was cancelled before it was known, and one that is past', () => {
      feed.fetch(event('a', 10, 14, { status: 'cancelled' }), event('b', -9, -5), event('c', -3, 0));
      expect(feed.state.events).to.deep.equal([]);
    });

    it('does not let a cancelled twin take the place of a live event', () => {
      feed.fetch(event('a', 10, 14));
      feed.fetch(event('a', 10, 14, { status: 'cancelled' }), event('a', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });
  });

  describe("Airbnb's sliding blocks", () => {
    const sliding = (uid: string, from: number, to: number) => event(uid, from, to, { kind: 'not_available' });

    it('are replaced wholesale at each good fetch', () => {
      feed.fetch(sliding('a', 0, 3), sliding('b', 300, 900));
      feed.fetch(sliding('c', 1, 4), sliding('d', 301, 901));
      expect(feed.taken()).to.deep.equal(['1-4', '301-600']);
    });

    it('end at our horizon and do not count beyond it', () => {
      feed.fetch(sliding('a', 500, 900), sliding('b', 700, 800));
      expect(feed.taken()).to.deep.equal(['500-600']);
    });

    it('are no bookings: all of them gone together is no quarantine', () => {
      feed.fetch(sliding('a', 5, 9), sliding('b', 20, 30), event('hm', 40, 44, { kind: 'reservation', code: 'HM1' }));
      expect(feed.fetch(event('hm', 40, 44, { kind: 'reservation', code: 'HM1' })).quarantine).to.equal(null);
      expect(feed.taken()).to.deep.equal(['40-44']);
    });
  });

  describe('disappearance', () => {
    const others = [event('x', 50, 52), event('y', 60, 62), event('z', 70, 72)];

    it('is believed at the second good fetch at least ten minutes later', () => {
      feed.fetch(event('a', 10, 14), ...others);
      feed.wait(15);
      expect(feed.fetch(...others).outcomes).to.deep.equal({ missing: 1 });
      feed.wait(9);
      feed.fetch(...others);
      expect(feed.taken()).to.include('10-14');
      feed.wait(1);
      expect(feed.fetch(...others).outcomes).to.deep.equal({ freed: 1 });
      expect(feed.taken()).to.not.include('10-14');
    });

    it('answered by 304 is a second good fetch', () => {
      feed.fetch(event('a', 10, 14), ...others);
      feed.wait(15);
      feed.fetch(...others);
      feed.wait(15);
      expect(feed.repeat().outcomes).to.deep.equal({ freed: 1 });
      expect(feed.taken()).to.deep.equal(['50-52', '60-62', '70-72']);
    });

    it('is forgotten when the event is there again', () => {
      feed.fetch(event('a', 10, 14), ...others);
      feed.wait(15);
      feed.fetch(...others);
      feed.wait(15);
      feed.fetch(event('a', 10, 14), ...others);
      feed.wait(15);
      feed.fetch(...others);
      expect(feed.taken()).to.include('10-14');
    });

    it('of the only booking is believed after three good fetches over an hour', () => {
      feed.fetch(event('a', 10, 14));
      for (const minutes of [15, 15, 15, 15]) {
        feed.wait(minutes);
        feed.fetch();
        expect(feed.taken()).to.deep.equal(['10-14']);
      }
      feed.wait(15);
      feed.fetch();
      expect(feed.taken()).to.deep.equal([]);
    });

    it('of the only booking needs the third fetch, however late the second comes', () => {
      feed.fetch(event('a', 10, 14));
      feed.fetch();
      feed.wait(180);
      feed.fetch();
      expect(feed.taken()).to.deep.equal(['10-14']);
      feed.repeat();
      expect(feed.taken()).to.deep.equal([]);
    });

    it('never frees a stay that has begun, nor one that is past', () => {
      feed.fetch(event('a', 0, 3), event('b', -2, 2), ...others);
      for (let i = 0; i < 5; i += 1) {
        feed.wait(60);
        feed.fetch(...others);
      }
      expect(feed.taken()).to.include.members(['0-3', '-2-2']);
      feed.sleep(4);
      feed.fetch(...others);
      expect(feed.state.events.filter(({ state }) => state === 'over')).to.have.length(2);
    });

    it('in a broken file means nothing, while what is new in it blocks', () => {
      feed.fetch(event('a', 10, 14), ...others);
      for (let i = 0; i < 5; i += 1) {
        feed.wait(60);
        feed.fetchPart(event('n', 5, 7));
      }
      expect(feed.taken()).to.deep.equal(['5-7', '10-14', '50-52', '60-62', '70-72']);
    });

    it('in a broken file frees and shortens nothing', () => {
      feed.fetch(event('a', 10, 14), event('b', 20, 24));
      feed.fetchPart(event('a', 10, 11), event('b', 20, 24, { status: 'cancelled' }));
      expect(feed.taken()).to.deep.equal(['10-14', '20-24']);
      feed.fetchPart(event('a', 9, 15));
      expect(feed.taken()).to.deep.equal(['9-15', '20-24']);
    });

    it('does not count for an event that is there but cannot be read', () => {
      feed.fetch(event('a', 10, 14), ...others);
      for (let i = 0; i < 3; i += 1) {
        feed.wait(30);
        feed.fetchUnreadable(['a'], ...others);
      }
      expect(feed.taken()).to.include('10-14');
    });

    it('is taken back when the event reappears', () => {
      feed.fetch(event('a', 10, 14), ...others);
      for (let i = 0; i < 2; i += 1) {
        feed.wait(15);
        feed.fetch(...others);
      }
      expect(feed.taken()).to.not.include('10-14');
      expect(feed.fetch(event('a', 10, 14), ...others).outcomes).to.deep.equal({ revived: 1 });
      expect(feed.taken()).to.include('10-14');
    });
  });

  describe('quarantine', () => {
    const three = [event('a', 10, 14), event('b', 20, 22), event('c', 30, 33)];

    it('keeps everything when more than half of the bookings are gone at once, and tells it once', () => {
      feed.fetch(...three);
      feed.wait(15);
      expect(feed.fetch(event('c', 30, 33)).newlyQuarantined).to.equal(2);
      for (let i = 0; i < 10; i += 1) {
        feed.wait(60);
        expect(feed.fetch(event('c', 30, 33)).newlyQuarantined).to.equal(0);
      }
      expect(feed.taken()).to.deep.equal(['10-14', '20-22', '30-33']);
    });

    it('does not begin for half of them', () => {
      feed.fetch(...three, event('d', 40, 44));
      feed.wait(15);
      expect(feed.fetch(event('c', 30, 33), event('d', 40, 44)).quarantine).to.equal(null);
    });

    it('is believed by itself after 24 hours of unchanged good fetches, 304 among them', () => {
      feed.fetch(...three);
      feed.wait(15);
      feed.fetch();
      feed.wait(24 * 60 - 1);
      feed.repeat();
      expect(feed.taken()).to.have.length(3);
      feed.wait(1);
      expect(feed.repeat().outcomes).to.deep.equal({ freed: 3 });
      expect(feed.state.quarantine).to.equal(null);
    });

    it('begins anew when what is missing changes', () => {
      feed.fetch(...three);
      feed.wait(15);
      feed.fetch(event('c', 30, 33));
      feed.wait(23 * 60);
      feed.fetch();
      feed.wait(2 * 60);
      feed.fetch();
      expect(feed.taken()).to.have.length(3);
      feed.wait(22 * 60);
      feed.fetch();
      expect(feed.taken()).to.have.length(0);
    });

    it('does not begin anew because a missing stay begins', () => {
      feed.fetch(event('a', 1, 4), event('b', 20, 22), event('c', 30, 33));
      feed.wait(15);
      feed.fetch();
      feed.sleep(1);
      feed.wait(24 * 60);
      feed.fetch();
      expect(feed.taken()).to.deep.equal(['1-4']);
    });

    it('ends at once when the owner accepts it, except for stays that have begun', () => {
      feed.fetch(...three, event('now', -1, 2));
      feed.wait(15);
      feed.fetch();
      feed.accept();
      expect(feed.taken()).to.deep.equal(['-1-2']);
      expect(feed.state.quarantine).to.equal(null);
    });

    it('ends when the bookings come back, and frees only what stays away', () => {
      feed.fetch(...three);
      feed.wait(15);
      feed.fetch();
      feed.wait(15);
      expect(feed.fetch(event('b', 20, 22), event('c', 30, 33)).quarantine).to.equal(null);
      expect(feed.taken()).to.deep.equal(['20-22', '30-33']);
    });
  });

  describe('echoes', () => {
    it('of nights that the channel had fetched from us take nothing', () => {
      feed.export(days(10, 14));
      feed.wait(60);
      feed.serve();
      feed.wait(5);
      expect(feed.fetch(event('a', 10, 14)).outcomes).to.deep.equal({ echo: 1 });
      expect(feed.taken()).to.deep.equal([]);
    });

    it('may be a union of what we exported, not a part of it and not more', () => {
      feed.export(days(10, 14), days(14, 17), days(20, 25));
      feed.serve();
      feed.fetch(event('union', 10, 17), event('part', 20, 23), event('more', 9, 14));
      expect(feed.taken()).to.deep.equal(['9-14', '20-23']);
    });

    it('are none when the channel had not fetched those nights from us before', () => {
      feed.serve();
      feed.wait(5);
      feed.export(days(10, 14));
      feed.wait(5);
      feed.fetch(event('a', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
      feed.serve();
      feed.wait(5);
      feed.fetch(event('a', 10, 14));
      expect(feed.taken(), 'it was theirs before').to.deep.equal(['10-14']);
    });

    it('are known when one stay of ours gave way to another on the same nights meanwhile', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.unexport();
      feed.export(days(10, 14));
      feed.fetch(event('a', 10, 14));
      expect(feed.taken()).to.deep.equal([]);
    });

    it("are none with a booking's own mark", () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.fetch(event('a', 10, 14, { kind: 'reservation' }));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('become a stay when they get the mark of one', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.fetch(event('a', 10, 14, { kind: 'not_available' }));
      expect(feed.fetch(event('b', 10, 14, { kind: 'reservation', code: 'HM1' })).outcomes).to.deep.equal({
        flagged: 1,
      });
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('our 10–14 is cancelled and Booking.com sells 10–14: after a gap it blocks at once', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.fetch(event('a', 10, 14));
      feed.unexport();
      feed.wait(15);
      feed.fetch();
      expect(feed.taken()).to.deep.equal([]);
      feed.wait(15);
      feed.fetch(event('b', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('our 10–14 is cancelled and Booking.com sells 10–14 between two fetches: a new UID blocks at once', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.fetch(event('a', 10, 14));
      feed.unexport();
      feed.wait(15);
      expect(feed.fetch(event('b', 10, 14)).outcomes).to.deep.equal({ flagged: 1 });
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('our 10–14 is cancelled and Booking.com sells 10–14 under the same UID: it blocks after 24 hours and is flagged', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.fetch(event('a', 10, 14));
      feed.unexport();
      feed.wait(15);
      feed.fetch(event('a', 10, 14));
      feed.wait(24 * 60 - 1);
      feed.repeat();
      expect(feed.taken()).to.deep.equal([]);
      feed.wait(1);
      expect(feed.repeat().outcomes).to.deep.equal({ flagged: 1 });
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('do not get a new origin from a stay that was sold after the first was cancelled', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.fetch(event('a', 10, 14));
      feed.unexport();
      feed.wait(15);
      feed.fetch(event('a', 10, 14));
      feed.export(days(10, 14));
      feed.serve();
      feed.wait(24 * 60);
      feed.fetch(event('a', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('that are gone need no second fetch, and count as no booking', () => {
      feed.export(days(10, 14), days(20, 22));
      feed.serve();
      feed.fetch(event('a', 10, 14), event('b', 20, 22), event('mine', 40, 44));
      feed.wait(15);
      expect(feed.fetch(event('mine', 40, 44))).to.deep.include({ quarantine: null, outcomes: { replaced: 2 } });
    });

    it('that were read before a cancellation and are seen after it block, but nobody else is told', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.unexport();
      feed.wait(5);
      feed.fetch(event('a', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
      expect(feed.state.events[0]!.suspectSince).to.not.equal(null);
      feed.wait(5);
      feed.serve();
      feed.wait(5);
      feed.fetch(event('a', 10, 14));
      expect(
        feed.state.events[0]!.suspectSince,
        'the channel knows that they are free, and says that they are not',
      ).to.equal(null);
    });

    it('that nobody can tell from a sale are told to the others after a day', () => {
      feed.export(days(10, 14));
      feed.serve();
      feed.unexport();
      feed.fetch(event('a', 10, 14));
      feed.wait(24 * 60);
      feed.repeat();
      expect(feed.state.events[0]!.suspectSince).to.equal(null);
      expect(feed.taken()).to.deep.equal(['10-14']);
    });

    it('are never made of a booking that moves onto our nights', () => {
      feed.fetch(event('a', 30, 34));
      feed.export(days(10, 14));
      feed.serve();
      feed.wait(15);
      feed.fetch(event('a', 10, 14));
      expect(feed.taken()).to.deep.equal(['10-14']);
    });
  });
});
