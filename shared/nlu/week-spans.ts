import { addDays } from '#shared/domain/stay.ts';
import { readBareDay, readDatedPoint, skipFillers } from './calendar-points.ts';
import { at, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import type { DateSpan } from './date-span.ts';
import { mondayOf } from './calendar-math.ts';
import { clip, monthOf, ofWords, readMonth } from './named-month.ts';
import { resolvePoint } from './resolve-dates.ts';
import { readWeekdayPoint } from './weekday-points.ts';

const nextBefore = words('proximo proxima next following siguiente prox coming otra');
const nextAfter = phrases('que viene, q viene, que vem, proximo, proxima, siguiente, que sigue, entrante, seguinte');
const weekAfterNext = phrases(
  'despues de la proxima, despues de la que viene, after next, after the next, subsiguiente',
);

/** The week we are in, from today. */
export const thisWeek = (reader: DateReader, index: number): DateSpan => ({
  from: index,
  to: index + 1,
  window: { from: reader.today, to: addDays(mondayOf(reader.today), 6) },
  guess: { checkIn: reader.today, checkOut: addDays(mondayOf(reader.today), 6) },
  doubts: [],
});

const weekLinks = phrases(
  'de, del, do, of, que comienza, que empieza, que arranca, que va, a partir, que va del, que comienza el, que empieza el, que arranca el, a partir del, que comeca, starting, beginning, starting on',
);

/** "esta semana no, la otra": the one that is meant comes a week later. */
export function readWeek(reader: DateReader, index: number): DateSpan | null {
  const span = readOneWeek(reader, index);
  if (!span?.window || textAt(reader, span.to) !== 'no') return span;
  const next = span.to + (textAt(reader, span.to + 1) === ',' ? 2 : 1);
  const other = phraseAt(reader, next, otherWeek);
  if (!other) return span;
  const from = addDays(mondayOf(span.window.from), 7);
  return { from: span.from, to: next + other, window: { from, to: addDays(from, 6) }, doubts: [] };
}

const otherWeek = phrases(
  'la otra, la siguiente, la que sigue, la que viene, la proxima, a outra, a proxima, a que vem',
);

/** "… del lunes 11 de enero" */
function readNamedDay(reader: DateReader, index: number): DatePoint | null {
  const point = readWeekdayPoint(reader, index);
  return point?.day === undefined ? null : point;
}

/** "la semana que viene", "esta semana", "la semana del 10", "primera semana de enero" */
function readOneWeek(reader: DateReader, index: number): DateSpan | null {
  if (!words('semana week').has(textAt(reader, index)) || textAt(reader, index + 1) === 'santa') return null;
  const before = at(reader, index - 1);
  const to = index + 1;
  const monday = mondayOf(reader.today);
  const week = (weeks: number, end: number): DateSpan => {
    const from = addDays(monday, 7 * weeks);
    return {
      from: index,
      to: end,
      window: { from: from < reader.today ? reader.today : from, to: addDays(from, 6) },
      doubts: [],
    };
  };
  const skip = phraseAt(reader, to, weekAfterNext);
  if (skip) return week(2, to + skip);
  const next = phraseAt(reader, to, nextAfter);
  if (next || nextBefore.has(before?.text ?? '')) return week(1, to + next);
  if (words('esta this current nesta desta').has(before?.text ?? '')) return thisWeek(reader, index);
  const known = reader.knownMonth ? { first: reader.knownMonth, to } : null;
  const month = ofWords.has(textAt(reader, to)) ? readMonth(reader, to) : known;
  const nth =
    before?.text === 'ultima' || before?.text === 'last'
      ? -1
      : (before?.ordinal ?? (before?.weekday ? before.weekday + 1 : undefined));
  if (month && nth !== undefined && nth <= 5) {
    const whole = monthOf(month.first);
    const from = nth < 0 ? addDays(whole.to, -6) : addDays(whole.from, 7 * (nth - 1));
    const last = addDays(from, 6);
    return {
      from: index - 1,
      to: month.to,
      window: clip(reader, { from, to: last < whole.to ? last : whole.to }),
      doubts: [],
    };
  }
  const link = phraseAt(reader, to, weekLinks);
  const dayAt = link ? skipFillers(reader, to + link) : -1;
  const dated =
    dayAt < 0 ? null : (readDatedPoint(reader, dayAt) ?? readNamedDay(reader, dayAt) ?? readBareDay(reader, dayAt));
  if (!dated || words('al a - hasta ate to y').has(textAt(reader, dated.to))) return null;
  const anchor = resolvePoint(dated, reader.today).date;
  return anchor
    ? { from: index, to: dated.to, window: { from: mondayOf(anchor), to: addDays(mondayOf(anchor), 6) }, doubts: [] }
    : null;
}
