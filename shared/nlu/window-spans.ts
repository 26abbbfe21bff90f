import { addDays } from '#shared/domain/stay.ts';
import { isClearMonth, monthAt, readYear } from './calendar-points.ts';
import { addAmounts, readAmounts, unitNamed, type Amounts } from './counted-units.ts';
import { at, phraseAt, phrases, textAt, words, type DateReader } from './date-point.ts';
import type { DateSpan } from './date-span.ts';
import { addMonths, mondayOf, toDate } from './calendar-math.ts';
import { clip, isNearMonth, monthOf, ofWords, readMonth, type Window } from './named-month.ts';
import { countryOf } from './holiday-spans.ts';
import { winterHolidays } from './days-off.ts';
import { readWithin } from './relative-points.ts';
import { readWeek, thisWeek } from './week-spans.ts';

const monthPrepositions = words(
  'en de del para em in for of this este next proximo during durante desde mes a todo do no early late mid',
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

/** "en enero", "la semana que viene", "primera quincena de enero", "fines de febrero", "el verano". */
export function readWindow(reader: DateReader, index: number): DateSpan | null {
  return (
    readWithin(reader, index) ??
    readNextDays(reader, index) ??
    readRest(reader, index) ??
    readCountedPart(reader, index) ??
    readPart(reader, index) ??
    readHalfMonth(reader, index) ??
    readWeek(reader, index) ??
    readMonthWindow(reader, index) ??
    readMonthNumber(reader, index) ??
    readSeason(reader, index)
  );
}

const asGuess = ({ from, to }: Window): NonNullable<DateSpan['guess']> => ({ checkIn: from, checkOut: to });

/** Half a month is rented as a whole: its first and last day are offered, and asked about. */
function asStay(reader: DateReader, window: Window): Pick<DateSpan, 'stay' | 'doubts'> {
  if (window.from < reader.today) return { doubts: [] };
  return { stay: { checkIn: window.from, checkOut: window.to }, doubts: ['checkIn', 'checkOut'] };
}

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
    const [from, to] = { start: [0, 9], middle: reader.language === 'en' ? [10, 19] : [9, 18], end: [20, 40] }[
      part
    ] as [number, number];
    const window = {
      from: addDays(whole.from, from),
      to: addDays(whole.from, to) < whole.to ? addDays(whole.from, to) : whole.to,
    };
    return { from: index, to: month.to, window: clip(reader, window), guess: asGuess(window), doubts: [] };
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
  // In English a week ends with its Friday, elsewhere with its Thursday.
  const endsAt = reader.language === 'en' ? 4 : 3;
  const [from, to] = { start: [0, 2], middle: [2, 3], end: [endsAt, 6] }[part] as [number, number];
  const window = { from: addDays(monday, from), to: addDays(monday, to) };
  return { ...week, from: index, window: clip(reader, window), guess: asGuess(window) };
}

const firsts = words('primeras primeros primeiras primeiros first');
const lasts = words('ultimas ultimos last');

/** "las dos primeras semanas de febrero", "los primeros diez días de enero", "últimos días de marzo" */
function readCountedPart(reader: DateReader, index: number): DateSpan | null {
  const isCountFirst = at(reader, index)?.number !== undefined;
  const orderAt = isCountFirst ? index + 1 : index;
  const isFirst = firsts.has(textAt(reader, orderAt));
  if (!isFirst && !lasts.has(textAt(reader, orderAt))) return null;
  const hasCountAfter = !isCountFirst && at(reader, orderAt + 1)?.number !== undefined;
  const unitAt = orderAt + (hasCountAfter ? 2 : 1);
  const unit = unitNamed(textAt(reader, unitAt));
  const isMany = isCountFirst || hasCountAfter || textAt(reader, unitAt).endsWith('s');
  if (!isMany || (unit !== 'day' && unit !== 'week') || !ofWords.has(textAt(reader, unitAt + 1))) return null;
  const count = at(reader, isCountFirst ? index : orderAt + 1)?.number ?? (unit === 'week' ? 2 : 10);
  const month = readMonth(reader, unitAt + 1);
  const days = count * (unit === 'week' ? 7 : 1);
  if (!month || days > 31 || days < 1) return null;
  const whole = monthOf(month.first);
  const [from, to] = isFirst ? [whole.from, addDays(whole.from, days - 1)] : [addDays(whole.to, 1 - days), whole.to];
  const window = { from: from < whole.from ? whole.from : from, to: to > whole.to ? whole.to : to };
  return { from: index, to: month.to, window: clip(reader, window), doubts: [] };
}

/** "el resto de la semana", "rest of the month": from today to its end. */
function readRest(reader: DateReader, index: number): DateSpan | null {
  if (!words('rest resto').has(textAt(reader, index))) return null;
  let next = index + 1;
  while (
    next < index + 5 &&
    words('de la del da do desta deste of the this my esta este in a').has(textAt(reader, next))
  )
    next++;
  const unit = textAt(reader, next);
  const isWeek = unit === 'semana' || unit === 'week';
  if (!isWeek && unit !== 'mes' && unit !== 'month') return null;
  const to = isWeek ? addDays(mondayOf(reader.today), 6) : monthOf(`${reader.today.slice(0, 7)}-01`).to;
  const window = { from: reader.today, to };
  return { from: index, to: next + 1, window, guess: asGuess(window), doubts: [] };
}

