import { addDays, daysBetween, isCalendarDate, maxNights, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import type { ModelAnswer } from '#shared/domain/conversations/model-answer.ts';
import { modelIntents } from '#shared/domain/conversations/model-answer.ts';
import type {
  Intent,
  Party,
  SlotName,
  Understanding,
  UnderstandOptions,
} from '#shared/domain/conversations/understanding.ts';
import { isCounted } from './calendar-points.ts';
import { words, type DateReader } from './date-point.ts';
import { foldText } from './fold-text.ts';
import { maskNumbers } from './mask-numbers.ts';
import { children, one, partners } from './party-words.ts';
import { readTokens, type Token } from './tokenise.ts';

const nightNouns = words('noche noches noite noites night nights dia dias day days nts');
const weekNouns = words('semana semanas week weeks');
const nearDays: readonly (readonly [Set<string>, number])[] = [
  [words('hoy hoje today tonight'), 0],
  [words('manana amanha tomorrow'), 1],
  [words('pasado depois overmorrow'), 2],
];
/** A day without a month lies at most so far ahead. */
const farthestBareDay = 62;

/** What a text has to show for dates and numbers; each number of it serves once. */
type Evidence = { reader: DateReader; used: Set<number> };

/**
 * Lays a model's answer under what the rules read: only what they left open is filled, and only with what stands in the text
 * (the day's number and its month or a weekday, each number of people). Dates from a model are always doubtful, so that the
 * guest is asked; no answer of a model can confirm, cancel or change anything.
 */
export function applyModelAnswer(
  text: string,
  said: Understanding,
  answer: ModelAnswer,
  options: UnderstandOptions,
): Understanding {
  const { tokens } = readTokens(foldText(text), said.language);
  const taken = maskNumbers(tokens);
  const reader = { tokens, taken, language: said.language, today: options.today, isAskedForDate: false };
  const evidence: Evidence = { reader, used: new Set() };
  const dates = hasDates(said) ? null : supportDates(evidence, answer);
  const guests = said.guests ?? supportParty(evidence, answer);
  const wish = modelIntents.find((intent) => intent === answer.intent);
  const isFilled = dates !== null || guests !== said.guests;
  const intents: Intent[] =
    said.intents[0] === 'unknown' ? [wish ?? (isFilled ? 'availability' : 'unknown')] : said.intents;
  if (!isFilled && intents[0] === 'unknown') return said;
  const doubts: SlotName[] = dates === null ? [] : dates.checkOut ? ['checkIn', 'checkOut'] : ['checkIn'];
  return {
    ...said,
    ...dates,
    intent: intents[0]!,
    intents,
    guests,
    confidence: Math.max(said.confidence, 0.5),
    ambiguous: [...said.ambiguous, ...doubts],
  };
}

const hasDates = (said: Understanding): boolean =>
  !!(said.checkIn ?? said.checkOut ?? said.window ?? said.dateProblem ?? said.nights);

function supportDates(
  evidence: Evidence,
  answer: ModelAnswer,
): Pick<Understanding, 'checkIn' | 'checkOut' | 'nights'> | null {
  const { today } = evidence.reader;
  const { checkIn, checkOut } = answer;
  if (checkIn === null || !supportsDate(evidence, checkIn)) return null;
  const nights = supportsNights(evidence, answer.nights) ? answer.nights : null;
  const end = checkOut ?? (nights === null ? null : addDays(checkIn, nights));
  const isSupported = checkOut === null || checkOut === endOf(checkIn, nights) || supportsDate(evidence, checkOut);
  const isStay = end !== null && isSupported && end > checkIn && daysBetween(checkIn, end) <= maxNights;
  if (checkIn < today) return null;
  return { checkIn, checkOut: isStay ? end : null, nights: isStay ? daysBetween(checkIn, end) : null };
}

const endOf = (checkIn: CalendarDate, nights: number | null): CalendarDate | null =>
  nights === null ? null : addDays(checkIn, nights);

/** Does the text name this day? */
function supportsDate(evidence: Evidence, date: CalendarDate): boolean {
  const { reader, used } = evidence;
  const { tokens, today } = reader;
  if (!isCalendarDate(date) || date < today || date > addDays(today, 540)) return false;
  const years = tokens.filter(({ digits, number }) => digits === 4 && number! > 1999 && number! < 2100);
  if (years.length > 0 ? !years.some(({ number }) => number === Number(date.slice(0, 4))) : date > addDays(today, 366))
    return false;
  if (supportsNearDay(tokens, date, today)) return true;
  const isMonthRight = supportsMonth(tokens, date) ?? daysBetween(today, date) <= farthestBareDay;
  const at = tokens.findIndex((token, i) => isFreeNumber(evidence, i) && valueOf(token) === Number(date.slice(8)));
  if (at < 0 || !isMonthRight) return false;
  used.add(at);
  return true;
}

/** "Hoy", "mañana", or a weekday that comes within two weeks. */
function supportsNearDay(tokens: readonly Token[], date: CalendarDate, today: CalendarDate): boolean {
  const ahead = daysBetween(today, date);
  if (nearDays.some(([names, days]) => days === ahead && tokens.some(({ text }) => names.has(text)))) return true;
  return ahead <= 14 && tokens.some((token) => token.weekday === weekday(date) && token.digits === 0);
}

/** Is the month of a date named, in words or behind a mark ("10/1")? Undefined when the text names none at all. */
function supportsMonth(tokens: readonly Token[], date: CalendarDate): boolean | undefined {
  const month = Number(date.slice(5, 7));
  const named = tokens.filter((token) => token.month !== undefined && token.digits === 0);
  const written = tokens.filter((token, i) => {
    const mark = tokens[i - 1];
    return token.digits > 0 && token.glued && !!mark?.glued && '/-.'.includes(mark.text);
  });
  if (named.length === 0 && written.length === 0) return undefined;
  return named.some((token) => token.month === month) || written.some((token) => token.number === month);
}

function supportsNights(evidence: Evidence, nights: number | null): boolean {
  if (nights === null || nights < 1 || nights > maxNights) return false;
  const { tokens, taken } = evidence.reader;
  return tokens.some((token, i) => {
    const count = valueOf(token) ?? (one.has(token.text) ? 1 : undefined);
    const noun = tokens[i + 1]?.text ?? '';
    if (taken[i] || count === undefined) return false;
    return (nightNouns.has(noun) && count === nights) || (weekNouns.has(noun) && 7 * count === nights);
  });
}

/** Each number of people stands in the text, apart from the days; one adult may go without saying beside a child or partner. */
function supportParty(evidence: Evidence, { adults, children: kids }: ModelAnswer): Party | null {
  if (adults === null || adults < 1 || adults > 30 || (kids ?? 0) > 20 || (kids ?? 0) < 0) return null;
  const { tokens } = evidence.reader;
  const isWritten = takeNumber(evidence, adults);
  const hasPartner = tokens.some(({ text }) => partners.has(text));
  if (!isWritten && !(adults === 2 && hasPartner)) return null;
  const hasChild = tokens.some(({ text }) => children.has(text));
  const count = kids ?? 0;
  if (count > 0 && !(hasChild && (count === 1 || takeNumber(evidence, count)))) return null;
  return { adults, children: count, total: adults + count };
}

function takeNumber(evidence: Evidence, value: number): boolean {
  const { tokens } = evidence.reader;
  const at = tokens.findIndex((token, i) => isFreeNumber(evidence, i, true) && valueOf(token) === value);
  if (at < 0) return false;
  evidence.used.add(at);
  return true;
}

const valueOf = (token: Token): number | undefined => token.number ?? token.ordinal;
const peopleNouns = words(
  'persona personas pessoa pessoas people person guests pax adulto adultos adulta adultas mayores adults adult ninos nino nenes nene menores kids children criancas bebes huespedes hospedes gente',
);

/** A number that is neither money nor an hour, nor has served; as a day it counts nothing, as a party no nights. */
function isFreeNumber({ reader, used }: Evidence, index: number, isParty = false): boolean {
  const token = reader.tokens[index]!;
  if (reader.taken[index] || used.has(index) || token.digits > 2 || valueOf(token) === undefined) return false;
  const next = reader.tokens[index + 1];
  if (!isParty) return !isCounted(reader, index);
  const after = next && words('de of do del').has(next.text) ? reader.tokens[index + 2] : next;
  if (after?.month !== undefined || reader.tokens[index - 1]?.month !== undefined) return false;
  if (token.glued || (next?.glued && '/-.'.includes(next.text))) return false;
  return peopleNouns.has(next?.text ?? '') || !isCounted(reader, index);
}
