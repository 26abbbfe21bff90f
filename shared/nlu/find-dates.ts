import { addDays, daysBetween, type CalendarDate } from '#shared/domain/stay.ts';
import { countedNouns, type DatePoint, type DateReader } from './date-point.ts';
import type { DateSpan } from './date-span.ts';
import { scanDates, type DateItem } from './scan-dates.ts';
import { resolvePoint, resolveRange } from './resolve-dates.ts';
import { mondayOf } from './calendar-math.ts';
import { wordsOf, type Reading } from './tokenise.ts';
import type { DateProblem, SlotName, UnderstandOptions } from '#shared/domain/conversations/understanding.ts';

/** What a message says about when. */
export type FoundDates = {
  checkIn: CalendarDate | null;
  checkOut: CalendarDate | null;
  nights: number | null;
  window: { from: CalendarDate; to: CalendarDate } | null;
  dateProblem: DateProblem | null;
  doubts: Set<SlotName>;
};

type Item<K extends DateItem['kind']> = Extract<DateItem, { kind: K }>;
const isKind =
  <K extends DateItem['kind']>(kind: K) =>
  (item: DateItem): item is Item<K> =>
    item.kind === kind;

const corrections = new Set(
  'mejor perdon sino cambiar cambio cambiarla cambialo modificar mover pasar correr corrijo corregir instead change sorry actually rather move melhor desculpe mudar trocar alterar'.split(
    ' ',
  ),
);

/** Finds check-in, check-out, nights or a window; `taken` marks tokens that other rules have read. */
export function findDates(reading: Reading, taken: boolean[], options: UnderstandOptions): FoundDates {
  const { tokens, language } = reading;
  const asked = options.expecting;
  const reader: DateReader = {
    tokens,
    language,
    today: options.today,
    taken,
    isAskedForDate: asked === 'checkIn' || asked === 'checkOut' || asked === 'dates',
  };
  const talkedOf = options.known?.checkIn ?? options.near;
  if (talkedOf) reader.knownMonth = `${talkedOf.slice(0, 7)}-01`;
  if (options.known?.checkIn) reader.knownCheckIn = options.known.checkIn;
  const items = scanDates(reader);
  const found: FoundDates = {
    checkIn: null,
    checkOut: null,
    nights: null,
    window: null,
    dateProblem: null,
    doubts: new Set(),
  };
  if (language === 'en') orderNumericDates(items, options);
  lendMonths(items);
  const stated = items.find((item) => item.kind === 'nights' && !item.isDays) ?? items.find(isKind('nights'));
  const isCorrection = tokens.some((token) => corrections.has(token.text));
  placeInWeekAhead(items);
  placeAroundDay(items, options);
  placeWeekdays(items, options);
  placeAroundFeast(items, options);
  const ranges = items.filter(isKind('range'));
  const points = items.filter(isKind('point'));
  const month = items.find((item) => item.kind === 'span' && item.span.isMonth && item.span.window);
  const inMonth = month?.kind === 'span' ? month.span.window : undefined;
  const spans = items.filter(isKind('span')).filter(({ span }) => {
    // "en febrero, cualquier finde": this weekend is not in February.
    return span.stay && (!inMonth || (span.stay.checkIn >= inMonth.from && span.stay.checkIn <= inMonth.to));
  });
  const listed = ranges.length > 0 ? readRanges(found, ranges, reading, options, isCorrection) : null;
  if (!listed && points.length > 0) readPoints(found, points, reading, options, isCorrection);
  else if (listed && (!found.checkOut || listed.isList)) readLateCheckOut(found, points, options);
  if (!found.checkIn && !found.checkOut && !found.dateProblem && spans.length > 0) readSpans(found, spans);
  const windows = items.filter(isKind('span')).filter((item) => item.span.window);
  const isOpen = (!found.checkIn && !found.checkOut) || found.doubts.size > 1;
  if (isOpen && windows.length > 0 && listed === null && points.length === 0) found.window = windows[0]!.span.window!;
  if (stated?.kind === 'nights') applyNights(found, stated, listed, options);
  answerTheQuestion(found, items, options);
  if (found.nights === null && found.checkIn && found.checkOut && found.checkOut > found.checkIn)
    found.nights = daysBetween(found.checkIn, found.checkOut);
  if (windows.length === 1) takeGuess(found, windows[0]!.span, options);
  return found;
}

