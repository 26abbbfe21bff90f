import { addDays, type CalendarDate } from '#shared/domain/stay.ts';
import { at, textAt, words, type DateReader } from './date-point.ts';
import { addMonths } from './calendar-math.ts';

export type Unit = 'day' | 'week' | 'month' | 'fortnight' | 'year';
export type Amount = { count: number; unit: Unit };
/** "2 weeks 3 days": where it ends, and whether its parts only stand side by side ("in 2 weeks, 3 days" may be a stay). */
export type Amounts = { list: Amount[]; to: number; isLoose: boolean };

const someWords = words('algunos algunas unos unas few some varios varias alguns algumas several couple');
const units: Record<string, Unit> = {
  dia: 'day',
  dias: 'day',
  day: 'day',
  days: 'day',
  semana: 'week',
  semanas: 'week',
  week: 'week',
  weeks: 'week',
  mes: 'month',
  meses: 'month',
  month: 'month',
  months: 'month',
  mo: 'month',
  ano: 'year',
  anos: 'year',
  year: 'year',
  quincena: 'fortnight',
  quinzena: 'fortnight',
  fortnight: 'fortnight',
};

export const unitNamed = (word: string): Unit | undefined => units[word];

/** How many of a unit: "dos", "2", "a", "algunos". */
function readCount(reader: DateReader, index: number): { count: number; to: number } | null {
  const token = at(reader, index);
  if (!token) return null;
  if (token.text === 'un' && textAt(reader, index + 1) === 'par' && textAt(reader, index + 2) === 'de')
    return { count: 2, to: index + 3 };
  if (token.number !== undefined && token.digits < 4) return { count: token.number, to: index + 1 };
  if (token.text === 'a' && someWords.has(textAt(reader, index + 1)))
    return {
      count: textAt(reader, index + 1) === 'couple' ? 2 : 3,
      to: index + (textAt(reader, index + 2) === 'of' ? 3 : 2),
    };
  if (token.text === 'a' || token.text === 'an') return { count: 1, to: index + 1 };
  return someWords.has(token.text) ? { count: 3, to: index + 1 } : null;
}

function shift(date: CalendarDate, { count, unit }: Amount): CalendarDate {
  if (unit === 'month' || unit === 'year') return addMonths(date, unit === 'year' ? 12 * count : count);
  return addDays(date, count * (unit === 'week' ? 7 : unit === 'fortnight' ? 14 : 1));
}

/** "dos semanas", "2 weeks and 3 days"; null when no unit of days follows a number here. */
export function readAmounts(reader: DateReader, index: number): Amounts | null {
  const list: Amount[] = [];
  let to = index;
  let isLoose = false;
  for (let next = index; list.length < 3;) {
    const count = readCount(reader, next);
    const unit = count ? units[textAt(reader, count.to)] : undefined;
    if (!count || !unit || count.count < 1 || count.count > 400 || (unit === 'year' && count.count > 1)) break;
    list.push({ count: count.count, unit });
    to = count.to + 1;
    const isLinked = words('y e and').has(textAt(reader, to));
    isLoose ||= list.length > 1 && !words('y e and').has(textAt(reader, next - 1));
    next = isLinked ? to + 1 : to;
  }
  return list.length === 0 ? null : { list, to, isLoose };
}

/** A date so much later; earlier with a sign of -1. */
export function addAmounts(date: CalendarDate, amounts: readonly Amount[], sign: 1 | -1 = 1): CalendarDate {
  return amounts.reduce((day, { count, unit }) => shift(day, { count: sign * count, unit }), date);
}
