import type { CalendarDate, Stay } from '../stay.ts';
import { isBooking, type Quarantine, type StoredEvent } from './feed.ts';
import type { SeenEvent } from './match-events.ts';

/** What became of an event at a fetch; counted (`calendar_events_total`). */
export type EventOutcome =
  | 'added'
  | 'echo'
  | 'moved'
  | 'revived'
  | 'cancelled'
  | 'freed'
  | 'replaced'
  | 'missing'
  | 'quarantined'
  /** An echo that stayed 24 h after its origin was freed: it blocks now. */
  | 'flagged';

export type FeedState = { events: readonly StoredEvent[]; quarantine: Quarantine | null };

export type EventChange = Partial<Omit<StoredEvent, 'id'>>;
export type NewEvent = Pick<StoredEvent, 'uid' | 'code' | 'occurrence' | 'kind' | 'nights' | 'isEcho' | 'suspectSince'>;

export type FeedChanges = {
  added: NewEvent[];
  /** `outcome` null: a detail that nobody counts. */
  changed: { id: string; change: EventChange; outcome: EventOutcome | null }[];
  quarantine: Quarantine | null;
  /** The owner should hear of the quarantine now: so many bookings are missing. */
  newlyQuarantined: number;
  outcomes: Partial<Record<EventOutcome, number>>;
};

export function isLive({ state }: StoredEvent): boolean {
  return state === 'live';
}

/** Freed, and as if it had never been missing; whether it was an echo stays known for the day it comes back. */
export const freed: EventChange = {
  state: 'freed',
  originFreedAt: null,
  suspectSince: null,
  missingSince: null,
  missingFetches: 0,
};

/** What an event is taken for when it is seen for the first time. */
export type FirstSight = Pick<StoredEvent, 'isEcho' | 'suspectSince'>;

export type Step = { change: EventChange; outcome: EventOutcome | null };
/** Collects what a fetch changes; `result` at the end. */
export type ChangeList = ReturnType<typeof createChanges>;

export function createChanges(quarantine: Quarantine | null) {
  const result: FeedChanges = { added: [], changed: [], quarantine, newlyQuarantined: 0, outcomes: {} };
  const count = (outcome: EventOutcome): void => {
    result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + 1;
  };
  return {
    count,
    result: (): FeedChanges => result,
    /** Notes what differs; an event that stays as it is is not mentioned. */
    change(event: StoredEvent, { change, outcome }: Step): void {
      const differing = Object.entries(change).filter(
        ([name, value]) => !isSame(event[name as keyof StoredEvent], value),
      );
      if (outcome) count(outcome);
      if (differing.length > 0) result.changed.push({ id: event.id, change: Object.fromEntries(differing), outcome });
    },
    add({ uid, code, occurrence, kind, nights }: SeenEvent, { isEcho, suspectSince }: FirstSight): void {
      result.added.push({ uid, code, occurrence, kind, nights, isEcho, suspectSince });
      count(isEcho ? 'echo' : 'added');
    },
    quarantine(next: Quarantine | null, newlyQuarantined = 0): void {
      result.quarantine = next;
      result.newlyQuarantined = newlyQuarantined;
    },
  };
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (isStay(a) && isStay(b)) return isSameNights(a, b);
  return a === b;
}

function isStay(value: unknown): value is Stay {
  return typeof value === 'object' && value !== null && 'checkIn' in value;
}

export function isSameNights(a: Stay, b: Stay): boolean {
  return a.checkIn === b.checkIn && a.checkOut === b.checkOut;
}

/** Stays that somebody bought over there and that have not begun. */
export function futureBookings(events: readonly StoredEvent[], today: CalendarDate): StoredEvent[] {
  return events.filter((event) => isLive(event) && isBooking(event) && event.nights.checkIn > today);
}
