import { dayNumberAt, monthAt, readYear, readBareDay, readDatedPoint, skipFillers } from './calendar-points.ts';
import { at, isOpened, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import { assignRoles, isUnwanted } from './date-roles.ts';
import { readRelative } from './relative-points.ts';
import { readClosestWeekday, readNthWeekday, readWeekdayPoint, weekdayAt } from './weekday-points.ts';
import type { DateSpan } from './date-span.ts';
import { readWeekend } from './weekend-spans.ts';
import { readWindow } from './window-spans.ts';
import { readHoliday } from './holiday-spans.ts';

export type Role = 'in' | 'out';

/** What a scan finds, in the order of the text. */
export type DateItem =
  | { kind: 'point'; from: number; to: number; point: DatePoint; role?: Role; isAlternative?: boolean }
  | {
      kind: 'range';
      from: number;
      to: number;
      start: DatePoint;
      end: DatePoint;
      /** "10, 11 y 12" */
      isList: boolean;
      /** "las noches del 10 y 11": one leaves the day after. */
      isNights: boolean;
      members: number;
    }
  | { kind: 'span'; from: number; to: number; span: DateSpan }
  | { kind: 'nights'; from: number; to: number; nights: number; isDays: boolean };

const strongJoints = phrases(
  'al, hasta el, hasta, hasta al, ate o, ate, ate ao, till, til, until, untill, up to, thru, through, ao, - >, - - >, >, = >, al dia, hasta el dia, ate dia, ate o dia',
);
const weakJoints = phrases('a, to, -, ~, as');
const listJoints = phrases('y, e, and, &, y el, e o, and the');
const nightNouns = words('noche noches noite noites night nights nts nites diaria diarias pernoite pernoites');
const dayNouns = words('dia dias day days');
const weekNouns = words('semana semanas semanita week weeks');

/** Walks the tokens once; the longest reading at each place wins. */
export function scanDates(reader: DateReader): DateItem[] {
  const items: DateItem[] = [];
  const count = reader.tokens.length;
  const hasNights = reader.tokens.some(
    (token, i) => nightNouns.has(token.text) && reader.tokens[i - 1]?.number !== undefined,
  );
  for (let i = 0; i < count;) {
    const item = reader.taken[i] ? null : readItem(reader, i, hasNights);
    if (!item) {
      i++;
      continue;
    }
    if (item.kind === 'point') {
      if (
        ['o', 'or', 'ou', 'u'].includes(textAt(reader, item.from - 1)) ||
        ['o', 'or', 'ou'].includes(textAt(reader, item.from - 2))
      )
        if (items.at(-1)?.kind === 'point')
          item.isAlternative = reader.language !== 'pt' || textAt(reader, item.from - 1) === 'ou';
    }
    i = Math.max(item.to, i + 1);
    if (item.kind !== 'point' || !isUnwanted(reader, item)) items.push(item);
  }
  assignRoles(reader, items);
  return items;
}

function readItem(reader: DateReader, index: number, hasNights: boolean): DateItem | null {
  const weekend = readWeekend(reader, index);
  if (weekend) return { kind: 'span', from: weekend.from, to: weekend.to, span: weekend };
  const start = withWeekdayAfter(reader, readStart(reader, index));
  if (start) {
    const range = readRange(reader, start, hasNights);
    if (range) return range;
  }
  const holiday = readHoliday(reader, index);
  if (holiday && (!start || start.to < holiday.to || (start.to === holiday.to && !start.month))) {
    const day = holiday.stay && holiday.stay.checkIn === holiday.stay.checkOut ? holiday.stay.checkIn : null;
    const point = day ? { from: index, to: holiday.to, date: day, isFirm: true, isDoubtful: true } : null;
    const range = point ? readRange(reader, point, hasNights) : null;
    return range ?? { kind: 'span', from: holiday.from, to: holiday.to, span: holiday };
  }
  const nights = readNights(reader, index);
  if (start?.isFirm) return { kind: 'point', from: start.from, to: start.to, point: start };
  if (nights) return nights;
  const span = readWindow(reader, index);
  if (span) return { kind: 'span', from: span.from, to: span.to, span };
  if (start && (isOpened(reader, index) || isAnswer(reader, start)))
    return { kind: 'point', from: start.from, to: start.to, point: { ...start, isFirm: true } };
  return null;
}

/** "el 13 (miércoles)": the weekday said after its day. */
function withWeekdayAfter(reader: DateReader, start: DatePoint | null): DatePoint | null {
  if (!start?.day || start.weekday !== undefined || textAt(reader, start.to) !== '(') return start;
  const name = weekdayAt(reader, start.to + 1);
  if (!name || textAt(reader, name.to) !== ')') return start;
  return { ...start, to: name.to + 1, weekday: name.weekday };
}

/** A bare number that is the whole answer to "when?". */
function isAnswer(reader: DateReader, point: DatePoint): boolean {
  return reader.isAskedForDate && reader.tokens.length <= 4 && at(reader, point.from)!.digits < 3;
}

function readStart(reader: DateReader, index: number): DatePoint | null {
  return (
    readRelative(reader, index) ??
    readClosestWeekday(reader, index) ??
    readNthWeekday(reader, index) ??
    readWeekdayPoint(reader, index) ??
    readDatedPoint(reader, index) ??
    readBareDay(reader, index)
  );
}

/** The point a range may end with: a holiday counts as a day here ("del 28 hasta año nuevo"). */
function readEnd(reader: DateReader, index: number): DatePoint | null {
  const point = readStart(reader, index);
  if (point) return point;
  const holiday = readHoliday(reader, index);
  if (!holiday?.stay) return null;
  return { from: index, to: holiday.to, date: holiday.stay.checkOut, isFirm: true, isDoubtful: true };
}

/** "del 28 de enero hasta febrero": its first day, and asked about. */
function readMonthEnd(reader: DateReader, start: DatePoint, index: number): DatePoint | null {
  const month = monthAt(reader, index);
  if (month === undefined || start.month === undefined || start.month === month) return null;
  const year = readYear(reader, index + 1);
  const to = year?.to ?? index + 1;
  return { from: index, to, day: 1, month, ...(year ? { year: year.year } : {}), isFirm: true, isDoubtful: true };
}

type Joint = { to: number; strength: 'strong' | 'weak' | 'list' };

function jointAt(reader: DateReader, index: number): Joint | null {
  const comma = textAt(reader, index) === ',' ? 1 : 0;
  const strong = phraseAt(reader, index + comma, strongJoints);
  const weak = phraseAt(reader, index + comma, weakJoints);
  if (strong && strong >= weak) return { to: index + comma + strong, strength: 'strong' };
  if (weak) return { to: index + comma + weak, strength: 'weak' };
  const list = phraseAt(reader, index + comma, listJoints);
  if (list) return { to: index + comma + list, strength: 'list' };
  return null;
}

function readRange(reader: DateReader, start: DatePoint, hasNights: boolean): DateItem | null {
  const before = textAt(reader, start.from - 1);
  const before2 = textAt(reader, start.from - 2);
  const between = [1, 2, 3].some((back) => words('entre between').has(textAt(reader, start.from - back)));
  const run = readWeekdayRun(reader, start);
  if (run) return run;
  const listed = readListMembers(reader, start);
  const members = listed.count > 1 ? listed : { ...listed, to: skipDayPart(reader, listed.to) };
  const isTight =
    members.count > 1 || (textAt(reader, members.to) === '/' && !start.isFirm) || isIsoInterval(reader, start);
  const joint =
    (members.hasNoMark ? { to: members.to, strength: 'list' as const } : null) ??
    jointAt(reader, members.to) ??
    (isTight ? { to: members.to + 1, strength: start.year ? ('strong' as const) : ('list' as const) } : null);
  if (!joint) return null;
  if (members.count > 1) joint.strength = 'list';
  const endAt = skipFillers(reader, joint.to);
  const end =
    readEnd(reader, endAt) ?? (joint.strength === 'strong' || between ? readMonthEnd(reader, start, endAt) : null);
  if (!end) return null;
  const isList = joint.strength === 'list' && !between;
  if (!isBelievable(reader, start, end, joint, { isList, hasNights, between, hasElAfter: endAt > joint.to }))
    return null;
  const isNights =
    isList && (nightNouns.has(before) || nightNouns.has(before2) || nightNouns.has(textAt(reader, start.from - 3)));
  return { kind: 'range', from: start.from, to: end.to, start, end, isList, isNights, members: members.count + 1 };
}

/** Where the members of a list end, all but the last; `hasNoMark`: nothing stands before the last. */
type ListMembers = { to: number; count: number; hasNoMark?: boolean };

const dayParts = words('tarde noche manana mediodia madrugada noite manha morning evening afternoon night');

/** "viernes a la tarde al domingo": the part of the day before the joint says nothing about the dates. */
function skipDayPart(reader: DateReader, index: number): number {
  for (const length of [1, 2, 3]) {
    if (!dayParts.has(textAt(reader, index + length - 1))) continue;
    const lead = [0, 1]
      .slice(0, length - 1)
      .every((k) => words('a por en de la al o pela in the').has(textAt(reader, index + k)));
    if (lead && jointAt(reader, index + length)) return index + length;
  }
  return index;
}

/** "10, 11 y 12": the days between commas. */
function readListMembers(reader: DateReader, start: DatePoint): ListMembers {
  let to = start.to;
  let count = 1;
  const chain = readTightChain(reader, start) ?? readSpacedRun(reader, start);
  if (chain) return chain;
  while (textAt(reader, to) === ',' && count < 8) {
    const next = skipFillers(reader, to + 1);
    const day = dayNumberAt(reader, next);
    const after = textAt(reader, next + 1);
    if (
      day === undefined ||
      !at(reader, next)!.digits ||
      !(after === ',' || after === 'y' || after === 'e' || after === 'and')
    )
      break;
    to = next + 1;
    count++;
  }
  return { to, count };
}

/** "2027-01-10/2027-01-15" */
const isIsoInterval = (reader: DateReader, start: DatePoint): boolean =>
  start.year !== undefined && textAt(reader, start.to) === '/' && at(reader, start.to + 1)?.digits === 4;

/** "24/25/26 de enero": the last member is left for the joint, which is the last mark. */
function readTightChain(reader: DateReader, start: DatePoint): { to: number; count: number } | null {
  const mark = textAt(reader, start.to);
  if (start.isFirm || (mark !== '/' && mark !== '-')) return null;
  let to = start.to;
  let count = 1;
  while (textAt(reader, to) === mark && at(reader, to + 1)?.digits && textAt(reader, to + 2) === mark && count < 8) {
    to += 2;
    count++;
  }
  return count > 1 || mark === '/' ? { to, count } : null;
}

/** "17 18 y 19 de julio", "17 18 19 de julio": days that follow one another; the last is left for the joint. */
function readSpacedRun(reader: DateReader, start: DatePoint): ListMembers | null {
  if (start.day === undefined || start.to !== start.from + 1) return null;
  let to = start.to;
  let count = 1;
  while (count < 8 && at(reader, to)?.digits && dayNumberAt(reader, to) === start.day + count) {
    to++;
    count++;
  }
  const isLinked = phraseAt(reader, to, listJoints) > 0;
  const hasMonth = monthAt(reader, words('de d of').has(textAt(reader, to)) ? to + 1 : to) !== undefined;
  if (!isLinked && hasMonth && count > 1) return { to: to - 1, count: count - 1, hasNoMark: true };
  return count > 1 && isLinked && dayNumberAt(reader, skipFillers(reader, to + 1)) === start.day + count
    ? { to, count }
    : null;
}

/** "viernes, sábado y domingo", "viernes sábado domingo": a run of weekdays without numbers. */
function readWeekdayRun(reader: DateReader, start: DatePoint): DateItem | null {
  if (start.weekday === undefined || start.day !== undefined) return null;
  let end = start;
  let members = 1;
  let wasLinked = true;
  for (let at_ = start.to; members < 7; at_ = end.to) {
    const isLinked = words(', y e and').has(textAt(reader, at_));
    const next = readWeekdayPoint(reader, isLinked ? skipFillers(reader, at_ + 1) : at_);
    if (!next || next.day !== undefined) break;
    wasLinked &&= isLinked;
    end = next;
    members++;
  }
  if (members < 2 || (members === 2 && wasLinked)) return null;
  return { kind: 'range', from: start.from, to: end.to, start, end, isList: true, isNights: false, members };
}

type RangeSigns = { isList: boolean; hasNights: boolean; between: boolean; hasElAfter: boolean };

/** Do two points with something between them really mean from … to …? */
function isBelievable(reader: DateReader, start: DatePoint, end: DatePoint, joint: Joint, signs: RangeSigns): boolean {
  const opened = isOpened(reader, start.from) || signs.between;
  if (start.isFirm && end.isFirm) {
    if (signs.isList && start.month && end.month && (start.year || end.year)) return true;
    return !(signs.isList && (start.step !== undefined || end.step !== undefined));
  }
  if (!start.isFirm && !end.isFirm) {
    if (signs.isList) return (opened || signs.hasNights || reader.isAskedForDate) && end.day! > start.day!;
    if (joint.strength === 'strong') return true;
    if (at(reader, start.from)!.ordinal !== undefined && at(reader, end.from)!.ordinal !== undefined) return true;
    const isFrom = textAt(reader, start.from - 1) === 'de' || opened;
    if (signs.hasElAfter && isFrom) return true;
    return opened || reader.isAskedForDate || (isFrom && signs.hasNights) || isMonthNear(reader, start, end);
  }
  if (end.isFirm) {
    if (end.day === undefined && joint.strength !== 'strong' && !opened) return false;
    return !signs.isList || end.day !== undefined;
  }
  if (start.day === undefined && signs.isList) return false;
  if (signs.isList) return end.day! > (start.day ?? 0) && !start.weekday;
  return joint.strength === 'strong' || signs.hasElAfter || start.day !== undefined;
}

function isMonthNear(reader: DateReader, start: DatePoint, end: DatePoint): boolean {
  const around = [start.from - 1, start.from - 2, end.to, end.to + 1];
  return around.some((index) => at(reader, index)?.month !== undefined);
}

const notAStay = words('menos less fewer antes ago atras before advance mas mais more extra anticipacion previos');
const countBefore = words('hace mas mais extra additional otra otras');

/** "2 noches", "una semana", "por 3 días". */
function readNights(reader: DateReader, index: number): DateItem | null {
  const token = at(reader, index);
  if (nightNouns.has(token?.text ?? '') && textAt(reader, index + 1) === ':' && at(reader, index + 2)?.number)
    return { kind: 'nights', from: index, to: index + 3, nights: at(reader, index + 2)!.number!, isDays: false };
  const count = token?.number ?? (token?.text === 'a' && reader.language === 'en' ? 1 : undefined);
  if (count === undefined || count < 1 || count > 90 || token!.digits > 2 || token!.ordinal !== undefined) return null;
  const whole = words('whole full entire consecutive straight single sola solo unica so').has(textAt(reader, index + 1))
    ? 1
    : 0;
  const noun = textAt(reader, index + 1 + whole);
  if (countBefore.has(textAt(reader, index - 1)) || notAStay.has(textAt(reader, index + whole + 2))) return null;
  const item = (nights: number, isDays: boolean): DateItem => ({
    kind: 'nights',
    from: index,
    to: index + whole + 2,
    nights,
    isDays,
  });
  if (nightNouns.has(noun)) return item(count, false);
  if (weekNouns.has(noun)) return count <= 8 ? item(count * 7, false) : null;
  if (!dayNouns.has(noun)) return null;
  if (count < 2 && !isOneDay(reader, index)) return null;
  return item(count, true);
}

/** "por un día", "just one day", "1 día": a stay; "un día de estos", "el día" is none. */
function isOneDay(reader: DateReader, index: number): boolean {
  const before = words('por for durante solo solamente so apenas just only').has(textAt(reader, index - 1));
  if (before || at(reader, index)!.digits > 0) return true;
  return textAt(reader, index) === 'one' && !words('i we you he she of').has(textAt(reader, index + 2));
}
