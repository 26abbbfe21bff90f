import { acceptMissing, reconcile } from '#shared/domain/calendars/reconcile.ts';
import type { FeedChanges } from '#shared/domain/calendars/changes.ts';
import type { Quarantine, StoredEvent } from '#shared/domain/calendars/feed.ts';
import type { ForeignEvent } from '#shared/domain/calendars/foreign-event.ts';
import { addDays, type Stay } from '#shared/domain/stay.ts';

export const today = '2026-11-24';
const noon = Date.parse('2026-11-24T15:00:00Z');

/** The stay from day `from` to day `to`, counted from today. */
export function days(from: number, to: number): Stay {
  return { checkIn: addDays(today, from), checkOut: addDays(today, to) };
}

/** An event of a feed; Booking.com's closed nights unless told otherwise. */
export function event(
  uid: string | null,
  from: number,
  to: number,
  overrides: Partial<ForeignEvent> = {},
): ForeignEvent {
  return {
    uid,
    ...days(from, to),
    status: 'confirmed',
    kind: 'closed',
    summary: '',
    code: null,
    occurrence: null,
    sequence: 0,
    ...overrides,
  };
}

/** One feed as the database would keep it, without a database: minutes pass as the test says. */
export function createFeedModel() {
  const state: { events: StoredEvent[]; quarantine: Quarantine | null } = { events: [], quarantine: null };
  let minute = 0;
  let nextId = 1;
  let dayOffset = 0;
  const model = {
    exports: [] as Stay[],
    served: [] as Stay[],
    servedAt: null as Date | null,
    last: undefined as FeedChanges | undefined,
    at: (minutes: number): Date => new Date(noon + minutes * 60_000),
    get now(): Date {
      return model.at(minute);
    },
    /** Time passes. */
    wait(minutes: number): void {
      minute += minutes;
    },
    /** Midnights pass for the lodging, nothing else. */
    sleep(nights: number): void {
      dayOffset += nights;
    },
    /** We export these nights to the channel from now on. */
    export(...stays: Stay[]): void {
      model.exports.push(...stays);
    },
    unexport(): void {
      model.exports = [];
    },
    /** The channel fetches our export. */
    serve(): void {
      model.served = [...model.exports];
      model.servedAt = model.now;
    },
    /** A good fetch with these events. */
    fetch: (...events: ForeignEvent[]) => model.see({ type: 'events', events, isComplete: true, unreadableUids: [] }),
    /** What could be read of a broken file. */
    fetchPart: (...events: ForeignEvent[]) =>
      model.see({ type: 'events', events, isComplete: false, unreadableUids: [] }),
    fetchUnreadable: (uids: string[], ...events: ForeignEvent[]) =>
      model.see({ type: 'events', events, isComplete: true, unreadableUids: uids }),
    /** 304. */
    repeat: () => model.see({ type: 'repeat' }),
    accept: () => apply(acceptMissing(state, addDays(today, dayOffset))),
    see(sight: Parameters<typeof reconcile>[1]): FeedChanges {
      const { exports, served, servedAt } = model;
      const facts = {
        exports,
        served,
        servedAt,
        fetchedAt: model.now,
        today: addDays(today, dayOffset),
        isOurs: (uid: string) => uid.endsWith('@ours'),
      };
      return apply(reconcile(state, sight, facts));
    },
    state,
    /** The nights that the feed takes, as "from-to" in days from today. */
    taken(): string[] {
      const taking = state.events.filter((one) => one.state === 'live' && !one.isEcho);
      return taking.map(({ nights }) => spanOf(nights)).toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10));
    },
  };

  function apply(changes: FeedChanges): FeedChanges {
    for (const { id, change } of changes.changed)
      Object.assign(
        state.events.find((one) => one.id === id)!,
        change,
      );
    for (const added of changes.added)
      state.events.push({
        ...added,
        id: String(nextId++),
        state: 'live',
        originFreedAt: null,
        missingSince: null,
        missingFetches: 0,
      });
    state.quarantine = changes.quarantine;
    model.last = changes;
    return changes;
  }
  return model;
}

function spanOf({ checkIn, checkOut }: Stay): string {
  const day = (date: string) => Math.round((Date.parse(date) - Date.parse(today)) / 86_400_000);
  return `${day(checkIn)}-${day(checkOut)}`;
}