/** "5/1 to 15/1": a date that can only be day first makes its neighbours so; so does a stay that would last months. */
function orderNumericDates(items: DateItem[], options: UnderstandOptions): void {
  const points = items.flatMap((item) =>
    item.kind === 'point' ? [item.point] : item.kind === 'range' ? [item.start, item.end] : [],
  );
  const swappable = points.filter((point) => point.isSwappable);
  if (swappable.length === 0) return;
  const swap = (point: DatePoint): DatePoint => ({ ...point, day: point.month!, month: point.day! });
  const isDayFirst = points.some((point) => point.isDayFirst);
  const [a, b] = points;
  const nights = (from: DatePoint, to: DatePoint): number => {
    const range = resolveRange(from, to, options.today);
    return range.checkIn && range.checkOut && !range.problem ? daysBetween(range.checkIn, range.checkOut) : 999;
  };
  const isPair = points.length === 2 && a!.isSwappable && b!.isSwappable;
  const isShorter = isPair && nights(a!, b!) > 45 && nights(swap(a!), swap(b!)) < 31;
  if (!isDayFirst && !isShorter) return;
  for (const point of swappable) {
    Object.assign(point, swap(point));
    if (isDayFirst) delete point.isDoubtful;
  }
}

/** "en enero, del 10 al 15": a month said apart serves the days that have none. */
function lendMonths(items: DateItem[]): void {
  const months = items.filter(isKind('span')).filter((item) => item.span.window && item.span.isMonth);
  if (months.length !== 1) return;
  const { window, year } = months[0]!.span.isMonth!;
  const lend = (point: DatePoint): void => {
    if (point.day === undefined || point.month !== undefined || point.date) return;
    point.month = Number(window.slice(5, 7));
    if (year) point.year = year;
  };
  let hasLent = false;
  for (const item of items) {
    if (item.kind === 'point' && item.point.day !== undefined && item.point.month === undefined) {
      lend(item.point);
      hasLent = true;
    }
    if (item.kind === 'range' && !item.start.month && !item.end.month && item.start.day && item.end.day) {
      lend(item.end);
      hasLent = true;
    }
  }
  if (hasLent) delete months[0]!.span.window;
}

/** "Dentro de dos semanas, de viernes a domingo": those days of that week, and asked about. */
function placeInWeekAhead(items: DateItem[]): void {
  const at = items.findIndex((item) => item.kind === 'point' && item.point.isWeeksAhead);
  const item = items[at];
  if (item?.kind !== 'point') return;
  const monday = mondayOf(item.point.date!);
  let isUsed = false;
  for (const other of items) {
    const points = other.kind === 'point' ? [other.point] : other.kind === 'range' ? [other.start, other.end] : [];
    if (!points.every((point) => point.weekday !== undefined && point.day === undefined && !point.week)) continue;
    for (const point of points) {
      point.date = addDays(monday, (point.weekday! + 6) % 7);
      point.isDoubtful = true;
      isUsed = true;
    }
  }
  if (isUsed) items.splice(at, 1);
}

/** "El lunes 7 es feriado, vamos del sábado al martes": weekdays around a day that is named, and asked about. */
function placeAroundDay(items: DateItem[], options: UnderstandOptions): void {
  const days = items.filter(isKind('point')).filter(({ point, role }) => point.day !== undefined && !role);
  const ranges = items.filter(isKind('range'));
  const [range] = ranges;
  if (days.length !== 1 || ranges.length !== 1 || !range) return;
  const isLoose = ({ weekday, day, date, week }: DatePoint): boolean =>
    weekday !== undefined && day === undefined && !date && !week;
  const date = resolvePoint(days[0]!.point, options.today).date;
  if (!date || !isLoose(range.start) || !isLoose(range.end)) return;
  const floor = addDays(date, -6);
  range.start.date = resolvePoint(range.start, options.today, floor > options.today ? floor : options.today).date!;
  range.end.date = resolvePoint(range.end, options.today, addDays(range.start.date, 1)).date!;
  range.start.isDoubtful = true;
}

