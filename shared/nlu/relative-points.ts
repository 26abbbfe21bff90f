import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import type { DateSpan } from './date-span.ts';
import { at, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import { addAmounts, readAmounts, type Amounts } from './counted-units.ts';
import { resolvePoint } from './resolve-dates.ts';
import { weekdayAt } from './weekday-points.ts';
import { readHoliday } from './holiday-spans.ts';
import { readDatedPoint } from './calendar-points.ts';

const todayPhrases = phrases(
  'hoy, hoy mismo, hoje, today, esta noche, esta tarde, esta manana, hoy a la noche, hoy a la tarde, hoy por la noche, para ahora, esta misma noche, esta misma tarde, tonight, this evening, this afternoon, this morning, nesse momento, neste momento, hoje mesmo, esta noite, hoje a noite',
);
const tomorrowPhrases = phrases(
  'manana, amanha, tomorrow, tomorrows, tmrw, tmr, tomorow, tommorow, tomorrow night, mnana',
);
const afterTomorrowPhrases = phrases(
  'pasado manana, pasadomanana, despues de manana, dia despues de manana, dia siguiente a manana, dia depois de amanha, depois de amanha, day after tomorrow, day after tmrw, depois damanha, overmorrow',
);
const nextDayPhrases = phrases(
  'dia siguiente, dia despues, dia de despues, proximo dia, dia seguinte, next day, following day, siguiente dia, dia proximo',
);
const beforeUnits = words('en dentro in within em daqui aqui aca after +');
const afterUnits = phrases(
  'despues, mas tarde, later, hence, from now, a partir de hoy, desde hoy, from today, after today, depois, mais tarde, despues de hoy, a partir de ahora, a partir de hoje, a contar de hoy',
);
/** "less than 3 days after tomorrow", "en menos de dos semanas": from the day it is counted from to its end. */
export function readWithin(reader: DateReader, index: number): DateSpan | null {
  const length = phraseAt(reader, index, withinPhrases);
  const amounts = length > 0 ? readAmounts(reader, index + length) : null;
  if (!amounts) return null;
  const base = readBase(reader, amounts.to);
  if (base?.isBefore || (!base && !beforeUnits.has(textAt(reader, index)))) return null;
  const from = base?.date ?? reader.today;
  if (from < reader.today) return null;
  const to = addAmounts(from, amounts.list);
  return {
    from: index,
    to: base?.to ?? amounts.to,
    window: { from, to },
    guess: { checkIn: from, checkOut: to },
    doubts: [],
  };
}

const withinPhrases = phrases(
  'less than, no more than, at most, in less than, within less than, menos de, en menos de, no mas de, menos que, em menos de, dentro de menos de',
);

/** "hoy", "pasado mañana", "en dos semanas", "3 días después", "a week from tomorrow". */
export function readRelative(reader: DateReader, index: number): DatePoint | null {
  return (
    readDayBeside(reader, index) ??
    readNamedDay(reader, index) ??
    readOffset(reader, index) ??
    readWeekdaysAhead(reader, index)
  );
}

const dayBeside = phrases(
  'dia despues, dia antes, dia anterior, dia siguiente, dia seguinte, dia depois, dia posterior, day after, day before, night before, noche antes, noche anterior, vespera',
);

/** "the day after Christmas", "un día antes de año nuevo", "dia seguinte ao natal"; never "day after tomorrow". */
function readDayBeside(reader: DateReader, index: number): DatePoint | null {
  const length = phraseAt(reader, index, dayBeside);
  if (!length || phraseAt(reader, index, afterTomorrowPhrases) > 0) return null;
  const isBefore = words('antes anterior before vespera').has(textAt(reader, index + length - 1));
  const skip = words('de del do da al a ao').has(textAt(reader, index + length)) ? 1 : 0;
  const base = readBaseDay(reader, index + length + skip);
  if (!base || base.date <= addDays(reader.today, 1)) return null;
  return { from: index, to: base.to, date: addDays(base.date, isBefore ? -1 : 1), isFirm: true };
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

function readOffset(reader: DateReader, index: number): DatePoint | null {
  const lead = textAt(reader, index);
  const isAhead = beforeUnits.has(lead) && !(lead === 'en' && reader.language === 'en');
  const countAt = isAhead ? skipLead(reader, index + 1) : index;
  if (words('half medio media meio meia').has(textAt(reader, countAt - 1))) return null;
  const amounts = withSignedTail(reader, lead, readAmounts(reader, countAt));
  if (!amounts) return null;
  const unitEnd = amounts.to;
  const doubt = amounts.isLoose ? { isDoubtful: true } : {};
  const isStay = words('for por durante').has(textAt(reader, index - 1));
  const base = isStay ? null : readBase(reader, unitEnd);
  if (base) {
    const date = addAmounts(base.date, amounts.list, base.isBefore ? -1 : 1);
    const point = { from: index, to: base.to, date, isFirm: true, ...doubt };
    return nthWeekdayAfter(reader, point, amounts, base) ?? onWeekday(reader, point);
  }
  const after = phraseAt(reader, unitEnd, afterUnits);
  if (!after && (!isAhead || lead === 'after')) return null;
  const to = unitEnd + after;
  const [first] = amounts.list;
  const isDays = amounts.list.length === 1 && first!.unit === 'day';
  if (after > 0 && !isAhead && isDays && laterWords.has(textAt(reader, unitEnd)))
    return { from: index, to, step: first!.count, isFirm: true };
  const date = addAmounts(reader.today, amounts.list);
  const isWeeksAhead = amounts.list.length === 1 && first!.unit === 'week';
  return onWeekday(reader, {
    from: index,
    to,
    date,
    isFirm: true,
    ...doubt,
    ...(isWeeksAhead ? { isWeeksAhead } : {}),
  });
}

/** "+2 months, 5 days": after a plus a comma joins too. */
function withSignedTail(reader: DateReader, lead: string, amounts: Amounts | null): Amounts | null {
  if (lead !== '+' || !amounts || textAt(reader, amounts.to) !== ',') return amounts;
  const tail = readAmounts(reader, amounts.to + 1);
  return tail ? { list: [...amounts.list, ...tail.list], to: tail.to, isLoose: false } : amounts;
}

/** "3 weeks after Christmas on Friday": the third Friday after it. */
function nthWeekdayAfter(
  reader: DateReader,
  point: DatePoint,
  { list }: Amounts,
  base: { date: CalendarDate; isBefore: boolean },
): DatePoint | null {
  const isWeeks = list.length === 1 && list[0]!.unit === 'week' && base.date > addDays(reader.today, 1);
  const name = isWeeks && !base.isBefore && textAt(reader, point.to) === 'on' ? weekdayAt(reader, point.to + 1) : null;
  if (!name) return null;
  const ahead = (name.weekday - weekday(base.date) + 7) % 7 || 7;
  const date = addDays(base.date, ahead + 7 * (list[0]!.count - 1));
  return { ...point, to: name.to, date, isDoubtful: true };
}

const laterWords = words('despues later depois mas mais');

/** "dentro de", "daqui a", "de aquí a": the small words before the count. */
function skipLead(reader: DateReader, index: number): number {
  let next = index;
  while (next < index + 2 && words('de a').has(textAt(reader, next)) && reader.language !== 'en') next++;
  const isRough = words('unos unas uns umas about around aproximadamente like some').has(textAt(reader, next));
  return isRough && at(reader, next + 1)?.number !== undefined ? next + 1 : next;
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
  const base = readBaseDay(
    reader,
    index + link,
    before > 0 || words('after despues depois').has(textAt(reader, index)),
  );
  return base && { ...base, isBefore: before > 0 };
}

/** The day that is counted from; a plain date only where words before it say that it is one. */
function readBaseDay(reader: DateReader, index: number, takesDates = true): { date: CalendarDate; to: number } | null {
  const isNext = words('next proximo proxima').has(textAt(reader, index));
  const start = index + (isNext || words('el la the o a').has(textAt(reader, index)) ? 1 : 0);
  const named = readNamedDay(reader, start);
  const isPast = words('ayer ontem yesterday').has(textAt(reader, start));
  if (isPast) return { date: addDays(reader.today, -1), to: start + 1 };
  if (named?.date) return { date: named.date, to: named.to };
  const name = weekdayAt(reader, start);
  if (name) {
    const point: DatePoint = {
      from: start,
      to: name.to,
      weekday: name.weekday,
      isFirm: true,
      ...(isNext ? { week: 'next' } : {}),
    };
    return { date: resolvePoint(point, reader.today).date!, to: name.to };
  }
  const holiday = readHoliday(reader, start);
  if (holiday?.stay) return { date: holiday.stay.checkIn, to: holiday.to };
  if (!takesDates) return null;
  const dated = readDatedPoint(reader, start);
  const resolved = dated ? resolvePoint(dated, reader.today).date : null;
  return dated && resolved ? { date: resolved, to: dated.to } : null;
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
