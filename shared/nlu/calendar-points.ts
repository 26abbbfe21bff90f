import { at, countedNouns, phraseAt, phrases, textAt, words, type DatePoint, type DateReader } from './date-point.ts';
import { fullYear, readNumericDate } from './numeric-dates.ts';

const ofWords = words('de d of do del da');
const fillers = words('el la the dia day o a , ( no na on');
const thisMonth = phrases(
  'este mes, deste mes, desse mes, neste mes, this month, el corriente, mes corriente, the month, del mes',
);
const nextMonth = phrases(
  'mes que viene, proximo mes, mes proximo, mes que vem, next month, mes siguiente, siguiente mes, proximo mes, mes entrante',
);
const nextYear = phrases(
  'proximo ano, ano que viene, ano proximo, next year, ano que vem, ano siguiente, ano entrante',
);
const thisYear = phrases('este ano, this year, deste ano, presente ano, corriente ano');
/** Months whose names are everyday words when nothing else says so. */
const doubtfulMonths: Record<string, Set<string>> = {
  es: words('mar set sep may ene'),
  pt: words('mar set out sep mai'),
  en: words('may march mar sep jan dec'),
};

/** The month at a place, unless it is a word that only looks like one. */
export function monthAt(reader: DateReader, index: number): number | undefined {
  const token = at(reader, index);
  return token && !token.digits ? token.month : undefined;
}

/** Is a month's name here clear by itself, without a number beside it? */
export function isClearMonth(reader: DateReader, index: number): boolean {
  return !doubtfulMonths[reader.language]!.has(textAt(reader, index));
}

/** "de", "of", or a mark written tight: "10 de enero", "10-enero", "10.enero". */
function isLink(reader: DateReader, index: number): boolean {
  const token = at(reader, index);
  return (
    !!token &&
    (ofWords.has(token.text) || (token.glued && (token.text === '/' || token.text === '-' || token.text === '.')))
  );
}

/** 1–31 and a bit beyond (so that "32 de agosto" can be named), with one or two digits, a word or an ordinal. */
export function dayNumberAt(reader: DateReader, index: number): number | undefined {
  const token = at(reader, index);
  if (!token || token.isMark || token.digits > 2) return undefined;
  const value = token.ordinal ?? token.number;
  return value !== undefined && value > 0 && value <= 99 ? value : undefined;
}

/** "10 de enero de 2027", "3.er día de octubre", "21 de este mes", "20 of next month". */
export function readDayMonth(reader: DateReader, index: number): DatePoint | null {
  const day = dayNumberAt(reader, index);
  if (day === undefined) return null;
  let next = index + 1;
  if (textAt(reader, next) === '.' && at(reader, next)?.glued) next++;
  if ((textAt(reader, next) === 'dia' || textAt(reader, next) === 'day') && at(reader, index)!.ordinal !== undefined)
    next++;
  let linked = 0;
  while (linked < 2 && isLink(reader, next)) {
    next++;
    linked++;
  }
  if (
    linked &&
    (textAt(reader, next) === 'mes' || textAt(reader, next) === 'month') &&
    ofWords.has(textAt(reader, next + 1))
  )
    next += 2;
  const month = monthAt(reader, next);
  if (month !== undefined) {
    if (textAt(reader, next) === 'mar' && reader.language === 'es' && linked === 0 && !at(reader, index)!.digits)
      return null;
    next++;
    if (textAt(reader, next) === '.' && at(reader, next)?.glued) next++;
    const year = readYear(reader, next);
    return { from: index, to: year?.to ?? next, day, month, ...(year ? { year: year.year } : {}), isFirm: true };
  }
  return readDayOfNearMonth(reader, index, day, next) ?? readDayOfMonthNumber(reader, index, day);
}

/** "el 20 del 1": the month by its number; not "somos 4 del 10 al 12", where a range begins. */
function readDayOfMonthNumber(reader: DateReader, index: number, day: number): DatePoint | null {
  const month = at(reader, index + 2);
  if (!words('del do').has(textAt(reader, index + 1)) || !at(reader, index)!.digits || !month?.digits) return null;
  if (month.number! < 1 || month.number! > 12 || month.digits > 2 || isCounted(reader, index + 2)) return null;
  const isRangeAhead = words('al a ao hasta ate - y e').has(textAt(reader, index + 3)) && at(reader, index + 4)?.digits;
  const isAnnounced = words('el del al desde hasta dia ao o').has(textAt(reader, index - 1));
  const isRepeated = words('del do').has(textAt(reader, index + 5));
  if ((isRangeAhead && !isAnnounced && !isRepeated) || '/-.'.includes(textAt(reader, index + 3) || ' ')) return null;
  return { from: index, to: index + 3, day, month: month.number!, isFirm: true };
}

