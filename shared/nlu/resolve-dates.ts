import { addDays, daysBetween, maxNights, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import type { DatePoint } from './date-point.ts';
import { mondayOf, toDate } from './calendar-math.ts';
import type { DateProblem } from '#shared/domain/conversations/understanding.ts';

/** A point on the calendar, or why there is none. */
export type ResolvedDate = { date: CalendarDate | null; problem?: DateProblem['kind']; isDoubtful?: boolean };

/** The first date at or after `floor` that a point can mean; years in the text are taken as they are. */
export function resolvePoint(point: DatePoint, today: CalendarDate, floor: CalendarDate = today): ResolvedDate {
  const doubt = point.isDoubtful ? { isDoubtful: true } : {};
  if (point.date) return { date: point.date, ...doubt };
  if (point.step !== undefined) return { date: addDays(floor, point.step), ...doubt };
  if (point.day === undefined) return resolveWeekday(point, today, floor);
  if (point.day > 31 || point.day < 1) return { date: null, problem: 'impossible' };
  if (point.month === undefined) return resolveDay(point.day, point.weekday, floor);
  if (point.month > 12 || point.month < 1) return { date: null, problem: 'impossible' };
  if (point.year !== undefined) {
    const date = toDate(point.year, point.month, point.day);
    if (!date) return { date: null, problem: 'impossible' };
    return { date, ...(date < today ? { problem: 'past' as const } : {}), ...mismatch(point, date), ...doubt };
  }
  const first = Number(floor.slice(0, 4));
  for (let year = first; year <= first + 8; year++) {
    const date = toDate(year, point.month, point.day);
    if (!date || date < floor) continue;
    // The next 29 February may be years away: hardly anybody means that.
    const isFar =
      point.month === 2 && point.day === 29 && daysBetween(today, date) > farDays ? { isDoubtful: true } : {};
    return { date, ...mismatch(point, date), ...doubt, ...isFar };
  }
  return { date: null, problem: 'impossible' };
}

/** A leap day that lies farther ahead than this is asked about. */
const farDays = 400;

/** "viernes 12 de mayo" when the twelfth is a Tuesday: one of the two is wrong. */
function mismatch(point: DatePoint, date: CalendarDate): { isDoubtful?: boolean } {
  return point.weekday !== undefined && weekday(date) !== point.weekday ? { isDoubtful: true } : {};
}

/** "el 16": this month's or the next one's that has such a day; with a weekday, the first that matches. */
function resolveDay(day: number, wanted: number | undefined, floor: CalendarDate): ResolvedDate {
  const year = Number(floor.slice(0, 4));
  const month = Number(floor.slice(5, 7)) - 1;
  let nearest: CalendarDate | null = null;
  for (let k = 0; k < 60; k++) {
    const date = toDate(year + Math.floor((month + k) / 12), ((month + k) % 12) + 1, day);
    if (!date || date < floor) continue;
    nearest ??= date;
    if (wanted === undefined || weekday(date) === wanted)
      return { date, ...(date === nearest ? {} : { isDoubtful: true }) };
  }
  return { date: null, problem: 'impossible' };
}

/** A weekday alone is the next one to come; said on that very day it may be today: doubtful. */
function resolveWeekday(point: DatePoint, today: CalendarDate, floor: CalendarDate): ResolvedDate {
  const found = resolveWeek(point, today, floor);
  return point.isDoubtful ? { ...found, isDoubtful: true } : found;
}

function resolveWeek(point: DatePoint, today: CalendarDate, floor: CalendarDate): ResolvedDate {
  const wanted = point.weekday!;
  const inWeek = (weeks: number): CalendarDate => addDays(mondayOf(today), 7 * weeks + ((wanted + 6) % 7));
  if (point.week === 'this') {
    const date = inWeek(0);
    return { date, ...(date < today ? { problem: 'past' as const } : {}) };
  }
  if (point.week === 'week_next') return { date: inWeek(1) };
  if (point.week === 'next') {
    const nearest = addDays(today, (wanted - weekday(today) + 7) % 7 || 7);
    const date = inWeek(1);
    return { date, ...(date === nearest ? {} : { isDoubtful: true }) };
  }
  if (point.week === 'nearest') {
    const date = addDays(today, (wanted - weekday(today) + 7) % 7 || 7);
    return { date, ...(date === inWeek(1) ? {} : { isDoubtful: true }) };
  }
  const ahead = (wanted - weekday(floor) + 7) % 7;
  return { date: addDays(floor, ahead || 7), ...(ahead === 0 && floor === today ? { isDoubtful: true } : {}) };
}

export type ResolvedRange = {
  checkIn: CalendarDate | null;
  checkOut: CalendarDate | null;
  problem?: { kind: DateProblem['kind']; side: 'both' | 'in' | 'out' };
  isDoubtful: boolean;
};

/** Two points as check-in and check-out: a month or year on one side serves both, and December leads to January. */
export function resolveRange(
  start: DatePoint,
  end: DatePoint,
  today: CalendarDate,
  floor: CalendarDate = today,
): ResolvedRange {
  const [a, b] = shareMonths({ ...start }, { ...end });
  if (b.week && b.day === undefined && a.weekday !== undefined && a.day === undefined && !a.week) a.week = b.week;
  if (a.month && b.month && a.day && b.day && !a.year && !b.year) {
    const running = resolveRunning(a, b, today);
    if (running) return running;
  }
  const first = b.date && a.day && !a.month ? lastBefore(a, b.date, today) : resolvePoint(a, today, floor);
  if (!first.date) {
    const last = resolvePoint(b, today, floor);
    return {
      checkIn: null,
      checkOut: last.problem === 'impossible' ? null : last.date,
      problem: { kind: first.problem!, side: 'in' },
      isDoubtful: false,
    };
  }
  const last = resolveEnd(a, b, first.date, today);
  if (!last.date)
    return {
      checkIn: first.date,
      checkOut: null,
      problem: { kind: last.problem!, side: 'out' },
      isDoubtful: !!first.isDoubtful,
    };
  const nights = daysBetween(first.date, last.date);
  const isWrapped = !(a.year && b.year) && a.month !== undefined && b.month !== undefined && a.month > b.month;
  if (nights <= 0 || (isWrapped && nights > 2 * maxNights))
    return { checkIn: first.date, checkOut: last.date, problem: { kind: 'reversed', side: 'both' }, isDoubtful: true };
  const past = first.problem === 'past' ? { problem: { kind: 'past' as const, side: 'in' as const } } : {};
  const isLongGuess =
    a.day !== undefined && b.day !== undefined && a.day > b.day && !(start.month && end.month) && nights > 14;
  return {
    checkIn: first.date,
    checkOut: last.date,
    ...past,
    isDoubtful: !!first.isDoubtful || !!last.isDoubtful || isLongGuess || nights > maxNights,
  };
}

/** "del 28 hasta año nuevo": the last 28th before it. */
function lastBefore(point: DatePoint, end: CalendarDate, today: CalendarDate): ResolvedDate {
  const near = addDays(end, -31);
  return resolvePoint(point, today, near > today ? near : today);
}

function resolveEnd(a: DatePoint, b: DatePoint, checkIn: CalendarDate, today: CalendarDate): ResolvedDate {
  if (b.date || b.year !== undefined) return resolvePoint(b, today);
  if (b.step !== undefined) return { date: addDays(checkIn, b.step) };
  if (b.day === undefined && b.weekday !== undefined) {
    const ahead = (b.weekday - weekday(checkIn) + 7) % 7 || 7;
    return { date: addDays(checkIn, ahead) };
  }
  if (b.month !== undefined && a.month === b.month && a.day! > b.day! && !a.date)
    return { date: toDate(Number(checkIn.slice(0, 4)), b.month, b.day!), problem: 'impossible' };
  return resolvePoint(b, today, addDays(checkIn, b.month === undefined ? 1 : 0));
}

/** "del 10 al 12 de enero" and "del 30 al 2 de febrero": the side without a month takes the other's or its neighbour. */
function shareMonths(a: DatePoint, b: DatePoint): [DatePoint, DatePoint] {
  if (a.day && !a.month && b.day && b.month) {
    const isSame = a.day <= b.day;
    a.month = isSame ? b.month : ((b.month + 10) % 12) + 1;
    if (b.year) a.year = !isSame && b.month === 1 ? b.year - 1 : b.year;
  } else if (a.day && a.month && b.day && !b.month) {
    const isSame = b.day >= a.day;
    b.month = isSame ? a.month : (a.month % 12) + 1;
    const year = b.year ?? a.year;
    if (a.year) b.year = !isSame && a.month === 12 ? a.year + 1 : a.year;
    else if (year && b.year) a.year = b.year;
  }
  if (a.month && b.month && b.year && !a.year && a.day) a.year = a.month > b.month ? b.year - 1 : b.year;
  if (a.month && b.month && a.year && !b.year && b.day) b.year = a.month > b.month ? a.year + 1 : a.year;
  return [a, b];
}

/** A range without years that has begun and not ended is this year's, and asked about. */
function resolveRunning(a: DatePoint, b: DatePoint, today: CalendarDate): ResolvedRange | null {
  const year = Number(today.slice(0, 4));
  const first = toDate(year, a.month!, a.day!);
  const last = toDate(year, b.month!, b.day!);
  if (!first || !last || first >= today || last < today || daysBetween(first, last) > maxNights) return null;
  return { checkIn: first, checkOut: last, problem: { kind: 'past', side: 'in' }, isDoubtful: true };
}
