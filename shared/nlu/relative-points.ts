import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { at, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import { addMonths } from './holidays.ts';
import { resolvePoint } from './resolve-dates.ts';
import { weekdayAt } from './weekday-points.ts';
import { readHoliday } from './holiday-spans.ts';
import { readDatedPoint } from './calendar-points.ts';

const todayPhrases = phrases(
  'hoy, hoy mismo, hoje, today, esta noche, esta tarde, esta manana, hoy a la noche, tonight, this evening, this afternoon, this morning, nesse momento, neste momento, hoje mesmo, esta noite, hoje a noite',
);
const tomorrowPhrases = phrases(
  'manana, amanha, tomorrow, tomorrows, tmrw, tmr, tomorow, tommorow, tomorrow night, mnana',
);
const afterTomorrowPhrases = phrases(
  'pasado manana, pasadomanana, despues de manana, depois de amanha, day after tomorrow, day after tmrw, depois damanha, overmorrow',
);
const nextDayPhrases = phrases(
  'dia siguiente, dia despues, dia de despues, proximo dia, dia seguinte, next day, following day, siguiente dia, dia proximo',
);
const beforeUnits = words('en dentro in within em daqui after');
const afterUnits = phrases(
  'despues, mas tarde, later, hence, from now, a partir de hoy, desde hoy, from today, after today, depois, mais tarde, despues de hoy, a partir de ahora, a partir de hoje, a contar de hoy',
);
const someWords = words('algunos algunas unos unas few some varios varias alguns algumas several couple');
const units: Record<string, 'day' | 'week' | 'month' | 'fortnight' | 'year'> = {
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

/** "hoy", "pasado mañana", "en dos semanas", "3 días después", "a week from tomorrow". */
export function readRelative(reader: DateReader, index: number): DatePoint | null {
  return readNamedDay(reader, index) ?? readOffset(reader, index) ?? readWeekdaysAhead(reader, index);
}

function readNamedDay(reader: DateReader, index: number): DatePoint | null {
  const point = (length: number, days: number): DatePoint => ({
    from: index,
    to: index + length,
    date: addDays(reader.today, days),
    isFirm: true,
  });
  const after = phraseAt(reader, index, afterTomorrowPhrases);
  if (after) return point(after, 2);
  const today = phraseAt(reader, index, todayPhrases);
  if (today) return point(today, 0);
  const tomorrow = phraseAt(reader, index, tomorrowPhrases);
  if (tomorrow && !isMorning(reader, index)) return point(tomorrow, 1);
  if (
    textAt(reader, index) === 'pasado' &&
    words('a al hasta y o para').has(textAt(reader, index - 1)) &&
    reader.language === 'es'
  )
    return point(1, 2);
  const next = phraseAt(reader, index, nextDayPhrases);
  if (next) return { from: index, to: index + next, step: 1, isFirm: true };
  return null;
}

/** "a la mañana" is the morning. */
function isMorning(reader: DateReader, index: number): boolean {
  const before = textAt(reader, index - 1);
  return (
    textAt(reader, index) === 'manana' &&
    (before === 'la' || before === 'media' || before === 'esta' || before === 'las')
  );
}

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

function shift(date: CalendarDate, count: number, unit: string): CalendarDate {
  if (unit === 'month' || unit === 'year') return addMonths(date, unit === 'year' ? 12 * count : count);
  return addDays(date, count * (unit === 'week' ? 7 : unit === 'fortnight' ? 14 : 1));
}

function readOffset(reader: DateReader, index: number): DatePoint | null {
  const lead = textAt(reader, index);
  const isAhead = beforeUnits.has(lead) && !(lead === 'en' && reader.language === 'en');
  const countAt = isAhead ? skipLead(reader, index + 1) : index;
  const count = readCount(reader, countAt);
  if (!count || count.count > 400 || count.count < 1) return null;
  const unit = units[textAt(reader, count.to)];
  if (!unit || (unit === 'year' && count.count > 1)) return null;
  const unitEnd = count.to + 1;
  const isStay = words('for por durante').has(textAt(reader, index - 1));
  const base = isStay ? null : readBase(reader, unitEnd);
  if (base) {
    const date = shift(base.date, base.isBefore ? -count.count : count.count, unit);
    return onWeekday(reader, { from: index, to: base.to, date, isFirm: true });
  }
  const after = phraseAt(reader, unitEnd, afterUnits);
  if (!after && (!isAhead || lead === 'after')) return null;
  const to = unitEnd + after;
  const isFromNamedDay = after > 0 && !isAhead && unit === 'day' && laterWords.has(textAt(reader, unitEnd));
  if (isFromNamedDay) return { from: index, to, step: count.count, isFirm: true };
  return onWeekday(reader, { from: index, to, date: shift(reader.today, count.count, unit), isFirm: true });
}

const laterWords = words('despues later depois mas mais');

/** "dentro de", "daqui a", "de aquí a": the small words before the count. */
function skipLead(reader: DateReader, index: number): number {
  let next = index;
  while (next < index + 2 && words('de a').has(textAt(reader, next)) && reader.language !== 'en') next++;
  return next;
}

/** "two months from today on Tuesday": the first such weekday from there. */
function onWeekday(reader: DateReader, point: DatePoint): DatePoint {
  if (!words('on el na no un').has(textAt(reader, point.to))) return point;
  const name = weekdayAt(reader, point.to + 1);
  const next = at(reader, name?.to ?? 0);
  if (!name || (next && next.digits > 0)) return point;
  const ahead = (name.weekday - weekday(point.date!) + 7) % 7;
  return { ...point, to: name.to, date: addDays(point.date!, ahead), isDoubtful: true };
}

const baseLinks = phrases('from, after, despues de, a partir de, depois de, a partir del, despues del, de');
const beforeLinks = phrases('before, antes de, antes del, antes do');

/** "… from tomorrow", "… después de mañana", "… before Christmas", "… after January 12th". */
function readBase(reader: DateReader, index: number): { date: CalendarDate; to: number; isBefore: boolean } | null {
  const before = phraseAt(reader, index, beforeLinks);
  const link = before || phraseAt(reader, index, baseLinks);
  if (!link || (link === 1 && textAt(reader, index) === 'de')) return null;
  const isNext = words('next proximo proxima').has(textAt(reader, index + link));
  const start = index + link + (isNext || words('el la the o a').has(textAt(reader, index + link)) ? 1 : 0);
  const named = readNamedDay(reader, start);
  const isPast = words('ayer ontem yesterday').has(textAt(reader, start));
  const result = (date: CalendarDate, to: number) => ({ date, to, isBefore: before > 0 });
  if (isPast) return result(addDays(reader.today, -1), start + 1);
  if (named?.date) return result(named.date, named.to);
  const name = weekdayAt(reader, start);
  if (name) {
    const point: DatePoint = {
      from: start,
      to: name.to,
      weekday: name.weekday,
      isFirm: true,
      ...(isNext ? { week: 'next' } : {}),
    };
    return result(resolvePoint(point, reader.today).date!, name.to);
  }
  const holiday = readHoliday(reader, start);
  if (holiday?.stay) return result(holiday.stay.checkIn, holiday.to);
  if (before === 0 && !words('after despues depois').has(textAt(reader, index))) return null;
  const dated = readDatedPoint(reader, start);
  const resolved = dated ? resolvePoint(dated, reader.today).date : null;
  return dated && resolved ? result(resolved, dated.to) : null;
}

/** "two sundays from now", "dos lunes después" */
function readWeekdaysAhead(reader: DateReader, index: number): DatePoint | null {
  const count = at(reader, index)?.number;
  if (count === undefined || count > 9) return null;
  const name = weekdayAt(reader, index + 1);
  const after = name ? phraseAt(reader, name.to, afterUnits) : 0;
  if (!name || !after) return null;
  const first = (name.weekday - weekday(reader.today) + 7) % 7 || 7;
  return { from: index, to: name.to + after, date: addDays(reader.today, first + 7 * (count - 1)), isFirm: true };
}
