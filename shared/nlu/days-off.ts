import { addDays, daysBetween, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { fixed, fromEaster, holidayIn, moved, type Country, type HolidayRule } from './holiday-rules.ts';

/** Days without work by law: Argentina's Ley 27.399, Uruguay's 16.805 and 17.414, Brazil's 662, 6.802 and 14.759 with its usual optional days. */
const rules: Record<Country, readonly HolidayRule[]> = {
  AR: [
    ...inOneLine('01-01 03-24 04-02 05-01 05-25 06-20 07-09 12-08 12-25', fixed),
    ...inOneLine('06-17 08-17 10-12 11-20', moved),
    ...[-48, -47, -3, -2].map(fromEaster),
  ],
  BR: [
    ...inOneLine('01-01 04-21 05-01 09-07 10-12 11-02 11-15 11-20 12-25', fixed),
    ...[-48, -47, -2, 60].map(fromEaster),
  ],
  UY: [
    ...inOneLine('01-01 01-06 05-01 06-19 07-18 08-25 11-02 12-25', fixed),
    ...inOneLine('04-19 05-18 10-12', moved),
    ...[-48, -47, -6, -5, -4, -3, -2].map(fromEaster),
  ],
};

function inOneLine(days: string, rule: (month: number, day: number) => HolidayRule): HolidayRule[] {
  return days.split(' ').map((day) => rule(Number(day.slice(0, 2)), Number(day.slice(3))));
}

/**
 * What decrees say of a year: bridge days (Argentina's "con fines turísticos"), and holidays put on another day. A year that
 * is not here has the bridges that the calendar suggests; add a line when the decree of the next one is out.
 */
const decrees: Partial<
  Record<Country, Record<number, { bridges: readonly string[]; moves?: Readonly<Record<string, string>> }>>
> = {
  AR: {
    2024: { bridges: ['04-01', '06-21', '10-11'] },
    2025: { bridges: ['05-02', '08-15', '11-21'], moves: { '10-12': '10-10' } },
    2026: { bridges: ['03-23', '07-10', '12-07'] },
  },
};

/** Where an office takes the day between a holiday and a weekend off. */
const hasBridges: Record<Country, boolean> = { AR: true, BR: true, UY: false };

/** Days off of a year, ascending, bridge days included. */
export function daysOff(country: Country, year: number): CalendarDate[] {
  const decree = decrees[country]?.[year];
  const days = rules[country]
    .map((rule) => holidayIn(rule, year)!.from)
    .map((date) => {
      const moves = decree?.moves?.[date.slice(5)];
      return moves === undefined ? date : `${year}-${moves}`;
    });
  const bridges = decree
    ? decree.bridges.map((day) => `${year}-${day}`)
    : hasBridges[country]
      ? [...days, `${year + 1}-01-01`].flatMap(bridgeBeside).filter((date) => date.startsWith(`${year}-`))
      : [];
  return [...new Set([...days, ...bridges])].sort();
}

function bridgeBeside(date: CalendarDate): CalendarDate[] {
  if (weekday(date) === 2) return [addDays(date, -1)];
  return weekday(date) === 4 ? [addDays(date, 1)] : [];
}

/** A run of at least three free days around a weekend: the evening before it and its last day. */
export type LongWeekend = { checkIn: CalendarDate; checkOut: CalendarDate };

/** The long weekends of a country that end after a day, for about a year; the stay begins on the evening before. */
export function longWeekends(country: Country, after: CalendarDate): LongWeekend[] {
  const known = lastFound.get(country);
  if (known?.after === after) return known.found;
  const year = Number(after.slice(0, 4));
  const off = new Set([year - 1, year, year + 1].flatMap((each) => daysOff(country, each)));
  const isFree = (date: CalendarDate): boolean => off.has(date) || weekday(date) === 0 || weekday(date) === 6;
  const found: LongWeekend[] = [];
  const firstSaturday = addDays(after, ((6 - weekday(after) + 7) % 7) - 7);
  for (let saturday = firstSaturday, k = 0; k < 60; k++, saturday = addDays(firstSaturday, 7 * k)) {
    let first = saturday;
    let last = addDays(saturday, 1);
    while (isFree(addDays(first, -1)) && first > addDays(saturday, -6)) first = addDays(first, -1);
    while (isFree(addDays(last, 1)) && last < addDays(saturday, 4)) last = addDays(last, 1);
    if (daysBetween(first, last) >= 2 && last > after) found.push({ checkIn: addDays(first, -1), checkOut: last });
  }
  lastFound.set(country, { after, found });
  return found;
}

/** The calendars of the day that was asked about last: within a day all guests ask for the same. */
const lastFound = new Map<Country, { after: CalendarDate; found: LongWeekend[] }>();

/**
 * Winter holidays of a year. Argentina: from the earliest provinces' first Saturday (before the first Monday from the 5th of
 * July) to the latest ones' last Sunday (two weeks from the Monday from the 15th). Brazil: July. Uruguay: around the first
 * two weeks of July.
 */
export function winterHolidays(country: Country, year: number): { from: CalendarDate; to: CalendarDate } {
  if (country === 'BR') return { from: `${year}-07-01`, to: `${year}-07-31` };
  const mondayFrom = (date: CalendarDate): CalendarDate => addDays(date, (8 - weekday(date)) % 7);
  if (country === 'UY') {
    const monday = mondayFrom(`${year}-06-29`);
    return { from: addDays(monday, -2), to: addDays(monday, 13) };
  }
  return { from: addDays(mondayFrom(`${year}-07-05`), -2), to: addDays(mondayFrom(`${year}-07-15`), 13) };
}
