import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { isClearMonth, monthAt, readDatedPoint, readYear, skipFillers } from './calendar-points.ts';
import { at, phraseAt, phrases, textAt, words, type DateReader } from './date-point.ts';
import { addMonths, holidayIn, holidayNames, lastDayOfMonth, mondayOf, toDate, type HolidayRule } from './holidays.ts';
import { comingWeekend, type DateSpan } from './weekend-spans.ts';

const ofWords = words('de del do da of in');
const nextBefore = words('proximo proxima next following siguiente prox coming otra');
const monthPrepositions = words(
  'en de del para em in for of this este next proximo during durante desde mes a todo do no early late mid',
);
const nextAfter = phrases('que viene, q viene, que vem, proximo, proxima, siguiente, que sigue, entrante, seguinte');
const weekAfterNext = phrases(
  'despues de la proxima, despues de la que viene, after next, after the next, subsiguiente',
);
const partNames: Record<string, 'start' | 'middle' | 'end'> = {
  principio: 'start',
  principios: 'start',
  comienzo: 'start',
  comienzos: 'start',
  inicio: 'start',
  inicios: 'start',
  comeco: 'start',
  beginning: 'start',
  start: 'start',
  early: 'start',
  mediados: 'middle',
  mitad: 'middle',
  metade: 'middle',
  meados: 'middle',
  meio: 'middle',
  mid: 'middle',
  middle: 'middle',
  fines: 'end',
  fin: 'end',
  finales: 'end',
  final: 'end',
  fim: 'end',
  finais: 'end',
  end: 'end',
  late: 'end',
};

type Window = { from: CalendarDate; to: CalendarDate };

/** "en enero", "la semana que viene", "primera quincena de enero", "fines de febrero", "el verano". */
export function readWindow(reader: DateReader, index: number): DateSpan | null {
  return (
    readPart(reader, index) ??
    readHalfMonth(reader, index) ??
    readWeek(reader, index) ??
    readMonthWindow(reader, index) ??
    readSeason(reader, index)
  );
}

const clip = (reader: DateReader, window: Window): Window => ({
  from: window.from < reader.today && window.to >= reader.today ? reader.today : window.from,
  to: window.to,
});

/** The month that is named here, with its year: "enero", "enero 2027", "este mes", "mes que viene". */
function readMonth(reader: DateReader, index: number): { first: CalendarDate; to: number } | null {
  let next = index;
  while (
    next < index + 3 &&
    words('de del do da el o of the mes month').has(textAt(reader, next)) &&
    !isNearMonth(reader, next)
  )
    next++;
  const near = isNearMonth(reader, next);
  if (near) return { first: addMonths(`${reader.today.slice(0, 7)}-01`, near.shift), to: near.to };
  const month = monthAt(reader, next);
  if (month === undefined) return null;
  const year = readYear(reader, next + 1);
  const now = Number(reader.today.slice(0, 4));
  const inYear = year?.year ?? (lastDayOfMonth(now, month) < reader.today ? now + 1 : now);
  return { first: toDate(inYear, month, 1)!, to: year?.to ?? next + 1 };
}

function isNearMonth(reader: DateReader, index: number): { shift: number; to: number } | null {
  const next = phraseAt(
    reader,
    index,
    phrases(
      'mes que viene, proximo mes, mes proximo, mes que vem, next month, mes entrante, siguiente mes, mes siguiente',
    ),
  );
  if (next) return { shift: 1, to: index + next };
  const current = phraseAt(reader, index, phrases('este mes, deste mes, neste mes, this month, mes corriente'));
  if (current) return { shift: 0, to: index + current };
  const bare = textAt(reader, index);
  return (bare === 'mes' || bare === 'month') &&
    ['del', 'do', 'the', 'of', 'de'].includes(textAt(reader, index - 1)) &&
    !ofWords.has(textAt(reader, index + 1))
    ? { shift: 0, to: index + 1 }
    : null;
}

const monthOf = (first: CalendarDate): Window => ({
  from: first,
  to: lastDayOfMonth(Number(first.slice(0, 4)), Number(first.slice(5, 7))),
});

/** "principios de enero", "a mitad de semana", "end of the month" */
function readPart(reader: DateReader, index: number): DateSpan | null {
  const part = partNames[textAt(reader, index)];
  if (!part) return null;
  let next = index + 1;
  if (textAt(reader, next) === '-') next++;
  const isLinked = ofWords.has(textAt(reader, next)) || words('early late mid').has(textAt(reader, index));
  if (!isLinked) return null;
  const month = readMonth(reader, next);
  if (month) {
    const whole = monthOf(month.first);
    const [from, to] = { start: [0, 9], middle: [9, 19], end: [20, 40] }[part] as [number, number];
    const window = {
      from: addDays(whole.from, from),
      to: addDays(whole.from, to) < whole.to ? addDays(whole.from, to) : whole.to,
    };
    return { from: index, to: month.to, window: clip(reader, window), doubts: [] };
  }
  while (next < index + 5 && words('de la da of the in a').has(textAt(reader, next))) next++;
  const week =
    readWeek(reader, next) ?? (words('semana week').has(textAt(reader, next)) ? thisWeek(reader, next) : null);
  if (!week?.window) return null;
  const monday = mondayOf(week.window.to);
  const [from, to] = { start: [0, 2], middle: [2, 3], end: [3, 6] }[part] as [number, number];
  return { ...week, from: index, window: { from: addDays(monday, from), to: addDays(monday, to) } };
}

