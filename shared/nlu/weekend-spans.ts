import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import {
  dayNumberAt,
  isCounted,
  monthAt,
  readDatedPoint,
  readMonthDay,
  readYear,
  skipFillers,
} from './calendar-points.ts';
import { at, phraseAt, phrases, textAt, words, type DateReader } from './date-point.ts';
import { countryOf, readHoliday, weekendOf } from './holiday-spans.ts';
import { lastDayOfMonth, mondayOf, toDate } from './calendar-math.ts';
import { longWeekends } from './days-off.ts';
import { comingWeekend, type DateSpan } from './date-span.ts';
import type { SlotName } from '#shared/domain/conversations/understanding.ts';

const weekendNames = phrases(
  'finde, findes, feriado largo, feriado puente, feriado prolongado, feriadao, feriadon, fin de semana puente, findesemana, finde semana, fds, fin de semana, fines de semana, fin de sem, finsemana, fim de semana, fins de semana, final de semana, finais de semana, fimde, weekend, weekends, week - end, week end, wknd',
);
const longWords = words('largo largos longo prolongado extralargo extendido long xl');
const anyWords = words('cualquier cualquiera algun alguno un any some a one qualquer algum um uno');
const nextWords = words('proximo prox next following siguiente seguinte otro');
const nextAfter = phrases('que viene, q viene, que vem, proximo, siguiente, que sigue, entrante, seguinte, after this');
const afterNext = phrases(
  'despues del proximo, despues de este, despues del que viene, after next, after the next, depois do proximo, siguiente al proximo',
);
/** "los fines de semana": a habit, not a date. */
const habitBefore = words('los os nos on the');
const lastWords = words('ultimo last');
const rolling = words('de del do da in of en');

/** "el finde que viene no, el otro": the one that is meant comes a week later, and is asked about. */
export function readWeekend(reader: DateReader, index: number): DateSpan | null {
  const span = readOneWeekend(reader, index);
  if (!span?.stay) return span;
  const isRefused =
    textAt(reader, span.to) === 'no' ||
    words('no not nao').has(textAt(reader, span.from - 1)) ||
    words('no not nao').has(textAt(reader, span.from - 2));
  let next = textAt(reader, span.to) === 'no' ? span.to + 1 : span.to;
  while (words(', sino mas but').has(textAt(reader, next)) && next < span.to + 3) next++;
  const other = phraseAt(reader, next, otherWeekend);
  if (!isRefused || !other) return span;
  const later = { checkIn: addDays(span.stay.checkIn, 7), checkOut: addDays(span.stay.checkOut, 7) };
  return { ...span, to: next + other, stay: later, doubts: ['checkIn', 'checkOut'] };
}

const otherWeekend = phrases(
  'el otro, el siguiente, el que sigue, el de despues, el proximo, el que viene, o outro, o seguinte, the one after, the next one, the next, the other one',
);