/** "primera quincena de enero", "segunda quinzena do mês de abril" */
function readHalfMonth(reader: DateReader, index: number): DateSpan | null {
  if (!words('quincena quinzena').has(textAt(reader, index))) return null;
  const before = at(reader, index - 1);
  const nth = before?.ordinal ?? (before?.weekday === 1 ? 2 : undefined);
  const isSecond = nth === 2 || before?.text === 'ultima';
  if (nth !== 1 && !isSecond) return null;
  const isAfterMonth = monthAt(reader, index - 2) !== undefined;
  const known = reader.knownMonth ? { first: reader.knownMonth, to: index + 1 } : null;
  const month = readMonth(reader, index + 1) ?? (isAfterMonth ? readMonth(reader, index - 2) : known);
  if (!month) return null;
  const whole = monthOf(month.first);
  const window = isSecond
    ? { from: addDays(whole.from, 14), to: whole.to }
    : { from: whole.from, to: addDays(whole.from, 14) };
  const to = Math.max(month.to, index + 1);
  return { from: index - 1, to, window: clip(reader, window), ...asStay(reader, window) };
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

const upcoming = words('proximos proximas next upcoming siguientes coming');

/** "los próximos 15 días", "next 2 weeks 3 days", "two upcoming days": from today on, or the day at their end. */
function readNextDays(reader: DateReader, index: number): DateSpan | null {
  const isBetween = at(reader, index)?.number !== undefined && upcoming.has(textAt(reader, index + 1));
  if (!isBetween && !upcoming.has(textAt(reader, index))) return null;
  const amounts = isBetween ? readUpcoming(reader, index) : readAmounts(reader, index + 1);
  if (!amounts || amounts.list.some(({ unit }) => unit === 'year')) return null;
  const to = addAmounts(reader.today, amounts.list);
  if (to > addDays(reader.today, 366)) return null;
  return { from: index, to: amounts.to, window: { from: reader.today, to }, guess: { checkIn: to }, doubts: [] };
}

/** "two upcoming days" */
function readUpcoming(reader: DateReader, index: number): Pick<Amounts, 'list' | 'to'> | null {
  const unit = unitNamed(textAt(reader, index + 2));
  return unit ? { list: [{ count: at(reader, index)!.number!, unit }], to: index + 3 } : null;
}

/** "01/2027" */
function readMonthNumber(reader: DateReader, index: number): DateSpan | null {
  const [month, mark, year] = [0, 1, 2].map((k) => at(reader, index + k));
  if (!month?.digits || month.digits > 2 || mark?.text !== '/' || year?.digits !== 4 || !mark.glued || !year.glued)
    return null;
  const first = year.number! > 1999 && year.number! < 2100 ? toDate(year.number!, month.number!, 1) : null;
  const before = textAt(reader, index - 1);
  if (!first || ((before === '/' || before === '-') && month.glued)) return null;
  return { from: index, to: index + 3, window: clip(reader, monthOf(first)), guess: { checkIn: first }, doubts: [] };
}

const winterNames = phrases(
  'vacaciones de invierno, vacaciones de julio, vacaciones julio, ferias de inverno, ferias de julho, ferias escolares de julho, receso invernal, receso de invierno, receso escolar, winter holidays, winter break',
);
const seasons: readonly (readonly [string, readonly [number, number, number, number]])[] = [
  ['las fiestas, fiestas de fin de ano, festas de fim de ano, the holidays, holiday season', [12, 23, 1, 2]],
  ['verano, veraneo, verao, vacaciones de verano, ferias de verao', [12, 21, 3, 20]],
];

/** Seasons of the southern hemisphere, and the winter holidays of all the provinces together. */
function readSeason(reader: DateReader, index: number): DateSpan | null {
  const now = Number(reader.today.slice(0, 4));
  const winter = phraseAt(reader, index, winterNames);
  if (winter) {
    const written = readYear(reader, index + winter);
    const inYear = (year: number): Window => winterHolidays(countryOf(reader), year);
    const isOver = inYear(now).to < reader.today;
    const window = clip(reader, inYear(written?.year ?? (isOver ? now + 1 : now)));
    return { from: index, to: written?.to ?? index + winter, window, doubts: [] };
  }
  for (const [names, [fromMonth, fromDay, toMonth, toDay]] of seasons) {
    const length = phraseAt(reader, index, phrases(names));
    if (!length) continue;
    for (const year of [now - 1, now, now + 1]) {
      const to = toDate(toMonth < fromMonth ? year + 1 : year, toMonth, toDay)!;
      if (to < reader.today) continue;
      const window = clip(reader, { from: toDate(year, fromMonth, fromDay)!, to });
      return { from: index, to: index + length, window, doubts: [] };
    }
  }
  return null;
}
