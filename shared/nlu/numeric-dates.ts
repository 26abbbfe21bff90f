import { at, isOpened, textAt, words, type DatePoint, type DateReader } from './date-point.ts';

const separators = words('/ - .');
const prepositions = words(
  'en em in on para por el del al desde hasta ate no do from to until till is es fecha , ( y e and',
);
const fullTime = words('recepcion reception recepcao atienden atencion atendimento horario abierto open seguridad');

/** "10/1", "10-1-27", "10.01", "2027-01-10", "6-jul-2018", "Oct/2". */
export function readNumericDate(reader: DateReader, index: number): DatePoint | null {
  const first = at(reader, index);
  const mark = at(reader, index + 1);
  const second = at(reader, index + 2);
  if (!first || !mark || !second || !separators.has(mark.text) || isTail(reader, index)) return null;
  const isTight = mark.glued && second.glued;
  if (!isTight && !(mark.text === '/' && first.digits > 0 && second.digits > 0)) return null;
  if (first.digits === 4 || first.digits === 0)
    return readYearFirst(reader, index) ?? readMonthNameFirst(reader, index);
  if (first.digits > 2 || first.ordinal !== undefined) return null;
  const yearAt = second.digits > 0 ? [mark.text] : [mark.text, '-', '/', '.'];
  const year = readTightYear(reader, index + 3, yearAt);
  if (year === 'none') return null;
  const to = year === null ? index + 3 : index + 5;
  if (second.digits === 0)
    return second.month
      ? { from: index, to, day: first.number!, month: second.month, ...withYear(year), isFirm: true }
      : null;
  if (second.digits > 2 || !isWritableDate(reader, index, year !== null)) return null;
  return {
    from: index,
    to,
    ...orderDayMonth(reader, first.number!, second.number!, year !== null),
    ...withYear(year),
    isFirm: true,
  };
}

/** The rest of a longer number ("4/13/1", "133-03-03-2020") is no date. */
function isTail(reader: DateReader, index: number): boolean {
  if (at(reader, index)!.digits === 4) return false;
  const [before, mark] = [at(reader, index - 2), at(reader, index - 1)];
  if (!mark?.glued || !at(reader, index)!.glued || !before?.digits) return false;
  return mark.text === '/' || mark.text === '.' || (mark.text === '-' && before.digits === 3);
}

const withYear = (year: number | null): { year?: number } => (year === null ? {} : { year });

/** "27" is 2027; three and one digits are no year. */
export function fullYear(value: number, digits: number): number | undefined {
  if (digits === 4) return value >= 1900 && value <= 2200 ? value : undefined;
  return digits === 2 ? 2000 + value : undefined;
}

/** null: no third part; 'none': a third part that is no year, so that all of it is no date. */
function readTightYear(reader: DateReader, index: number, marks: string[]): number | null | 'none' {
  const mark = at(reader, index);
  const token = at(reader, index + 1);
  if (!mark?.glued || !token?.glued || !token.digits || !separators.has(mark.text)) return null;
  if (!marks.includes(mark.text)) return mark.text === '-' ? null : 'none';
  return fullYear(token.number ?? -1, token.digits) ?? 'none';
}

function readYearFirst(reader: DateReader, index: number): DatePoint | null {
  const [year, mark, month, again, day] = [0, 1, 2, 3, 4].map((k) => at(reader, index + k));
  if (year?.digits !== 4 || !day?.digits || day.digits > 2 || again?.text !== mark?.text || !again?.glued) return null;
  const monthNumber = month!.month ?? (month!.digits > 0 && month!.digits < 3 ? month!.number : undefined);
  const fullYearNumber = fullYear(year.number!, 4);
  if (monthNumber === undefined || fullYearNumber === undefined) return null;
  return { from: index, to: index + 5, year: fullYearNumber, month: monthNumber, day: day.number!, isFirm: true };
}

/** "Jan-1", "Nov/2" */
function readMonthNameFirst(reader: DateReader, index: number): DatePoint | null {
  const month = at(reader, index)!;
  const day = at(reader, index + 2)!;
  if (!month.month || !day.digits || day.digits > 2) return null;
  const mark = at(reader, index + 1)!;
  const year = readTightYear(reader, index + 3, [mark.text, '-', '/']);
  if (year === 'none') return null;
  return {
    from: index,
    to: year ? index + 5 : index + 3,
    month: month.month,
    day: day.number!,
    ...withYear(year),
    isFirm: true,
  };
}