function readDayOfNearMonth(reader: DateReader, index: number, day: number, next: number): DatePoint | null {
  for (const [table, shift] of [
    [thisMonth, 0],
    [nextMonth, 1],
  ] as const) {
    const skip = phraseAt(reader, next, table) > 0 ? 0 : fillers.has(textAt(reader, next)) ? 1 : -1;
    const isOfNext =
      shift === 1 && textAt(reader, next - 1) === 'del' && phraseAt(reader, next, phrases('que viene')) > 0;
    const length = isOfNext ? 2 : skip < 0 ? 0 : phraseAt(reader, next + skip, table);
    if (length === 0 || day > 31) continue;
    const month = Number(reader.today.slice(5, 7)) - 1 + shift;
    return {
      from: index,
      to: next + (isOfNext ? 0 : skip) + length,
      day,
      month: (month % 12) + 1,
      year: Number(reader.today.slice(0, 4)) + Math.floor(month / 12),
      isFirm: true,
    };
  }
  return null;
}

/** "marzo 3", "February the 15th", "Maio vinte e um". */
export function readMonthDay(reader: DateReader, index: number): DatePoint | null {
  const month = monthAt(reader, index);
  if (month === undefined) return null;
  let next = index + 1;
  if (textAt(reader, next) === '.' && at(reader, next)?.glued) next++;
  while (
    next < index + 4 &&
    (textAt(reader, next) === 'the' || textAt(reader, next) === 'el' || textAt(reader, next) === 'dia')
  )
    next++;
  const day = dayNumberAt(reader, next);
  if (day === undefined || day > 31 || isCounted(reader, next) || readNumericDate(reader, next)) return null;
  if (readDayMonth(reader, next)) return null;
  if (at(reader, next)!.ordinal !== undefined && words('quincena quinzena semana week').has(textAt(reader, next + 1)))
    return null;
  const year = readYear(reader, next + 1);
  return { from: index, to: year?.to ?? next + 1, month, day, ...(year ? { year: year.year } : {}), isFirm: true };
}

/** A number that counts something ("12 noches") or is an hour is no day. */
export function isCounted(reader: DateReader, index: number): boolean {
  const next = reader.tokens[index + 1];
  if (!next) return false;
  if (next.text === ':' && next.glued) return true;
  if (reader.taken[index + 1] && !next.isMark && next.digits === 0) return true;
  // "El 10 por 3 noches": only the second number is counted.
  if (next.text === 'por' && at(reader, index + 2)?.number !== undefined) return false;
  return countedNouns.has(next.text) && next.text !== 'm' && !(next.text === 'por' && reader.language !== 'es');
}

/** "2027", "de 2027", "del 27", ", 2027", "en 2027" */
export function readYear(reader: DateReader, index: number): { year: number; to: number } | null {
  let next = index;
  if (words('de del of , en in do em').has(textAt(reader, next))) next++;
  const near = phraseAt(reader, next, nextYear);
  if (near) return { year: Number(reader.today.slice(0, 4)) + 1, to: next + near };
  const current = phraseAt(reader, next, thisYear);
  if (current) return { year: Number(reader.today.slice(0, 4)), to: next + current };
  if (textAt(reader, next) === 'ano' || textAt(reader, next) === "'") next++;
  const token = at(reader, next);
  if (!token?.digits || token.number === undefined || isCounted(reader, next)) return null;
  if (token.digits === 4) {
    const year = fullYear(token.number, 4);
    return year === undefined ? null : { year, to: next + 1 };
  }
  const now = Number(reader.today.slice(2, 4));
  const isShort = token.digits === 2 && next > index && textAt(reader, index) !== ',' && textAt(reader, index) !== 'en';
  return isShort && token.number >= now - 3 && token.number <= now + 3 && token.number > 23
    ? { year: 2000 + token.number, to: next + 1 }
    : null;
}

