import type { CalendarDate } from '#shared/domain/stay.ts';
import { monthAt, readYear } from './calendar-points.ts';
import { phraseAt, phrases, textAt, words, type DateReader } from './date-point.ts';
import { addMonths, lastDayOfMonth, toDate } from './calendar-math.ts';

/** A stretch of days, both inclusive. */
export type Window = { from: CalendarDate; to: CalendarDate };

export const ofWords = words('de del do da of in');

/** A stretch that has begun starts today. */
export const clip = (reader: DateReader, window: Window): Window => ({
  from: window.from < reader.today && window.to >= reader.today ? reader.today : window.from,
  to: window.to,
});

/** The month that is named here, with its year: "enero", "enero 2027", "este mes", "mes que viene". */
export function readMonth(reader: DateReader, index: number): { first: CalendarDate; to: number } | null {
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

/** "mes que viene", "this month": how many months ahead. */
export function isNearMonth(reader: DateReader, index: number): { shift: number; to: number } | null {
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

export const monthOf = (first: CalendarDate): Window => ({
  from: first,
  to: lastDayOfMonth(Number(first.slice(0, 4)), Number(first.slice(5, 7))),
});