/** "la semana que viene, el viernes" lies in that week; "un viernes de enero" is no date yet. */
function placeWeekdays(items: DateItem[], options: UnderstandOptions): void {
  const window = items.find((item) => item.kind === 'span' && item.span.window && !item.span.stay);
  if (window?.kind !== 'span' || !window.span.window) return;
  const { from, to } = window.span.window;
  const isWeek = daysBetween(from, to) < 8;
  const isLoose = (point: DatePoint): boolean => point.weekday !== undefined && point.day === undefined && !point.week;
  const place = (point: DatePoint): void => {
    const date = resolvePoint(point, from, addDays(from, -1)).date!;
    if (date <= to) point.date = date;
  };
  for (let k = items.length - 1; k >= 0; k--) {
    const item = items[k]!;
    const points = item.kind === 'point' ? [item.point] : item.kind === 'range' ? [item.start, item.end] : [];
    if (points.length === 0 || !points.every(isLoose)) continue;
    if (isWeek) points.forEach(place);
    else if (to > addDays(options.today, 10)) items.splice(k, 1);
  }
}

const monthFloor = (options: UnderstandOptions): CalendarDate => {
  const known = options.known?.checkIn ?? options.near;
  if (!known) return options.today;
  const first = `${known.slice(0, 7)}-01`;
  return first > options.today ? first : options.today;
};

/** "Para año nuevo, del 30 al 2", "la segunda semana de enero, del 8 al 15": days without a month lie around the feast that is named; anything else is asked. */
function placeAroundFeast(items: DateItem[], options: UnderstandOptions): void {
  const anchors = items.filter(isKind('span')).flatMap(({ span }) => {
    if (span.isFeast && span.stay) return [{ from: span.stay.checkIn, to: span.stay.checkOut }];
    return span.window && !span.isMonth ? [span.window] : [];
  });
  if (anchors.length !== 1) return;
  const { from: checkIn, to: checkOut } = anchors[0]!;
  const start = addDays(checkIn, -daysAroundFeast);
  const floor = start > options.today ? start : options.today;
  const isBare = (point: DatePoint): boolean => point.day !== undefined && point.month === undefined && !point.date;
  for (const item of items) {
    const [first, last] =
      item.kind === 'point' ? [item.point, item.point] : item.kind === 'range' ? [item.start, item.end] : [];
    if (!first || !last || !isBare(first) || !isBare(last)) continue;
    const date = resolvePoint(first, options.today, floor).date;
    if (!date) continue;
    const isNear = date <= addDays(checkOut, daysAroundFeast);
    first.month = Number(date.slice(5, 7));
    first.year = Number(date.slice(0, 4));
    if (!isNear) first.isDoubtful = true;
  }
}

/** How far from a feast its days are looked for. */
const daysAroundFeast = 8;

/** A day without a month lands in the month that is talked about; anything else after today. */
function floorFor(point: DatePoint, options: UnderstandOptions): CalendarDate {
  return point.month === undefined && point.day !== undefined ? monthFloor(options) : options.today;
}

function name(found: FoundDates, reading: Reading, kind: DateProblem['kind'], from: number, to: number): void {
  found.dateProblem ??= { kind, text: wordsOf(reading, from, to) };
}

function readRanges(
  found: FoundDates,
  ranges: Item<'range'>[],
  reading: Reading,
  options: UnderstandOptions,
  isCorrection: boolean,
): Item<'range'> {
  const full = ranges.filter(
    (item) => item.start.month || item.end.month || item.start.date || item.start.weekday !== undefined,
  );
  const candidates = full.length > 0 ? full : ranges;
  const chosen = isCorrection ? candidates.at(-1)! : candidates[0]!;
  const floor = floorFor(chosen.start, options);
  const range = resolveRange(chosen.start, chosen.end, options.today, chosen.end.month ? options.today : floor);
  found.checkIn = range.checkIn;
  found.checkOut = range.checkOut;
  if (range.isDoubtful) found.doubts.add('checkIn').add('checkOut');
  if (chosen.isNights && found.checkOut) found.checkOut = addDays(found.checkOut, 1);
  else if (chosen.isList || reading.tokens[chosen.to]?.text === 'inclusive') found.doubts.add('checkOut');
  if (range.problem) {
    const { kind, side } = range.problem;
    const from = side === 'out' ? chosen.end.from : chosen.start.from;
    // "Del 30 al 31 de febrero": the month that makes it impossible belongs to what is named.
    const to = side === 'in' && chosen.start.month ? chosen.start.to : chosen.end.to;
    name(found, reading, kind, from, to);
    if (kind === 'reversed') {
      found.checkIn = null;
      found.checkOut = null;
      found.doubts.add('checkIn').add('checkOut');
    }
    if (kind === 'impossible') found.doubts.add(side === 'out' ? 'checkOut' : 'checkIn');
  }
  const second = ranges.find((item) => item !== chosen);
  if (second && !isCorrection) {
    const month = second.end.month ?? second.start.month ?? chosen.end.month ?? chosen.start.month;
    const end = second.end.day && !second.end.month && month ? { ...second.end, month } : second.end;
    const other = resolveRange(second.start, end, options.today);
    if (other.checkIn !== range.checkIn || other.checkOut !== range.checkOut)
      found.doubts.add('checkIn').add('checkOut');
  }
  return chosen;
}