/** "este finde", "el fin de semana del 10", "un finde de febrero", "el finde largo". */
function readOneWeekend(reader: DateReader, index: number): DateSpan | null {
  const length = phraseAt(reader, index, weekendNames) || (isThisFin(reader, index) ? 1 : 0);
  if (!length) return null;
  let to = index + length;
  let first = index;
  const before = textAt(reader, index - 1);
  let isLong = longWords.has(before);
  if (isLong) first--;
  if (textAt(reader, index).startsWith('feriad')) isLong = true;
  if (longWords.has(textAt(reader, to))) {
    isLong = true;
    to++;
  }
  const isPlural = textAt(reader, index) !== 'fds' && textAt(reader, index).endsWith('s');
  if (isPlural && habitBefore.has(before)) return { from: first, to, doubts: [] };
  if (isLong) return readLongWeekend(reader, first, to);
  const month = readMonthOf(reader, to);
  if (month) return weekendOfMonth(reader, index, month);
  const feast = rolling.has(textAt(reader, to)) ? readHoliday(reader, to + 1) : null;
  if (feast?.stay) return { ...feast, from: first, stay: weekendOf(feast.stay), doubts: ['checkIn', 'checkOut'] };
  const near = readNearWeekend(reader, first, to);
  if (near) return near;
  const skip = phraseAt(reader, to, afterNext);
  if (skip)
    return weekendFrom(first, to + skip, addDays(comingWeekend(reader.today).checkOut, 14), ['checkIn', 'checkOut']);
  const following = words('siguiente seguinte following').has(textAt(reader, to)) ? 1 : 0;
  if (reader.knownCheckIn && (following || words('siguiente seguinte following otro outro').has(before)))
    return weekendFrom(first, to + following, addDays(mondayOf(reader.knownCheckIn), 13), ['checkIn', 'checkOut']);
  const next = phraseAt(reader, to, nextAfter);
  const coming = comingWeekend(reader.today);
  if (next || nextWords.has(before)) {
    const isNow = weekday(reader.today) === 0 || weekday(reader.today) >= 5;
    const sunday = isNow ? addDays(coming.checkOut, weekday(reader.today) === 0 ? 0 : 7) : coming.checkOut;
    return weekendFrom(first, to + next, sunday, isNow ? [] : ['checkIn', 'checkOut']);
  }
  const isOther = reader.tokens.some((token) => token.text === 'otro' || token.text === 'other');
  const isOpen = weekday(reader.today) === 0 || anyWords.has(before) || isOther;
  const doubts: SlotName[] = isOpen ? ['checkIn', 'checkOut'] : [];
  return { from: first, to, stay: coming, doubts };
}

/** "este fin" alone is a weekend too; "fin de mes" is not. */
function isThisFin(reader: DateReader, index: number): boolean {
  const next = textAt(reader, index + 1);
  return (
    textAt(reader, index) === 'fin' &&
    ['este', 'proximo'].includes(textAt(reader, index - 1)) &&
    next !== 'de' &&
    next !== 'del'
  );
}

function weekendFrom(from: number, to: number, sunday: CalendarDate, doubts: SlotName[]): DateSpan {
  return { from, to, stay: { checkIn: addDays(sunday, -2), checkOut: sunday }, doubts };
}

/** "… de febrero", "… de enero 2027", "… do mês de setembro" */
function readMonthOf(reader: DateReader, index: number): { year: number; month: number; to: number } | null {
  if (!rolling.has(textAt(reader, index))) return null;
  let next = index + 1;
  if (textAt(reader, next) === 'mes' || textAt(reader, next) === 'month')
    next += rolling.has(textAt(reader, next + 1)) ? 2 : 1;
  const month = monthAt(reader, next);
  const thisYear = phraseAt(reader, next, phrases('ano, anio, the year, year'));
  const ofYear =
    month !== undefined
      ? null
      : (readYear(reader, next) ?? (thisYear ? { year: Number(reader.today.slice(0, 4)), to: next + thisYear } : null));
  // "el último finde del año", "the first weekend of 2027"
  if (ofYear && index > 1) {
    const isLast = lastWords.has(textAt(reader, index - 2));
    return { year: ofYear.year, month: isLast ? 12 : 1, to: ofYear.to };
  }
  if (month === undefined || readMonthDay(reader, next)) return null;
  const year = readYear(reader, next + 1);
  const now = Number(reader.today.slice(0, 4));
  return {
    month,
    year: year?.year ?? (lastDayOfMonth(now, month) < reader.today ? now + 1 : now),
    to: year?.to ?? next + 1,
  };
}

/** "el primer finde de septiembre" is exact; "un finde de febrero" is a window. */
function weekendOfMonth(
  reader: DateReader,
  index: number,
  month: { year: number; month: number; to: number },
): DateSpan {
  const before = at(reader, index - 1);
  const nth = lastWords.has(before?.text ?? '') ? -1 : before?.ordinal;
  const first = toDate(month.year, month.month, 1)!;
  const last = lastDayOfMonth(month.year, month.month);
  if (nth === undefined || nth > 5)
    return {
      from: index,
      to: month.to,
      window: { from: first < reader.today ? reader.today : first, to: last },
      doubts: [],
    };
  const friday =
    nth < 0
      ? addDays(last, -((weekday(last) - 5 + 7) % 7))
      : addDays(first, ((5 - weekday(first) + 7) % 7) + 7 * (nth - 1));
  return weekendFrom(index - 1, month.to, addDays(friday, 2), []);
}

