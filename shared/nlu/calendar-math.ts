import { addDays, isCalendarDate, weekday, type CalendarDate } from '#shared/domain/stay.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** A calendar date, or null when that day does not exist (31 February). */
export function toDate(year: number, month: number, day: number): CalendarDate | null {
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return month > 0 && month < 13 && day > 0 && day < 32 && isCalendarDate(text) ? text : null;
}

/** The nth weekday of a month; -1 is the last. Null when there is no fifth. */
export function nthWeekdayOf(year: number, month: number, day: number, nth: number): CalendarDate | null {
  if (nth < 0) {
    const last = lastDayOfMonth(year, month);
    return addDays(last, -((weekday(last) - day + 7) % 7));
  }
  const first = toDate(year, month, 1)!;
  const date = addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (nth - 1));
  return date.slice(0, 7) === first.slice(0, 7) ? date : null;
}

export function lastDayOfMonth(year: number, month: number): CalendarDate {
  return addDays(month === 12 ? `${year + 1}-01-01` : toDate(year, month + 1, 1)!, -1);
}

/** Easter Sunday, by the anonymous Gregorian computus. */
export function easter(year: number): CalendarDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return toDate(year, Math.floor(n / 31), (n % 31) + 1)!;
}

/** The rule of Argentina (Ley 27.399) and Uruguay (Ley 17.414): Tue, Wed → the Monday before; Thu, Fri → the Monday after. */
export function toMonday(date: CalendarDate): CalendarDate {
  const day = weekday(date);
  if (day === 2 || day === 3) return addDays(date, 1 - day);
  if (day === 4 || day === 5) return addDays(date, 8 - day);
  return date;
}

/** Monday of the week of a date. */
export function mondayOf(date: CalendarDate): CalendarDate {
  return addDays(date, -((weekday(date) + 6) % 7));
}

/** The same day some months later; the last day of a shorter month. */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  return toDate(year, month, Number(date.slice(8))) ?? lastDayOfMonth(year, month);
}
