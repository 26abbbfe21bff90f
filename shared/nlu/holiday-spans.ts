import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { readYear } from './calendar-points.ts';
import { phraseAt, phrases, textAt, words, type DateReader, type Phrases } from './date-point.ts';
import { holidayNames } from './holiday-names.ts';
import { holidayIn, type Country, type HolidayRule } from './holiday-rules.ts';
import { comingWeekend, type DateSpan } from './date-span.ts';

const holidays: { phrases: Phrases; rule: HolidayRule; elsewhere: Partial<Record<Country, HolidayRule>> }[] =
  holidayNames.map(([names, rule, elsewhere = {}]) => ({ phrases: phrases(names), rule, elsewhere }));
const otherCalendars = words('chinese lunar islamic jewish parsi orthodox chino judio chines ovo huevo huevos rosca');
const holidayStarts = new Set(holidays.flatMap((holiday) => [...holiday.phrases.keys()]));

const uruguay = words('uruguay uruguayo uruguaya uruguayos uruguai');
const brazil = words('brasil brazil brasileno brasilena brasileiro brasileira brasilenos brasileiros');

/** Whose holidays a guest means: who is named, else Brazil's in Portuguese and Argentina's in other languages. */
export function countryOf({ tokens, language }: DateReader): Country {
  if (tokens.some(({ text }) => uruguay.has(text))) return 'UY';
  return language === 'pt' || tokens.some(({ text }) => brazil.has(text)) ? 'BR' : 'AR';
}

/** A holiday by its name: one day (the guest may come before it: doubtful) or a stay (Semana Santa, Carnaval). */
export function readHoliday(reader: DateReader, index: number): DateSpan | null {
  if (
    !holidayStarts.has(textAt(reader, index)) ||
    otherCalendars.has(textAt(reader, index - 1)) ||
    otherCalendars.has(textAt(reader, index - 2))
  )
    return null;
  let best: { length: number; rule: HolidayRule } | null = null;
  for (const holiday of holidays) {
    const length = phraseAt(reader, index, holiday.phrases);
    if (length > (best?.length ?? 0)) best = { length, rule: holiday.elsewhere[countryOf(reader)] ?? holiday.rule };
  }
  if (!best) return null;
  let to = index + best.length;
  const year = readYear(reader, to);
  if (year) to = year.to;
  const now = Number(reader.today.slice(0, 4));
  for (const inYear of year ? [year.year] : [now, now + 1]) {
    const days = holidayIn(best.rule, inYear);
    if (!days || (!year && days.from < reader.today)) continue;
    const isWeekend = words('weekend week').has(textAt(reader, to));
    if (isWeekend && !days.to) {
      const end = textAt(reader, to) === 'week' && textAt(reader, to + 1) === '-' ? to + 3 : to + 1;
      return { from: index, to: end, stay: weekendAround(days.from), doubts: ['checkIn', 'checkOut'] };
    }
    if (days.to)
      return {
        from: index,
        to,
        stay: { checkIn: days.from, checkOut: days.to },
        doubts: ['checkIn', 'checkOut'],
      };
    return { from: index, to, stay: { checkIn: days.from, checkOut: days.from }, doubts: ['checkIn'] };
  }
  return null;
}

/** A holiday's weekend: with a Monday or Friday off, three days. */
function weekendAround(date: CalendarDate): { checkIn: CalendarDate; checkOut: CalendarDate } {
  const day = weekday(date);
  if (day === 1) return { checkIn: addDays(date, -2), checkOut: date };
  if (day === 5) return { checkIn: date, checkOut: addDays(date, 2) };
  return comingWeekend(addDays(date, day === 0 ? -3 : 0));
}

/** "el finde de carnaval", "el finde de reyes": the feast's own days, or the weekend nearest to them. */
export function weekendOf(stay: { checkIn: CalendarDate; checkOut: CalendarDate }): {
  checkIn: CalendarDate;
  checkOut: CalendarDate;
} {
  return stay.checkIn === stay.checkOut ? weekendAround(stay.checkIn) : stay;
}
