import { addDays, weekday as weekdayOf } from '#shared/domain/stay.ts';
import {
  dayNumberAt,
  isCounted,
  monthAt,
  readBareDay,
  readDatedPoint,
  readYear,
  skipFillers,
} from './calendar-points.ts';
import { at, hasWords, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import { lastDayOfMonth, nthWeekdayOf } from './calendar-math.ts';
import { resolvePoint } from './resolve-dates.ts';

const nextBefore = words('proximo proxima prox next following siguiente seguinte');
const thisBefore = words('este esta ese esse essa this');
const nextAfter = phrases(
  'que viene, q viene, que vem, proximo, proxima, siguiente, seguinte, que sigue, entrante, de la semana que viene, de la proxima semana, ' +
    'de la semana proxima, de la semana siguiente, de la siguiente semana, semana que viene, da semana que vem, da proxima semana, ' +
    'na semana que vem, semana que vem, next week, of next week, of the next week, of the following week, after next, de la otra semana',
);
const thisAfter = phrases(
  'de esta semana, desta semana, dessa semana, nesta semana, this week, of this week, de esta misma semana, de esta, esta semana',
);

/** "segunda quinzena" is the second one, not a Monday. */
const countedAsOrdinal = words('quinzena quincena semana vez opcao metade mitad noite opcion');

/** Where a weekday's name ends when one begins here: "terça-feira", "4ª feira", "lun."; 0 when none does. */
export function weekdayAt(reader: DateReader, index: number): { weekday: number; to: number } | null {
  const token = at(reader, index);
  if (!token) return null;
  if (reader.language === 'pt' && token.digits === 1 && token.number! >= 2 && token.number! <= 6) {
    const mark = at(reader, index + 1);
    if (mark?.text !== 'a' || !mark.glued) return null;
    const feira = phraseAt(reader, index + 2, phrases('feira, - feira, f ., f'));
    return { weekday: token.number! - 1, to: index + 2 + feira };
  }
  if (token.digits > 0 || token.isMark) return null;
  if (token.weekday !== undefined) {
    if (countedAsOrdinal.has(textAt(reader, index + 1))) return null;
    let to = index + 1;
    to += phraseAt(reader, to, phrases('feira, - feira, f ., - f'));
    if (textAt(reader, to) === '.' && at(reader, to)!.glued) to++;
    return { weekday: token.weekday, to };
  }
  if (token.shortWeekday === undefined) return null;
  const mark = at(reader, index + 1);
  const hasMark = !!mark?.glued && (mark.text === '.' || mark.text === ',');
  const after = at(reader, index + (hasMark ? 2 : 1));
  const isAlone = index === 0 && hasMark && !after;
  if (
    !isAlone &&
    !(
      after &&
      after.digits > 0 &&
      !isCounted(reader, index + (hasMark ? 2 : 1)) &&
      (hasMark || token.text === 'mar' || token.text.length === 2)
    )
  )
    return null;
  if (!hasMark && (token.text === 'mi' || token.text === 'do' || token.text === 'x' || token.text === 'mar'))
    return null;
  return { weekday: token.shortWeekday, to: index + (hasMark ? 2 : 1) };
}

/** "viernes 10", "lunes, 18 de febrero", "el jueves que viene", "next Friday". */
export function readWeekdayPoint(reader: DateReader, index: number): DatePoint | null {
  const name = weekdayAt(reader, index);
  if (!name) return null;
  const { weekday } = name;
  let to = name.to;
  const dayAt = skipFillers(reader, to);
  const dated = readDatedPoint(reader, dayAt) ?? bareDayAfter(reader, to, dayAt);
  if (dated) {
    const close = textAt(reader, dated.to) === ')' ? 1 : 0;
    return { ...dated, from: index, to: dated.to + close, weekday, isFirm: true };
  }
  const point: DatePoint = { from: index, to, weekday, isFirm: true };
  if (isFollowedByNumber(reader, dayAt)) point.isDoubtful = true;
  const gap = textAt(reader, to) === ',' ? 1 : 0;
  const next = phraseAt(reader, to + gap, nextAfter);
  const current = phraseAt(reader, to + gap, thisAfter);
  const before = textAt(reader, index - 1);
  if (next > 0) {
    const isWeek = textAt(reader, to + gap) !== 'que';
    to += next + gap;
    const isNearest = reader.language === 'pt' && textAt(reader, to - 1) === 'vem' && !isWeek;
    return {
      ...point,
      to,
      week: isNearest ? 'nearest' : isWeek && hasWeekWord(reader, name.to, to) ? 'week_next' : 'next',
    };
  }
  if (current > 0) return { ...point, to: to + current + gap, week: 'this' };
  if (before === 'week' && textAt(reader, index - 2) === 'next') return { ...point, week: 'week_next' };
  if (before === 'week' && textAt(reader, index - 2) === 'this') return { ...point, week: 'this' };
  if (nextBefore.has(before)) return { ...point, week: 'next' };
  if (thisBefore.has(before)) return point;
  return point;
}

/** "viernes 18" where the 18 could not be read as its day: then the weekday alone must not be believed either. */
function isFollowedByNumber(reader: DateReader, index: number): boolean {
  const token = at(reader, index);
  const isDay = !!token?.digits && token.digits < 3 && token.number! > 0 && token.number! < 32;
  return isDay && textAt(reader, index - 1) !== ',' && !reader.taken[index] && !isCounted(reader, index);
}

/** "… de la semana que viene" leaves no doubt; "el viernes que viene" does. */
function hasWeekWord(reader: DateReader, from: number, to: number): boolean {
  for (let k = from; k < to; k++) if (words('semana week').has(textAt(reader, k))) return true;
  return false;
}

/** The number after a weekday's name: "viernes 10", "sexta dia 13", "wednesday the thirty first". */
function bareDayAfter(reader: DateReader, to: number, dayAt: number): DatePoint | null {
  if (dayAt > to && (textAt(reader, to) === 'a' || textAt(reader, dayAt - 1) === 'a')) return null;
  if (textAt(reader, dayAt - 1) === ',' && reader.tokens[dayAt]?.digits === 0) return null;
  const token = at(reader, dayAt);
  if (!token || dayNumberAt(reader, dayAt) === undefined) return null;
  if (!token.digits && token.number !== undefined && token.number < 2) return null;
  const following = textAt(reader, dayAt + 1);
  if ((following === ':' || following === 'hs') && token.digits) return null;
  if (token.ordinal !== undefined && !token.digits) {
    return token.ordinal <= 31 ? { from: dayAt, to: dayAt + 1, day: token.ordinal, isFirm: true } : null;
  }
  return readBareDay(reader, dayAt);
}

const closeBefore = words('closest nearest');
const closeAfter = phrases(
  'mas cercano a, mas cercano al, mas proximo a, mas proximo al, mas cerca del, mais proxima de, mais proxima do, mais proximo de, mais proximo do, mais perto de, mais perto do, closest to, nearest to',
);

/** "the closest Monday to Oct 5th", "el lunes más cercano al 5 de octubre", "the second closest Friday to 10 May". */
export function readClosestWeekday(reader: DateReader, index: number): DatePoint | null {
  const nth = at(reader, index)?.ordinal;
  const isNth = nth !== undefined && nth < 6 && closeBefore.has(textAt(reader, index + 1));
  const isBefore = isNth || closeBefore.has(textAt(reader, index));
  const name = weekdayAt(reader, isBefore ? index + (isNth ? 2 : 1) : index);
  if (!name) return null;
  const link = isBefore ? (textAt(reader, name.to) === 'to' ? 1 : 0) : phraseAt(reader, name.to, closeAfter);
  const dated = link > 0 ? readDatedPoint(reader, skipFillers(reader, name.to + link)) : null;
  const anchor = dated ? resolvePoint(dated, reader.today).date : null;
  if (!dated || !anchor) return null;
  const ahead = (name.weekday - weekdayOf(anchor) + 7) % 7;
  const byDistance = [ahead, ahead - 7, ahead + 7, ahead - 14, ahead + 14, ahead - 21].toSorted(
    (a, b) => Math.abs(a) - Math.abs(b),
  );
  return { from: index, to: dated.to, date: addDays(anchor, byDistance[isNth ? nth! - 1 : 0]!), isFirm: true };
}

/** "el último día de enero", "last day of october 2027", "fifth last day of May" */
function readNthDay(reader: DateReader, index: number, nth: number): DatePoint | null {
  const toSkip = textAt(reader, index + 1) === 'to' ? 1 : 0;
  const isFromEnd = nth > 0 && ordinalWords.has(textAt(reader, index + 1 + toSkip));
  const dayAt = index + (isFromEnd ? 2 + toSkip : 1);
  if ((nth > 0 && !isFromEnd) || !words('dia day').has(textAt(reader, dayAt))) return null;
  if (!words('de del of in do').has(textAt(reader, dayAt + 1))) return null;
  const now = Number(reader.today.slice(0, 4));
  const isThisMonth = /^(mes|month)$/.test(textAt(reader, dayAt + 2)) || hasWords(reader, dayAt + 2, ['the', 'month']);
  const month = isThisMonth ? Number(reader.today.slice(5, 7)) : monthAt(reader, dayAt + 2);
  if (month === undefined) return null;
  const written = readYear(reader, dayAt + 3);
  const dateIn = (year: number): string => addDays(lastDayOfMonth(year, month), isFromEnd ? 1 - nth : 0);
  const date = written ? dateIn(written.year) : dateIn(now) >= reader.today ? dateIn(now) : dateIn(now + 1);
  return { from: index, to: written?.to ?? dayAt + 3, date, isFirm: true };
}

const ordinalWords = words('ultimo ultima last');

/** "first tuesday of october", "el último viernes de enero", "the first Friday of next month". */
export function readNthWeekday(reader: DateReader, index: number): DatePoint | null {
  const token = at(reader, index);
  if (!token) return null;
  const isLast = ordinalWords.has(token.text);
  if (textAt(reader, index - 1) === 'to' && isLast && at(reader, index - 2)?.ordinal) return null;
  const nth = isLast ? -1 : token.ordinal;
  if (nth === undefined || nth > 5) return null;
  const last = readNthDay(reader, index, nth);
  if (last) return last;
  const name = weekdayAt(reader, index + 1);
  if (!name || !words('de del of in do da').has(textAt(reader, name.to))) return null;
  const near = phraseAt(reader, name.to + 1, phrases('next month, mes que viene, proximo mes, mes que vem'));
  const month = monthAt(reader, name.to + 1);
  if (month === undefined && !near) return null;
  const written = near ? null : readYear(reader, name.to + 2);
  const now = Number(reader.today.slice(0, 4));
  const current = Number(reader.today.slice(5, 7));
  const wanted = month ?? (current % 12) + 1;
  for (const year of written ? [written.year] : [now, now + 1]) {
    const date = nthWeekdayOf(year, wanted, name.weekday, nth);
    if (date && (written || date >= reader.today))
      return { from: index, to: written?.to ?? name.to + 1 + Math.max(near, 1), date, isFirm: true };
  }
  return null;
}
