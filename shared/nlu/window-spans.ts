import { addDays, type CalendarDate } from '#shared/domain/stay.ts';
import { isClearMonth, monthAt, readBareDay, readDatedPoint, readYear, skipFillers } from './calendar-points.ts';
import { at, phraseAt, phrases, textAt, words, type DateReader } from './date-point.ts';
import { addMonths, lastDayOfMonth, mondayOf, toDate } from './holidays.ts';
import { resolvePoint } from './resolve-dates.ts';
import type { DateSpan } from './date-span.ts';

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
    readNextDays(reader, index) ??
    readPart(reader, index) ??
    readHalfMonth(reader, index) ??
    readWeek(reader, index) ??
    readMonthWindow(reader, index) ??
    readMonthNumber(reader, index) ??
    readSeason(reader, index)
  );
}

const clip = (reader: DateReader, window: Window): Window => ({
  from: window.from < reader.today && window.to >= reader.today ? reader.today : window.from,
  to: window.to,
});

/** Part of a week or half a month is rented as a whole: its first and last day are offered, and asked about. */
function asStay(reader: DateReader, window: Window): Pick<DateSpan, 'stay' | 'doubts'> {
  if (window.from < reader.today) return { doubts: [] };
  return { stay: { checkIn: window.from, checkOut: window.to }, doubts: ['checkIn', 'checkOut'] };
}

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
  while (
    next < index + 5 &&
    words('de la da of the in a next coming this current esta proxima nesta desta').has(textAt(reader, next))
  )
    next++;
  const week =
    readWeek(reader, next) ?? (words('semana week').has(textAt(reader, next)) ? thisWeek(reader, next) : null);
  if (!week?.window) return null;
  const monday = mondayOf(week.window.to);
  const [from, to] = { start: [0, 2], middle: [2, 3], end: [3, 6] }[part] as [number, number];
  const window = { from: addDays(monday, from), to: addDays(monday, to) };
  return { ...week, from: index, window, ...asStay(reader, window) };
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
  return { from: index - 1, to: month.to, window: clip(reader, window), ...asStay(reader, window) };
}

const weekLinks = phrases(
  'de, del, do, of, que comienza, que empieza, que arranca, que va, a partir, que va del, que comienza el, que empieza el, que arranca el, a partir del, que comeca, starting, beginning, starting on',
);

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
  const link = phraseAt(reader, to, weekLinks);
  const dayAt = link ? skipFillers(reader, to + link) : -1;
  const dated = dayAt < 0 ? null : (readDatedPoint(reader, dayAt) ?? readBareDay(reader, dayAt));
  if (!dated || words('al a - hasta ate to y').has(textAt(reader, dated.to))) return null;
  const anchor = resolvePoint(dated, reader.today).date;
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

/** "los próximos 15 días", "the next three days": from today on. */
function readNextDays(reader: DateReader, index: number): DateSpan | null {
  if (!words('proximos proximas next upcoming siguientes coming').has(textAt(reader, index))) return null;
  const count = at(reader, index + 1)?.number;
  const unit = textAt(reader, index + 2);
  const days = words('dia dias day days').has(unit) ? 1 : words('semana semanas week weeks').has(unit) ? 7 : 0;
  if (count === undefined || count > 60 || days === 0) return null;
  const window = { from: reader.today, to: addDays(reader.today, count * days) };
  return { from: index, to: index + 3, window, doubts: [] };
}

/** "01/2027" */
function readMonthNumber(reader: DateReader, index: number): DateSpan | null {
  const [month, mark, year] = [0, 1, 2].map((k) => at(reader, index + k));
  if (!month?.digits || month.digits > 2 || mark?.text !== '/' || year?.digits !== 4 || !mark.glued || !year.glued)
    return null;
  const first = year.number! > 1999 && year.number! < 2100 ? toDate(year.number!, month.number!, 1) : null;
  const before = textAt(reader, index - 1);
  if (!first || ((before === '/' || before === '-') && month.glued)) return null;
  return { from: index, to: index + 3, window: clip(reader, monthOf(first)), doubts: [] };
}

const seasons: readonly (readonly [string, readonly [number, number, number, number]])[] = [
  ['las fiestas, fiestas de fin de ano, festas de fim de ano, the holidays, holiday season', [12, 23, 1, 2]],
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
