import { DomainError } from './errors.ts';

/** A day of the calendar in the lodging's zone, `YYYY-MM-DD`. Never a JS Date: it has no hour and no zone. */
export type CalendarDate = string;

/** `[checkIn, checkOut)`: the check-out day is somebody else's check-in day. */
export type Stay = { checkIn: CalendarDate; checkOut: CalendarDate };

const dayMs = 86_400_000;
const pattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Is this a real day, written `YYYY-MM-DD`? "2026-02-30" is not. */
export function isCalendarDate(text: string): boolean {
  if (!pattern.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Days since 1970-01-01. */
export function toDayNumber(date: CalendarDate): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / dayMs);
}

/** The inverse of `toDayNumber`. */
export function fromDayNumber(day: number): CalendarDate {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return fromDayNumber(toDayNumber(date) + days);
}

/** Nights from one date to another; negative when `to` comes first. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return toDayNumber(to) - toDayNumber(from);
}

/** 0 = Sunday … 6 = Saturday, as JS counts. */
export function weekday(date: CalendarDate): number {
  return (((toDayNumber(date) + 4) % 7) + 7) % 7;
}

/** Every night of a stay by its date: check-in included, check-out not. */
export function nightsOf(stay: Stay): CalendarDate[] {
  const first = toDayNumber(stay.checkIn);
  return Array.from({ length: daysBetween(stay.checkIn, stay.checkOut) }, (_, i) => fromDayNumber(first + i));
}

/** Do two stays share a night? Back to back they do not. */
export function overlaps(a: Stay, b: Stay): boolean {
  return a.checkIn < b.checkOut && b.checkIn < a.checkOut;
}

/** The calendar date that an instant falls on in a zone. */
export function toCalendarDate(instant: Date, timeZone: string): CalendarDate {
  return dateFormat(timeZone).format(instant);
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();
/** en-CA writes ISO dates; formats are kept because making one costs more than using it. */
function dateFormat(timeZone: string): Intl.DateTimeFormat {
  let format = dateFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    dateFormats.set(timeZone, format);
  }
  return format;
}

const timeFormats = new Map<string, Intl.DateTimeFormat>();
function timeFormat(timeZone: string): Intl.DateTimeFormat {
  let format = timeFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
    timeFormats.set(timeZone, format);
  }
  return format;
}

/** The hour (0–23) and minute that a clock on the wall of that zone shows. */
export function toLocalTime(instant: Date, timeZone: string): { hour: number; minute: number } {
  const [hour, minute] = timeFormat(timeZone).format(instant).split(':').map(Number);
  return { hour: hour!, minute: minute! };
}

/** The limits every door refuses beyond (rules.md, Dates). */
export const maxDaysAhead = 540;
export const maxNights = 60;

export type StayLimits = {
  today: CalendarDate;
  /** The hour it is now in the lodging's zone, 0–23. */
  hourNow: number;
  minNights: number;
  capacity: number;
  /** After this hour nobody is received the same day. */
  lastArrivalHour: number;
};

/** Throws `DomainError` with the reason when a stay cannot be taken by anyone; returns its nights. */
export function checkStay(stay: Stay, guests: number, limits: StayLimits): number {
  if (!isCalendarDate(stay.checkIn) || !isCalendarDate(stay.checkOut)) throw new DomainError('invalid_dates');
  const nights = daysBetween(stay.checkIn, stay.checkOut);
  if (nights < 1) throw new DomainError('invalid_dates');
  if (stay.checkIn < limits.today) throw new DomainError('date_in_past');
  if (stay.checkIn === limits.today && limits.hourNow >= limits.lastArrivalHour)
    throw new DomainError('too_late_today', { lastArrivalHour: limits.lastArrivalHour });
  if (daysBetween(limits.today, stay.checkIn) > maxDaysAhead)
    throw new DomainError('too_far_ahead', { maxDays: maxDaysAhead });
  if (nights > maxNights) throw new DomainError('stay_too_long', { maxNights });
  if (nights < limits.minNights) throw new DomainError('stay_too_short', { minNights: limits.minNights });
  if (!Number.isInteger(guests) || guests < 1) throw new DomainError('invalid_guests');
  if (guests > limits.capacity) throw new DomainError('too_many_guests', { capacity: limits.capacity });
  return nights;
}
