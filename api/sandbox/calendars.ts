import { setTimeout as delay } from 'node:timers/promises';
import { readOccupancy } from '#shared/db/stores/console-occupancy.ts';
import type { BarKind, OccupancyBar, UnitOccupancy } from '#shared/db/stores/console-occupancy.ts';
import { addFeed, listFeeds } from '#shared/domain/calendars/feeds.ts';
import type { FeedView } from '#shared/domain/calendars/feeds.ts';
import { findMoves } from '#shared/domain/calendars/find-moves.ts';
import type { Move } from '#shared/domain/calendars/find-moves.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import type { Conflict } from '#shared/domain/calendars/ports.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { addDays, maxDaysAhead, maxNights, daysBetween, isCalendarDate } from '#shared/domain/stay.ts';
import type { CalendarDate, Stay } from '#shared/domain/stay.ts';
import type { PlatformBooking, PlatformOptions } from '#shared/integrations/icalendar/platform.ts';
import type { PlatformsSimulator } from '#shared/integrations/icalendar/simulator.ts';
import type { Desk } from '../desk.ts';

/** The platforms that the newcomer can play; each unit has a listing on each of them. */
export const platformChannels = ['airbnb', 'booking', 'vrbo'] as const;
export type PlatformChannel = (typeof platformChannels)[number];

/** What lies on some nights in a row: of Posada's own list, or of a platform's. */
export type Segment = {
  kind: BarKind | 'conflict' | 'free';
  channel: string | null;
  from: CalendarDate;
  nights: number;
};

export type ListingView = {
  channel: PlatformChannel;
  /** Undefined until Posada reads it. */
  feed: FeedView | undefined;
  /** The channel's feed leads elsewhere: the owner's own. */
  isForeign: boolean;
  segments: Segment[];
  bookings: PlatformBooking[];
  /** Nights that it no longer has and that Posada keeps until that is believable. */
  missing: Stay[];
};

export type CalendarsView = {
  today: CalendarDate;
  from: CalendarDate;
  days: CalendarDate[];
  units: { id: number; name: string; segments: Segment[]; listings: ListingView[] }[];
  conflicts: (Conflict & { unit: string; moves: Move[] })[];
};

/** What came of an act; the page has words for each. */
export type ActResult = 'booked' | 'taken' | 'bad_dates' | 'unknown' | 'cancelled' | 'synced';

const shownDays = 28;
const source = 'posada';

/** A listing of the state file, or a new one; undefined when the name is none. */
export function toListing(name: string): PlatformOptions | undefined {
  const [, style, unit] = /^([a-z]+)-([1-9]\d{0,8})$/.exec(name) ?? [];
  const position = platformChannels.findIndex((channel) => channel === style);
  if (position < 0) return undefined;
  // Airbnb and Booking.com tell others what they imported; one that does not makes the picture whole.
  const reexports = style !== 'vrbo';
  return { name, style: platformChannels[position]!, reexports, seed: Number(unit) * 10 + position };
}

export type CalendarPlay = ReturnType<typeof createCalendarPlay>;

/**
 * The newcomer's platforms beside the real calendars: their bookings are the simulator's, everything of Posada's goes through the
 * doors that real platforms use (feeds in, export links out). A unit is connected at the first act on it, so that who looks only
 * changes nothing. `feedsUrl`: what the listings' addresses begin with.
 */