/** "el fin de semana del 10", "o fim de semana de 10/05", "el finde del 10 y 11 de enero" */
function readNearWeekend(reader: DateReader, from: number, to: number): DateSpan | null {
  if (!rolling.has(textAt(reader, to))) return null;
  const dayAt = skipFillers(reader, to + 1);
  const dated = readDatedPoint(reader, dayAt);
  const bare = dated || isCounted(reader, dayAt) ? undefined : dayNumberAt(reader, dayAt);
  if (bare !== undefined && words('al a y - hasta e and to').has(textAt(reader, dayAt + 1))) return null;
  if (dated && words('al a y hasta e and to').has(textAt(reader, dated.to))) return null;
  const anchor = dated ? nextDate(reader, dated.day!, dated.month!, dated.year) : bare ? nextDay(reader, bare) : null;
  if (!anchor) return null;
  const day = weekday(anchor);
  const sunday = addDays(anchor, day === 0 ? 0 : day >= 4 ? 7 - day : -day);
  const doubts: SlotName[] = day >= 1 && day <= 3 ? ['checkIn', 'checkOut'] : [];
  return weekendFrom(from, dated ? dated.to : dayAt + 1, sunday, doubts);
}

function nextDate(reader: DateReader, day: number, month: number, year?: number): CalendarDate | null {
  const now = Number(reader.today.slice(0, 4));
  if (year) return toDate(year, month, day);
  const date = toDate(now, month, day);
  return date && date >= reader.today ? date : toDate(now + 1, month, day);
}

function nextDay(reader: DateReader, day: number): CalendarDate | null {
  const now = Number(reader.today.slice(0, 4));
  const month = Number(reader.today.slice(5, 7));
  for (let k = 0; k < 4; k++) {
    const date = toDate(now + Math.floor((month - 1 + k) / 12), ((month - 1 + k) % 12) + 1, day);
    if (date && date >= reader.today) return date;
  }
  return null;
}

/** The next long weekend, the one of a month, or the one around a feast or a date. */
function readLongWeekend(reader: DateReader, from: number, to: number): DateSpan {
  const month = readMonthOf(reader, to);
  const all = longWeekends(countryOf(reader), reader.today).filter((weekend) => weekend.checkIn >= reader.today);
  const near = rolling.has(textAt(reader, to)) ? readAnchor(reader, to + 1) : null;
  const around =
    near && all.find(({ checkIn, checkOut }) => addDays(checkIn, -1) <= near.date && near.date <= addDays(checkOut, 2));
  if (near) {
    const stay = around ?? { checkIn: near.date, checkOut: near.date };
    return { from, to: near.to, stay, doubts: ['checkIn', 'checkOut'] };
  }
  const wanted = month
    ? all.find((weekend) => weekend.checkOut.startsWith(`${month.year}-${String(month.month).padStart(2, '0')}`))
    : all[0];
  const end = month?.to ?? to;
  if (wanted) return { from, to: end, stay: wanted, doubts: ['checkIn', 'checkOut'] };
  if (!month) return { from, to: end, doubts: ['checkIn'] };
  const first = toDate(month.year, month.month, 1)!;
  return { from, to: end, window: { from: first, to: lastDayOfMonth(month.year, month.month) }, doubts: [] };
}

/** "… de carnaval", "… do dia 7 de setembro", "… del 12/10" */
function readAnchor(reader: DateReader, index: number): { date: CalendarDate; to: number } | null {
  const feast = readHoliday(reader, index);
  if (feast?.stay) return { date: feast.stay.checkIn, to: feast.to };
  const dated = readDatedPoint(reader, skipFillers(reader, index));
  const date = dated ? nextDate(reader, dated.day!, dated.month!, dated.year) : null;
  return dated && date ? { date, to: dated.to } : null;
}
