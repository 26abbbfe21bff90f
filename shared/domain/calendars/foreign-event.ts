import type { CalendarDate, Stay } from '../stay.ts';

/** Where a feed comes from and an export goes to. */
export const channels = ['airbnb', 'booking', 'vrbo', 'google', 'other'] as const;
export type FeedChannel = (typeof channels)[number];

export function isFeedChannel(text: string): text is FeedChannel {
  return (channels as readonly string[]).includes(text);
}

/**
 * What an event says it is. `reservation`: it carries a booking's own mark (Airbnb "Reserved" or HM code, VRBO "Reserved",
 * a booking number) and can be no echo of ours. `closed`: nights that cannot be had, sold or not (Booking.com says no more,
 * unknown sources neither): treated as sold. `blocked`: closed by the owner over there or by an import, never sold (VRBO
 * "Blocked"). `not_available`: Airbnb's blocks, which slide day by day and are replaced wholesale at each good fetch.
 */
export type EventKind = 'reservation' | 'closed' | 'blocked' | 'not_available';

/** `cancelled` and `transparent` events take no nights; `tentative` ones do. */
export type EventStatus = 'confirmed' | 'tentative' | 'cancelled' | 'transparent';

/** One event of a foreign calendar (or one occurrence of a repeated one), in local dates. */
export type ForeignEvent = {
  /** As the feed gives it; null when it gives none. */
  uid: string | null;
  checkIn: CalendarDate;
  /** As the feed says; an event that ends on the day it begins still takes that night (`nightsOfEvent`). */
  checkOut: CalendarDate;
  status: EventStatus;
  kind: EventKind;
  summary: string;
  /** The platform's own number of the booking, when the event tells it. */
  code: string | null;
  /** Which occurrence of a repeated event: the date it was due by the rule. */
  occurrence: CalendarDate | null;
  /** SEQUENCE; the highest of several versions of one event counts. */
  sequence: number;
};

/** Something about a feed that is not as it should be; `line` counts from 1. */
export type ReadingProblem = { code: ProblemCode; line?: number; uid?: string };

export type ProblemCode =
  /** Nothing at all, a web page, or some other text. */
  | 'empty'
  | 'html'
  | 'not_a_calendar'
  /** The file ends in the middle. */
  | 'truncated'
  /** Events without the calendar around them. */
  | 'no_calendar'
  | 'unreadable_start'
  | 'unreadable_end'
  | 'ends_before_it_begins'
  | 'takes_no_night'
  | 'unreadable_rule'
  | 'rule_cut_short'
  | 'event_not_closed';

export type Reading = {
  events: ForeignEvent[];
  problems: ReadingProblem[];
  /** A whole VCALENDAR with its end. Only then may an event that is not in it be believed to be gone. */
  isComplete: boolean;
  /** UIDs of events that are there but whose dates cannot be read: they are not gone. */
  unreadableUids: string[];
};

/** The nights that an event takes: at least the one of its first day. */
export function nightsOfEvent({ checkIn, checkOut }: Stay): Stay {
  return checkOut > checkIn ? { checkIn, checkOut } : { checkIn, checkOut: nextDay(checkIn) };
}

function nextDay(date: CalendarDate): CalendarDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