export function createCalendarPlay({
  platforms,
  desk,
  feedsUrl,
}: {
  platforms: PlatformsSimulator;
  desk: Pick<Desk, 'inTransaction' | 'calendars' | 'database'>;
  feedsUrl: string;
}) {
  const ownHost = new URL(feedsUrl).host;
  const listingOf = (unit: number, channel: PlatformChannel) => platforms.add(toListing(`${channel}-${unit}`)!);
  const isOwn = (feed: FeedView | undefined): boolean => feed !== undefined && new URL(feed.url).host === ownHost;

  async function connect(unit: number, stores: Stores): Promise<void> {
    const feeds = await listFeeds(stores, unit);
    for (const channel of platformChannels) {
      const { name } = listingOf(unit, channel);
      if (feeds.some((feed) => feed.channel === channel)) continue;
      await addFeed({ accommodationId: unit, channel, url: `${feedsUrl}${name}.ics` }, stores, desk.calendars);
    }
  }

  /** Posada reads the unit's listings, then they read Posada, as both do by themselves within minutes and hours. */
  async function syncUnit(unit: number): Promise<void> {
    const { feeds, links } = await desk.inTransaction(async (stores) => {
      await connect(unit, stores);
      const made = await Promise.all(platformChannels.map((channel) => stores.calendars.getExport(unit, channel)));
      return { feeds: await listFeeds(stores, unit), links: made };
    });
    const ours = feeds.filter((feed) => isOwn(feed) && feed.state !== 'paused');
    await Promise.all(ours.map(({ id }) => read(id)));
    await Promise.all(
      links.map((link) => {
        const { pathname } = new URL(desk.calendars.makeLink(link));
        return platforms.poll(`${link.channel}-${unit}`, new URL(pathname, feedsUrl).href, source);
      }),
    );
  }

  /** A worker that is at it already is waited for. */
  async function read(feedId: number): Promise<void> {
    for (let tries = 0; tries < 30; tries += 1) {
      if (await importFeed(feedId, desk, AbortSignal.timeout(10_000))) return;
      await delay(100);
    }
  }

  async function toListingView(
    unit: number,
    channel: PlatformChannel,
    feeds: readonly FeedView[],
    days: readonly CalendarDate[],
    stores: Stores,
  ): Promise<ListingView> {
    const { state, importedNights } = listingOf(unit, channel);
    const feed = feeds.find((one) => one.accommodationId === unit && one.channel === channel);
    const events = feed ? await stores.calendars.listEvents(feed.id) : [];
    const bars = [
      ...state.bookings.map(({ stay }) => ({ kind: 'channel' as const, channel, ...toSpan(stay) })),
      ...mergeStays(importedNights()).map((stay) => ({ kind: 'block' as const, channel: null, ...toSpan(stay) })),
    ];
    return {
      channel,
      feed,
      isForeign: feed !== undefined && !isOwn(feed),
      segments: toSegments(bars, days),
      bookings: state.bookings.filter(({ stay }) => stay.checkOut > stores.today),
      missing: events
        .filter((event) => event.state === 'live' && event.missingSince !== null)
        .map(({ nights }) => nights),
    };
  }

  return {
    /** Four weeks from a day; today when it is none. */
    async view(wantedFrom: string): Promise<CalendarsView> {
      return desk.inTransaction(async (stores) => {
        const { today } = stores;
        const isWanted = isCalendarDate(wantedFrom) && wantedFrom > today;
        const latest = addDays(today, maxDaysAhead);
        const from = isWanted ? (wantedFrom < latest ? wantedFrom : latest) : today;
        const days = Array.from({ length: shownDays }, (_, index) => addDays(from, index));
        const feeds = await listFeeds(stores);
        const occupancy = await readOccupancy(desk.database, { from, to: addDays(from, shownDays) });
        const units: CalendarsView['units'] = [];
        for (const { id, name } of await stores.lodging.listAccommodations()) {
          const listings: ListingView[] = [];
          for (const channel of platformChannels) listings.push(await toListingView(id, channel, feeds, days, stores));
          units.push({ id, name, segments: toSegments(barsOf(id, occupancy), days), listings });
        }
        return { today, from, days, units, conflicts: await listConflicts(stores) };
      });
    },

    /** Somebody buys nights on a platform. Nothing reaches Posada by it. */
    async book(unit: number, channel: PlatformChannel, stay: Stay): Promise<ActResult> {
      const isKnown = await desk.inTransaction(async (stores) => {
        const isUnit = (await stores.lodging.listAccommodations()).some(({ id }) => id === unit);
        if (!isUnit || !isSellable(stay, stores.today)) return isUnit;
        await connect(unit, stores);
        return 'sellable';
      });
      if (isKnown !== 'sellable') return isKnown ? 'bad_dates' : 'unknown';
      const booking = listingOf(unit, channel).book(stay);
      platforms.save();
      return booking ? 'booked' : 'taken';
    },

    /** The guest over there cancels; `unknown` when it was so already. */
    cancel(unit: number, channel: PlatformChannel, bookingId: string): ActResult {
      const listing = platforms.platforms.get(`${channel}-${unit}`);
      if (!listing?.state.bookings.some(({ id }) => id === bookingId)) return 'unknown';
      listing.cancel(bookingId);
      platforms.save();
      return 'cancelled';
    },

    /** Everybody reads everybody, now. */
    async sync(): Promise<ActResult> {
      const units = await desk.inTransaction(({ lodging }) => lodging.listAccommodations());
      for (const { id } of units) await syncUnit(id);
      return 'synced';
    },
  };
}

