import { addDays, type CalendarDate } from '../stay.ts';

/** Times of fetching a feed (rules.md, Calendars). */
const minuteMs = 60_000;

/** A feed is fetched so often. */
export const importEveryMs = 15 * minuteMs;
/** Before nights are sold, a feed older than this is fetched first. */
export const staleAfterMs = 5 * minuteMs;
/** Failures in a row (about half an hour) after which the owner is told. */
export const tellAfterFailures = 4;
const jitterMs = 90_000;
const firstRetryMs = 5 * minuteMs;
const longestWaitMs = 6 * 60 * minuteMs;

/** When to fetch again after a good fetch: a quarter of an hour, spread by chance (`random` in [0, 1)) so that feeds do not march in step. */
export function nextImport(now: Date, random: number): Date {
  return new Date(now.getTime() + importEveryMs + (random - 0.5) * 2 * jitterMs);
}

/** When to try again after that many failures in a row: 5 minutes, doubling to 6 hours; later where the server says so. */
export function nextTry(now: Date, failures: number, retryAfterMs: number | null, random: number): Date {
  const backOffMs = Math.min(firstRetryMs * 2 ** (Math.max(1, failures) - 1), longestWaitMs) * (0.9 + random * 0.2);
  return new Date(now.getTime() + Math.min(Math.max(backOffMs, retryAfterMs ?? 0), longestWaitMs));
}

/** Repeated events are read so far ahead, and no further back than a stay may have begun. */
const horizonDays = 600;
const backDays = 60;

/** The days whose occurrences an import wants. */
export function importWindow(today: CalendarDate): { from: CalendarDate; to: CalendarDate } {
  return { from: addDays(today, -backDays), to: addDays(today, horizonDays) };
}