/** Day first, in English month first; a number that cannot be a month is the day. */
function orderDayMonth(
  reader: DateReader,
  a: number,
  b: number,
  hasYear: boolean,
): Pick<DatePoint, 'day' | 'month' | 'isDoubtful' | 'isSwappable' | 'isDayFirst'> {
  if (reader.language === 'en' && a <= 12) {
    const isSwappable = b <= 12 && a !== b;
    return { month: a, day: b, ...(isSwappable ? { isSwappable, isDoubtful: true } : {}) };
  }
  if (b > 12 && a <= 12 && b <= 31 && a > 0 && !hasYear) return { month: a, day: b };
  if (b > 12 && a <= 12 && b <= 31 && a > 0) return { month: a, day: b };
  return { day: a, month: b, ...(reader.language === 'en' && b <= 12 ? { isDayFirst: true } : {}) };
}

/** Two numbers with a mark between can be many things; which of them are a date? */
function isWritableDate(reader: DateReader, index: number, hasYear: boolean): boolean {
  const first = at(reader, index)!;
  const mark = textAt(reader, index + 1);
  const second = at(reader, index + 2)!;
  if (hasYear) return !isMonthAhead(reader, index + 5);
  const next = at(reader, index + 3);
  const isOpen =
    isOpened(reader, index) || prepositions.has(textAt(reader, index - 1)) || isAfterWeekday(reader, index);
  if (isMonthAhead(reader, index + 3)) return false;
  const [a, b] = [first.number!, second.number!];
  if (mark === '/') {
    if (a === 24 && b === 7 && !isOpen && reader.tokens.some((token) => fullTime.has(token.text))) return false;
    return true;
  }
  if (mark === '-') {
    if (next?.glued && (next.text === '/' || next.text === '.') && at(reader, index + 4)?.digits) return false;
    if (b > 12 && a > 12) return false;
    if (b > 12) return isOpen && textAt(reader, index - 1) !== 'del';
    if (a > 12 || isOpen || reader.isAskedForDate) return true;
    return reader.language !== 'en' && second.digits === 2;
  }
  const isPadded = first.text.startsWith('0') || second.text.startsWith('0');
  const isJoined = ranged.has(textAt(reader, index - 1)) || ranged.has(textAt(reader, index + 3));
  if (isDottedRange(reader, index) && a <= 31 && b <= 12 && b > 0) return true;
  if (first.digits !== 2 || second.digits !== 2 || b > 12 || a > 31)
    return isOpen && textAt(reader, index - 1) !== 'to';
  const isAlone = index === 0 && reader.tokens.length <= 4;
  return isOpen || isAlone || reader.isAskedForDate || (reader.language !== 'en' && (isPadded || isJoined));
}

/** "10.1 al 14.1": the same writing on both sides of a joint. */
function isDottedRange(reader: DateReader, index: number): boolean {
  const isDotted = (from: number): boolean =>
    !!at(reader, from)?.digits && textAt(reader, from + 1) === '.' && !!at(reader, from + 2)?.digits;
  const isJoint = (place: number): boolean => ranged.has(textAt(reader, place));
  return (isJoint(index + 3) && isDotted(index + 4)) || (isJoint(index - 1) && isDotted(index - 4));
}

const ranged = words('al hasta a - ate >');

function isAfterWeekday(reader: DateReader, index: number): boolean {
  return at(reader, index - 1)?.weekday !== undefined || at(reader, index - 2)?.weekday !== undefined;
}

/** "10-12 de enero" is a range of days, not the tenth of December. */
function isMonthAhead(reader: DateReader, index: number): boolean {
  const skip = words('de of d do del').has(textAt(reader, index)) ? 1 : 0;
  const next = at(reader, index + skip);
  if (next?.month !== undefined && !next.digits) return true;
  return skip === 1 && ['este', 'proximo', 'mes', 'this', 'next'].includes(next?.text ?? '');
}
