import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { at, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import { addMonths } from './holidays.ts';
import { weekdayAt } from './weekday-points.ts';

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
const units: Record<string, 'day' | 'week' | 'month' | 'fortnight'> = {
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
  if (unit === 'month') return addMonths(date, count);
  return addDays(date, count * (unit === 'week' ? 7 : unit === 'fortnight' ? 14 : 1));
}

function readOffset(reader: DateReader, index: number): DatePoint | null {
  let next = index;
  const isAhead = beforeUnits.has(textAt(reader, next));
  if (isAhead) {
    next++;
    while (
      next < index + 3 &&
      words('de a dentro unos').has(textAt(reader, next)) &&
      textAt(reader, next + 1) !== 'few' &&
      !(textAt(reader, next) === 'a' && reader.language === 'en')
    )
      next++;
  }
  const count = readCount(reader, next);
  if (!count || count.count > 400) return null;
  const unit = units[textAt(reader, count.to)];
  if (!unit) return null;
  let to = count.to + 1;
  if (textAt(reader, index) === 'en' && reader.language === 'en') return null;
  const base = readBase(reader, to);
  if (base) return { from: index, to: base.to, date: shift(base.date, count.count, unit), isFirm: true };
  const after = phraseAt(reader, to, afterUnits);
  if (!isAhead && !after) return null;
  if (isAhead && textAt(reader, index) === 'after' && !after) return null;
  to += after;
  const isFromHere =
    after > 0 && words('despues later depois mas mais').has(textAt(reader, count.to + 1)) && unit === 'day';
  const date = shift(reader.today, count.count, unit);
  return isFromHere && !isAhead
    ? { from: index, to, step: count.count, isFirm: true }
    : { from: index, to, date, isFirm: true };
}

/** "… from tomorrow", "… después de mañana", "… a partir de hoy", "… from Tuesday". */
function readBase(reader: DateReader, index: number): { date: CalendarDate; to: number } | null {
  const link = phraseAt(
    reader,
    index,
    phrases('from, after, despues de, a partir de, depois de, a partir del, despues del'),
  );
  if (!link) return null;
  const skip = words('el la the next').has(textAt(reader, index + link)) ? 1 : 0;
  const named = readNamedDay(reader, index + link + skip);
  if (named?.date) return { date: named.date, to: named.to };
  const name = weekdayAt(reader, index + link + skip);
  if (!name) return null;
  const ahead = (name.weekday - weekday(reader.today) + 7) % 7 || 7;
  return { date: addDays(reader.today, ahead), to: name.to };
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
