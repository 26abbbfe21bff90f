import type { CalendarDate } from '#shared/domain/stay.ts';
import { readParameter } from './content-lines.ts';

/**
 * A moment as the file means it, in the wall time of the place: `wallMs` is that wall time written as if it were UTC, so that
 * no process's zone can ever change it.
 */
export type LocalTime = { wallMs: number; isDateOnly: boolean };

const dayMs = 86_400_000;

const dateTime =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A DATE or DATE-TIME value. With a zone of its own (TZID) or none it is wall time already; UTC and offsets become wall time
 * in `zoneOf()`, the zone of the other end, of the calendar or of the lodging. Undefined when it is no moment that exists.
 */
export function readLocalTime(value: string, zoneOf: () => string): LocalTime | undefined {
  const match = dateTime.exec(value.trim());
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, offset] = match;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  if (midnight === undefined) return undefined;
  if (hour === undefined) return { wallMs: midnight, isDateOnly: true };
  const seconds = Number(hour) * 3_600 + Number(minute) * 60 + Math.min(59, Number(second ?? 0));
  if (Number(hour) > 24 || Number(minute) > 59 || seconds > 86_400) return undefined;
  const wallMs = midnight + seconds * 1_000;
  if (offset === undefined) return { wallMs, isDateOnly: false };
  return { wallMs: toWall(wallMs - offsetMs(offset), zoneOf()), isDateOnly: false };
}

/** The first instant of a day that exists; the years before 1000 are typing errors. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  if (year < 1_000 || month < 1 || month > 12 || day < 1 || day > last) return undefined;
  return Date.UTC(year, month - 1, day);
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** The wall time of an instant in a zone; a zone that nobody knows counts as UTC. */
export function toWall(instantMs: number, zone: string): number {
  const format = formatFor(zone);
  if (!format) return instantMs;
  const parts = format.formatToParts(instantMs);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour') % 24, part('minute'), part('second'));
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function formatFor(zone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(zone)) {
    // A feed can name as many zones as it likes.
    if (formats.size > 500) formats.clear();
    formats.set(zone, makeFormat(zone));
  }
  return formats.get(zone);
}

function makeFormat(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}

const utcNames = new Set(['UTC', 'GMT', 'Z', 'ETC/UTC', 'ETC/GMT', 'ZULU', 'ETC/ZULU', 'UCT', 'ETC/UCT']);

/** Is this a zone that says where something is? UTC says only when. */
export function isPlace(zone: string | undefined): zone is string {
  return zone !== undefined && names(zone);
}

function names(zone: string): boolean {
  return zone !== '' && !utcNames.has(zone.toUpperCase()) && formatFor(zone) !== undefined;
}

/** The zone of a property: a bare name, or the tail of "/softwarestudio.org/Olson_20011030_5/America/New_York". */
export function zoneOfProperty(params: string): string | undefined {
  const zone = readParameter(params, 'TZID');
  if (zone === undefined || names(zone)) return zone;
  const tail = /[A-Za-z_]+\/[A-Za-z_]+(?:\/[A-Za-z_]+)?$/.exec(zone.slice(-100))?.[0];
  return isPlace(tail) ? tail : zone;
}

/** Does the property's zone say UTC in words ("TZID=UTC")? Then its bare time is an instant. */
export function isUtcZone(zone: string | undefined): boolean {
  return zone !== undefined && utcNames.has(zone.toUpperCase());
}

const duration = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i;

/** Milliseconds of a DURATION; undefined when it is none, is negative, or is longer than ten years. */
export function readDuration(value: string): number | undefined {
  const match = duration.exec(value.trim());
  if (!match || match[1] === '-' || match[0].length < 3) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0));
  const ms = ((weeks! * 7 + days!) * 24 + hours!) * 3_600_000 + minutes! * 60_000 + seconds! * 1_000;
  return ms <= 3_660 * dayMs ? ms : undefined;
}

/** The calendar date of a wall time. */
export function toDate(wallMs: number): CalendarDate {
  const day = Math.min(Math.floor(wallMs / dayMs), lastDay);
  let date = dates.get(day);
  if (date === undefined) {
    // Every date of a feed is written several times, and writing one costs more than keeping it.
    if (dates.size > 20_000) dates.clear();
    date = new Date(day * dayMs).toISOString().slice(0, 10);
    dates.set(day, date);
  }
  return date;
}
const dates = new Map<number, CalendarDate>();
/** The last day that is written with four digits for its year. */
const lastDay = Math.floor(Date.UTC(9_999, 11, 31) / dayMs);

/** Is there no day after it that could be written? Nobody stays there, and one such event must not stop all others. */
export function isLastDay({ wallMs }: LocalTime): boolean {
  return wallMs >= lastDay * dayMs;
}

/**
 * The check-out day of an event: its end, the day after when it ends at the last minute of a day (an all-day event written
 * with hours), one night after its start when the file gives no end.
 */
export function checkOutOf(start: LocalTime, end: LocalTime | undefined): CalendarDate {
  if (!end) return toDate(start.wallMs + dayMs);
  const isLastMinute = !end.isDateOnly && end.wallMs % dayMs >= dayMs - 60_000;
  return toDate(isLastMinute ? end.wallMs + 60_000 : end.wallMs);
}