function isSellable(stay: Stay, today: CalendarDate): boolean {
  const { checkIn, checkOut } = stay;
  if (!isCalendarDate(checkIn) || !isCalendarDate(checkOut) || checkIn < today) return false;
  return checkOut > checkIn && daysBetween(checkIn, checkOut) <= maxNights && checkIn <= addDays(today, maxDaysAhead);
}

async function listConflicts(stores: Stores): Promise<CalendarsView['conflicts']> {
  const found: CalendarsView['conflicts'] = [];
  for (const conflict of await stores.calendars.listConflicts('open')) {
    const reservation = await stores.reservations.find(conflict.reservationId);
    const { name } = await stores.lodging.getAccommodation(conflict.accommodationId);
    found.push({ ...conflict, unit: name, moves: reservation ? await findMoves(reservation, stores) : [] });
  }
  return found;
}

type Bar = Pick<OccupancyBar, 'kind' | 'channel' | 'from' | 'to'>;

function toSpan({ checkIn, checkOut }: Stay): { from: CalendarDate; to: CalendarDate } {
  return { from: checkIn, to: checkOut };
}

/** What overlaps is one: a platform that imports nights twice has closed them once. */
function mergeStays(stays: readonly Stay[]): Stay[] {
  const merged: Stay[] = [];
  for (const stay of stays.toSorted((a, b) => (a.checkIn < b.checkIn ? -1 : 1))) {
    const last = merged.at(-1);
    if (!last || stay.checkIn >= last.checkOut) merged.push({ ...stay });
    else if (stay.checkOut > last.checkOut) last.checkOut = stay.checkOut;
  }
  return merged;
}

/** Our own nights that a platform sends back take none. */
function barsOf(unit: number, occupancy: readonly UnitOccupancy[]): Bar[] {
  return occupancy.find(({ id }) => id === unit)?.bars.filter(({ kind }) => kind !== 'echo') ?? [];
}

/** One after the other what lies on the days; a stay of ours and one of theirs on the same night are a conflict. */
function toSegments(bars: readonly Bar[], days: readonly CalendarDate[]): Segment[] {
  const segments: Segment[] = [];
  let before = '';
  for (const day of days) {
    const here = bars.filter(({ from, to }) => from <= day && day < to);
    // Stays that follow each other are two; free nights are one each, so that they can be counted.
    const name = here.length === 0 ? day : here.map(({ kind, channel, from }) => `${kind} ${channel} ${from}`).join();
    if (name === before) segments.at(-1)!.nights += 1;
    else segments.push(toSegment(here, day));
    before = name;
  }
  return segments;
}

function toSegment(here: readonly Bar[], from: CalendarDate): Segment {
  const stay = here.find(({ kind }) => kind === 'held' || kind === 'confirmed' || kind === 'completed');
  const channels = [...new Set(here.flatMap(({ channel }) => channel ?? []))];
  const kind = stay && channels.length > 0 ? 'conflict' : (stay ?? here[0])?.kind;
  return { kind: kind ?? 'free', channel: channels.join(' ') || null, from, nights: 1 };
}
