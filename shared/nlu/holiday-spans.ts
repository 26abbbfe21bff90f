import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { readYear } from './calendar-points.ts';
import { hasWords, textAt, words, type DateReader } from './date-point.ts';
import { holidayNames } from './holiday-names.ts';
import { holidayIn, type Country, type HolidayRule } from './holiday-rules.ts';
import { comingWeekend, type DateSpan } from './date-span.ts';

type Named = { words: readonly string[]; rule: HolidayRule; elsewhere: Partial<Record<Country, HolidayRule>> };

/** Names by their first word, the longest first. */
const byFirstWord = new Map<string, Named[]>();
for (const [names, rule, elsewhere = {}] of holidayNames)
  for (const name of names.split(',')) {
    const named = { words: name.trim().split(' '), rule, elsewhere };
    const same = byFirstWord.get(named.words[0]!) ?? [];
    byFirstWord.set(
      named.words[0]!,
      [...same, named].toSorted((x, y) => y.words.length - x.words.length),
    );
  }
const otherCalendars = words('chinese lunar islamic jewish parsi orthodox chino judio chines ovo huevo huevos rosca');

const uruguay = words('uruguay uruguayo uruguaya uruguayos uruguai');
const brazil = words('brasil brazil brasileno brasilena brasileiro brasileira brasilenos brasileiros');

/** Whose holidays a guest means: who is named, else Brazil's in Portuguese and Argentina's in other languages. */
export function countryOf(reader: DateReader): Country {
  const known = countries.get(reader);
  if (known) return known;
  const { tokens, language } = reader;
  const isNamed = (names: Set<string>): boolean => tokens.some(({ text }) => names.has(text));
  const country = isNamed(uruguay) ? 'UY' : language === 'pt' || isNamed(brazil) ? 'BR' : 'AR';
  countries.set(reader, country);
  return country;
}

/** A message of nothing but feasts must not be searched for a country at each of them. */
const countries = new WeakMap<DateReader, Country>();

/** A holiday by its name: one day (the guest may come before it: doubtful) or a stay (Semana Santa, Carnaval). */
export function readHoliday(reader: DateReader, index: number): DateSpan | null {
  const named = byFirstWord.get(textAt(reader, index))?.find((one) => hasWords(reader, index, one.words));
  if (!named || otherCalendars.has(textAt(reader, index - 1)) || otherCalendars.has(textAt(reader, index - 2)))
    return null;
  const rule = named.elsewhere[countryOf(reader)] ?? named.rule;
  let to = index + named.words.length;
  const year = readYear(reader, to);
  if (year) to = year.to;
  const now = Number(reader.today.slice(0, 4));
  for (const inYear of year ? [year.year] : [now, now + 1]) {
    const days = holidayIn(rule, inYear);
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
        isFeast: true,
        doubts: ['checkIn', 'checkOut'],
      };
    return { from: index, to, stay: { checkIn: days.from, checkOut: days.from }, isFeast: true, doubts: ['checkIn'] };
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