const thisWeek = (reader: DateReader, index: number): DateSpan => ({
  from: index,
  to: index + 1,
  window: { from: reader.today, to: addDays(mondayOf(reader.today), 6) },
  doubts: [],
});

/** "primera quincena de enero", "segunda quinzena do mês de abril" */
function readHalfMonth(reader: DateReader, index: number): DateSpan | null {
  if (!words('quincena quinzena').has(textAt(reader, index))) return null;
  const before = at(reader, index - 1);
  const nth = before?.ordinal ?? (before?.weekday === 1 ? 2 : undefined);
  const isSecond = nth === 2 || before?.text === 'ultima';
  if (nth !== 1 && !isSecond) return null;
  const month = readMonth(reader, index + 1);
  if (!month) return null;
  const whole = monthOf(month.first);
  const window = isSecond
    ? { from: addDays(whole.from, 14), to: whole.to }
    : { from: whole.from, to: addDays(whole.from, 14) };
  return { from: index - 1, to: month.to, window: clip(reader, window), doubts: [] };
}

/** "la semana que viene", "esta semana", "la semana del 10", "primera semana de enero" */
function readWeek(reader: DateReader, index: number): DateSpan | null {
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
  if (words('esta this current nesta desta').has(before?.text ?? '')) return week(0, to);
  const month = ofWords.has(textAt(reader, to)) ? readMonth(reader, to) : null;
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
  const dayAt = words('de del do of').has(textAt(reader, to)) ? skipFillers(reader, to + 1) : -1;
  const dated = dayAt < 0 ? null : readDatedPoint(reader, dayAt);
  if (!dated || words('al a - hasta ate to y').has(textAt(reader, dated.to))) return null;
  const now = Number(reader.today.slice(0, 4));
  const date = toDate(dated.year ?? now, dated.month!, dated.day!);
  const anchor = date && !dated.year && date < reader.today ? toDate(now + 1, dated.month!, dated.day!) : date;
  return anchor
    ? { from: index, to: dated.to, window: { from: mondayOf(anchor), to: addDays(mondayOf(anchor), 6) }, doubts: [] }
    : null;
}

/** A month alone: "en enero", "para febrero 2027", "este mes". */
function readMonthWindow(reader: DateReader, index: number): DateSpan | null {
  if (words('mes month proximo next este this deste neste siguiente').has(textAt(reader, index))) {
    const near = isNearMonth(reader, index);
    if (!near || textAt(reader, index) === 'month') return null;
    return {
      from: index,
      to: near.to,
      window: clip(reader, monthOf(addMonths(`${reader.today.slice(0, 7)}-01`, near.shift))),
      doubts: [],
    };
  }
  if (monthAt(reader, index) === undefined) return null;
  if (!isClearMonth(reader, index) && !monthPrepositions.has(textAt(reader, index - 1))) return null;
  const token = at(reader, index)!;
  if (token.text.length <= 3 && !monthPrepositions.has(textAt(reader, index - 1)) && reader.tokens.length > 2)
    return null;
  const month = readMonth(reader, index);
  if (!month) return null;
  const hasYear = month.to > index + 1;
  return {
    from: index,
    to: month.to,
    window: clip(reader, monthOf(month.first)),
    isMonth: { window: month.first, ...(hasYear ? { year: Number(month.first.slice(0, 4)) } : {}) },
    doubts: [],
  };
}

const seasons: readonly (readonly [string, readonly [number, number, number, number]])[] = [
  [
    'vacaciones de invierno, vacaciones de julio, ferias de inverno, ferias de julho, receso invernal, winter holidays, winter break',
    [7, 4, 8, 2],
  ],
  ['verano, veraneo, verao, vacaciones de verano, ferias de verao', [12, 21, 3, 20]],
];

/** Seasons of the southern hemisphere; winter holidays span all the provinces' weeks. */
function readSeason(reader: DateReader, index: number): DateSpan | null {
  for (const [names, [fromMonth, fromDay, toMonth, toDay]] of seasons) {
    const length = phraseAt(reader, index, phrases(names));
    if (!length) continue;
    const now = Number(reader.today.slice(0, 4));
    for (const year of [now - 1, now, now + 1]) {
      const to = toDate(toMonth < fromMonth ? year + 1 : year, toMonth, toDay)!;
      if (to < reader.today) continue;
      return {
        from: index,
        to: index + length,
        window: clip(reader, { from: toDate(year, fromMonth, fromDay)!, to }),
        doubts: [],
      };
    }
  }
  return null;
}

const holidays: { phrases: string[][]; rule: HolidayRule }[] = holidayNames.map(([names, rule]) => ({
  phrases: phrases(names),
  rule,
}));
const holidayStarts = new Set(holidays.flatMap((holiday) => holiday.phrases.map((phrase) => phrase[0]!)));

/** A holiday by its name: one day (the guest may come before it: doubtful) or a stay (Semana Santa, Carnaval). */
export function readHoliday(reader: DateReader, index: number): DateSpan | null {
  if (!holidayStarts.has(textAt(reader, index))) return null;
  let best: { length: number; rule: HolidayRule } | null = null;
  for (const holiday of holidays) {
    const length = phraseAt(reader, index, holiday.phrases);
    if (length > (best?.length ?? 0)) best = { length, rule: holiday.rule };
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
