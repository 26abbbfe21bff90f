import { addDays, type CalendarDate } from '#shared/domain/stay.ts';
import { easter, nthWeekdayOf, toDate, toMonday } from './calendar-math.ts';

/** How a holiday's date follows from the year. */
export type HolidayRule =
  | readonly ['fixed', number, number]
  | readonly ['easter', number]
  | readonly ['nth', number, number, number]
  | readonly ['span', number, number]
  | readonly ['moved', number, number];

/** Whose holidays are meant where countries differ. */
export type Country = 'AR' | 'BR' | 'UY';

export const fixed = (month: number, day: number): HolidayRule => ['fixed', month, day];
export const fromEaster = (days: number): HolidayRule => ['easter', days];
export const nth = (n: number, day: number, month: number): HolidayRule => ['nth', n, day, month];
/** Kept on a Monday (`toMonday`). */
export const moved = (month: number, day: number): HolidayRule => ['moved', month, day];
/** A stay of several days counted from Easter Sunday. */
export const span = (from: number, to: number): HolidayRule => ['span', from, to];

/** The days of a holiday in a year: one, or first and last of a stay. */
export function holidayIn(rule: HolidayRule, year: number): { from: CalendarDate; to?: CalendarDate } | null {
  switch (rule[0]) {
    case 'fixed':
      return { from: toDate(year, rule[1], rule[2])! };
    case 'moved':
      return { from: toMonday(toDate(year, rule[1], rule[2])!) };
    case 'easter':
      return { from: addDays(easter(year), rule[1]) };
    case 'span':
      return { from: addDays(easter(year), rule[1]), to: addDays(easter(year), rule[2]) };
    case 'nth': {
      const date = nthWeekdayOf(year, rule[3], rule[2], rule[1]);
      return date ? { from: date } : null;
    }
  }
}