function readLateCheckOut(found: FoundDates, points: Item<'point'>[], options: UnderstandOptions): void {
  const out = points.find((item) => item.role === 'out');
  if (!out || !found.checkIn) return;
  const { date } = resolvePoint(out.point, options.today, addDays(found.checkIn, 1));
  if (date && date <= found.checkIn) {
    found.doubts.add('checkIn').add('checkOut');
    return;
  }
  found.checkOut = date;
  found.doubts.delete('checkOut');
}

function readPoints(
  found: FoundDates,
  points: Item<'point'>[],
  reading: Reading,
  options: UnderstandOptions,
  isCorrection: boolean,
): void {
  const outs = points.filter((item) => item.role === 'out');
  const ins = points.filter((item) => item.role === 'in');
  const plain = points.filter((item) => !item.role);
  let first = ins.at(isCorrection ? -1 : 0) ?? (isCorrection ? plain.at(-1) : plain[0]);
  let last = outs.at(isCorrection ? -1 : 0);
  if (!first && outs.length === 2) {
    [first, last] = [outs[0], outs[1]];
    found.doubts.add('checkIn').add('checkOut');
  }
  if (first && !last && plain.length + ins.length === 2 && !isCorrection) {
    const second = points.find((item) => item !== first)!;
    if (!second.isAlternative && second.from > first.from) last = second;
    if (last && second.from - first.to > 2) found.doubts.add('checkOut');
  }
  if (last && first && last.from < first.from && !first.role) [first, last] = [last, first];
  if (points.some((item) => item.isAlternative) || (isCorrection && plain.length > 1)) found.doubts.add('checkIn');
  if (
    plain.length > 2 &&
    !isCorrection &&
    new Set(plain.map((item) => resolvePoint(item.point, options.today).date)).size > 2
  ) {
    name(found, reading, 'too_many', plain[0]!.from, plain.at(-1)!.to);
    found.doubts.add('checkIn').add('checkOut');
  }
  if (first && last && first.point.day && last.point.day && !first.point.date && !last.point.date) {
    const range = resolveRange(first.point, last.point, options.today, floorFor(first.point, options));
    found.checkIn = range.checkIn;
    found.checkOut = range.checkOut;
    if (range.isDoubtful) found.doubts.add('checkIn').add('checkOut');
    if (!range.problem) return;
    name(
      found,
      reading,
      range.problem.kind,
      range.problem.side === 'out' ? last.from : first.from,
      range.problem.side === 'in' ? first.to : last.to,
    );
    if (range.problem.kind === 'reversed') {
      found.checkIn = null;
      found.checkOut = null;
      found.doubts.add('checkIn').add('checkOut');
    } else if (range.problem.kind === 'impossible')
      found.doubts.add(range.problem.side === 'out' ? 'checkOut' : 'checkIn');
    return;
  }
  if (first) readOne(found, 'checkIn', first, reading, options, floorFor(first.point, options));
  if (last) {
    const start = found.checkIn ?? options.known?.checkIn;
    readOne(found, 'checkOut', last, reading, options, start ? addDays(start, 1) : options.today);
    if (found.checkIn && found.checkOut && found.checkOut <= found.checkIn) {
      name(found, reading, 'reversed', Math.min(first!.from, last.from), Math.max(first!.to, last.to));
      found.checkIn = null;
      found.checkOut = null;
      found.doubts.add('checkIn').add('checkOut');
    }
  }
}

