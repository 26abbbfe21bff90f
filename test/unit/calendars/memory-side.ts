import { expect } from 'chai';
import { nightsOf, overlaps, type Stay } from '#shared/domain/stay.ts';
import { isLive, type FeedChanges } from '#shared/domain/calendars/changes.ts';
import { isBooking, type Quarantine, type StoredEvent } from '#shared/domain/calendars/feed.ts';
import type { ExportedEvent } from '#shared/domain/calendars/ports.ts';
import { reconcile, type Sight } from '#shared/domain/calendars/reconcile.ts';
import { readCalendar } from '#shared/integrations/icalendar/read-calendar.ts';
import { writeCalendar } from '#shared/integrations/icalendar/write-calendar.ts';
import { channels, type Channel } from './histories.ts';
import type { Fetched, OurSide } from './play-history.ts';

type Feed = {
  events: StoredEvent[];
  quarantine: Quarantine | null;
  served: Stay[];
  servedAt: Date | null;
  lastText: string | null;
};
type Stored = { stay: Stay; isConfirmed: boolean };

const uidDomain = 'memory.posada';

/** Our side without a database: the real rules, and the referee in a few lines. */
export function createMemorySide(today: string): OurSide {
  let now = Date.parse(`${today}T15:00:00Z`);
  let nextId = 1;
  const stays = new Map<string, Stored>();
  const blocks = new Map<string, Stay>();
  const feeds = Object.fromEntries(
    channels.map((name): [Channel, Feed] => [
      name,
      { events: [], quarantine: null, served: [], servedAt: null, lastText: null },
    ]),
  ) as Record<Channel, Feed>;
  const blocking = (feed: Feed): StoredEvent[] => feed.events.filter((event) => isLive(event) && !event.isEcho);

  function exportedTo(to: Channel): ExportedEvent[] {
    const changedAt = new Date(0);
    const others = channels
      .filter((name) => name !== to)
      .flatMap((name) => blocking(feeds[name]).filter(({ suspectSince }) => suspectSince === null));
    return [
      ...[...stays]
        .filter(([, { isConfirmed }]) => isConfirmed)
        .map(([id, { stay }]) => ({ source: 'stay' as const, id, nights: stay, changedAt })),
      ...[...blocks].map(([id, nights]) => ({ source: 'block' as const, id, nights, changedAt })),
      ...others.map(({ id, nights }) => ({ source: 'event' as const, id, nights, changedAt })),
    ];
  }

  function apply(feed: Feed, changes: FeedChanges): void {
    for (const { id, change } of changes.changed)
      Object.assign(
        feed.events.find((event) => event.id === id)!,
        change,
      );
    for (const added of changes.added)
      feed.events.push({
        ...added,
        id: String(nextId++),
        state: 'live',
        originFreedAt: null,
        missingSince: null,
        missingFetches: 0,
      });
    feed.quarantine = changes.quarantine;
  }

  function toSight(feed: Feed, text: string): Sight {
    if (text === feed.lastText) return { type: 'repeat' };
    const { events, isComplete, unreadableUids } = readCalendar(text, { timeZone: 'UTC' });
    feed.lastText = isComplete ? text : null;
    return { type: 'events', events, isComplete, unreadableUids };
  }

  return {
    async import(from: Channel, fetched: Fetched) {
      if (fetched === 'error') return;
      const feed = feeds[from];
      const facts = {
        exports: exportedTo(from).map(({ nights }) => nights),
        served: feed.served,
        servedAt: feed.servedAt,
        fetchedAt: new Date(now),
        today,
        isOurs: (uid: string) => uid.endsWith(uidDomain),
      };
      apply(feed, reconcile(feed, toSight(feed, fetched.text), facts));
      for (const event of blocking(feed).filter(isBooking))
        for (const [id, { stay, isConfirmed }] of stays)
          if (!isConfirmed && overlaps(stay, event.nights)) stays.delete(id);
    },
    async serve(to) {
      const events = exportedTo(to);
      feeds[to].served = events.map(({ nights }) => nights);
      feeds[to].servedAt = new Date(now);
      return writeCalendar({ name: 'Unit', uidDomain, events });
    },
    async hold(stay) {
      const others = [
        ...[...stays.values()].map((one) => one.stay),
        ...blocks.values(),
        ...channels.flatMap((name) => blocking(feeds[name]).map(({ nights }) => nights)),
      ];
      if (others.some((nights) => overlaps(nights, stay))) return undefined;
      const id = `r${nextId++}`;
      stays.set(id, { stay, isConfirmed: false });
      return id;
    },
    async confirm(id) {
      const held = stays.get(id);
      if (held) held.isConfirmed = true;
    },
    async drop(id) {
      stays.delete(id);
    },
    async block(stay) {
      const id = `b${nextId++}`;
      blocks.set(id, stay);
      return id;
    },
    async unblock(id) {
      blocks.delete(id);
    },
    async wait(minutes) {
      now += minutes * 60_000;
    },
    reservations: () => Promise.resolve(stays),
    async taken() {
      const all = [
        ...[...stays.values()].map((one) => one.stay),
        ...blocks.values(),
        ...channels.flatMap((name) => blocking(feeds[name]).map(({ nights }) => nights)),
      ];
      return new Set(all.flatMap(nightsOf));
    },
    async doubted() {
      const doubted = channels.flatMap((name) =>
        feeds[name].events.filter((event) => isLive(event) && event.originFreedAt !== null),
      );
      return new Set(doubted.flatMap(({ nights }) => nightsOf(nights)));
    },
    async quarantined() {
      return new Set(channels.filter((name) => feeds[name].quarantine !== null));
    },
    async checkInvariant() {
      const nights = [...stays.values()].flatMap(({ stay }) => nightsOf(stay));
      expect(new Set(nights), 'our stays overlap').to.have.length(nights.length);
      for (const feed of Object.values(feeds))
        for (const event of feed.events) {
          if (event.originFreedAt) expect(event.isEcho && isLive(event), 'an origin without an echo').to.equal(true);
          if (event.missingSince) expect(event.state, 'missing and not live').to.equal('live');
        }
    },
  };
}