/** "07 03 2024", "3 02 25": day, month and year with spaces only. */
export function readSpacedDate(reader: DateReader, index: number): DatePoint | null {
  const [day, month, year] = [0, 1, 2].map((k) => at(reader, index + k));
  if (!day?.digits || day.digits > 2 || month?.digits !== 2 || !year?.digits || day.number === 0) return null;
  if (month.glued || year.glued || month.number! > 12 || month.number! < 1 || day.number! > 31) return null;
  const value = fullYear(year.number ?? -1, year.digits);
  const now = Number(reader.today.slice(0, 4));
  if (value === undefined || value < now - 3 || value > now + 3 || isCounted(reader, index + 2)) return null;
  return { from: index, to: index + 3, day: day.number!, month: month.number!, year: value, isFirm: true };
}

/** A number that can only be a day by what stands around it; `isFirm` is false. */
export function readBareDay(reader: DateReader, index: number): DatePoint | null {
  const token = at(reader, index);
  const day = dayNumberAt(reader, index);
  if (day === undefined || day > 31 || isCounted(reader, index)) return null;
  const next = at(reader, index + 1);
  if (next?.glued && next.text === '%') return null;
  const isCut =
    next?.glued && '/.,'.includes(next.text) && at(reader, index + 2)?.glued && at(reader, index + 2)?.digits;
  if (isCut && !isDayChain(reader, index)) return null;
  const before = at(reader, index - 1);
  if (token!.glued && before && ('/.$#'.includes(before.text) || before.digits > 0)) return null;
  if (token!.ordinal !== undefined && !isOrdinalDay(reader, index)) return null;
  if (!token!.digits && token!.number === 1 && !isFirstOfRange(reader, index)) return null;
  if (next?.text === 'of' || (next?.text === 'x' && isProduct(reader, index + 2))) return null;
  return { from: index, to: index + 1, day, isFirm: false };
}

/** "del uno al cinco": the only place where "uno" alone is a day. */
function isFirstOfRange(reader: DateReader, index: number): boolean {
  const isFrom = words('del desde dia').has(textAt(reader, index - 1)) || textAt(reader, index - 2) === 'desde';
  return isFrom && words('al hasta a ao ate').has(textAt(reader, index + 1));
}

/** "2 x 1" is an offer; in "el 18 x 2 noches" the second number is counted. */
function isProduct(reader: DateReader, index: number): boolean {
  return !!at(reader, index)?.digits && !isCounted(reader, index);
}

const afterOrdinalDay = words(
  'al a ate hasta y e o u para por con en de del si que es hay tienen tenes pra com por favor porfa desde somos',
);

/** "24/25/26 de enero": days with marks between and a month after the last. */
function isDayChain(reader: DateReader, index: number): boolean {
  let last = index;
  while (textAt(reader, last + 1) === '/' && at(reader, last + 2)?.digits && last < index + 16) last += 2;
  return monthAt(reader, last + (ofWords.has(textAt(reader, last + 1)) ? 2 : 1)) !== undefined;
}

/** "el primero" ends there; "el primero que responda" and "the first option" are no days. */
function isOrdinalDay(reader: DateReader, index: number): boolean {
  const token = at(reader, index)!;
  if (token.digits > 0 && reader.language !== 'en') {
    const following = at(reader, index + 1);
    return !following || following.isMark || following.digits > 0 || afterOrdinalDay.has(following.text);
  }
  if (token.ordinal! > 5 || token.digits > 0) return true;
  if (reader.language !== 'en' && !token.text.startsWith('prim')) return false;
  const next = at(reader, index + 1);
  return !next || next.isMark || words('al a ao ate to till until and y e hasta through').has(next.text);
}

/** Any day with a month, by number or by name. */
export function readDatedPoint(reader: DateReader, index: number): DatePoint | null {
  return (
    readNumericDate(reader, index) ??
    readSpacedDate(reader, index) ??
    readDayMonth(reader, index) ??
    readMonthDay(reader, index)
  );
}

/** After a weekday or a joint: skips "el", "día", "the", ",". */
export function skipFillers(reader: DateReader, index: number): number {
  let next = index;
  while (next < index + 3 && fillers.has(textAt(reader, next))) next++;
  return next;
}