function readOne(
  found: FoundDates,
  slot: 'checkIn' | 'checkOut',
  item: Item<'point'>,
  reading: Reading,
  options: UnderstandOptions,
  floor: CalendarDate,
): void {
  const resolved = resolvePoint(item.point, options.today, floor < options.today ? options.today : floor);
  found[slot] = resolved.date;
  if (resolved.isDoubtful || isNextToNumber(reading, item)) found.doubts.add(slot);
  if (resolved.problem) {
    name(found, reading, resolved.problem, item.from, item.to);
    if (!resolved.date) found.doubts.add(slot);
  }
}

/** "10 14 de enero": a small number right before a day, read as nothing, may be another day. */
function isNextToNumber({ tokens }: Reading, { from, point }: Item<'point'>): boolean {
  const before = tokens[from - 1];
  const isDay = !!before?.digits && before.digits < 3 && before.number! > 0 && before.number! < 32;
  return isDay && point.day !== undefined && !countedNouns.has(tokens[from]?.text ?? '');
}

function readSpans(found: FoundDates, spans: Item<'span'>[]): void {
  const { span } = spans[0]!;
  found.checkIn = span.stay!.checkIn;
  if (span.stay!.checkOut > span.stay!.checkIn) found.checkOut = span.stay!.checkOut;
  for (const slot of span.doubts) found.doubts.add(slot);
  if (spans.length > 1) found.doubts.add('checkIn').add('checkOut');
}

/** Nights that were said give the missing end, and disagree aloud with an end that was said too. */
function applyNights(
  found: FoundDates,
  stated: Item<'nights'>,
  listed: Item<'range'> | null,
  options: UnderstandOptions,
): void {
  found.nights = stated.nights;
  if (found.checkIn && !found.checkOut) {
    if (found.dateProblem?.kind === 'impossible') return;
    found.checkOut = addDays(found.checkIn, stated.nights);
    if (stated.isDays) found.doubts.add('checkOut');
    return;
  }
  if (!found.checkIn && found.checkOut) {
    const start = addDays(found.checkOut, -stated.nights);
    if (!options.known?.checkIn && !found.dateProblem && start >= options.today) found.checkIn = start;
    return;
  }
  if (!found.checkIn || !found.checkOut) return;
  const between = daysBetween(found.checkIn, found.checkOut);
  if (between === stated.nights) {
    if (listed?.isList) found.doubts.delete('checkOut');
    return;
  }
  if (stated.isDays) {
    found.nights = between;
    return;
  }
  if (listed?.isList && listed.members === stated.nights) {
    found.checkOut = addDays(found.checkIn, stated.nights);
    found.doubts.delete('checkOut');
  } else found.doubts.add('checkOut');
}

/** "Early March" with nothing else said: its first and last day are given, and asked about. */
function takeGuess(found: FoundDates, { guess }: DateSpan, options: UnderstandOptions): void {
  const isSaid = found.checkIn || found.checkOut || found.nights !== null || found.dateProblem;
  if (!guess || !found.window || isSaid || (guess.checkOut ?? guess.checkIn) < options.today) return;
  found.checkIn = guess.checkIn;
  found.doubts.add('checkIn');
  if (!guess.checkOut || guess.checkOut <= guess.checkIn) return;
  found.checkOut = guess.checkOut;
  found.doubts.add('checkOut');
}

/** The question that was asked last decides what a bare date or a number of nights fills. */
function answerTheQuestion(found: FoundDates, items: DateItem[], options: UnderstandOptions): void {
  const start = options.known?.checkIn;
  if (options.expecting === 'checkOut' && found.checkIn && !found.checkOut && start) {
    const point = items.find(isKind('point'));
    if (point && point.role !== 'in') {
      const resolved = resolvePoint(point.point, options.today, addDays(start, 1));
      if (resolved.date && resolved.date > start) {
        found.checkOut = resolved.date;
        found.checkIn = null;
        found.doubts.delete('checkIn');
        if (resolved.isDoubtful) found.doubts.add('checkOut');
      }
    }
  }
  if (found.nights !== null && !found.checkIn && !found.checkOut && start && !found.window && !found.dateProblem)
    found.checkOut = addDays(start, found.nights);
}
