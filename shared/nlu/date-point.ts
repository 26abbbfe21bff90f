import type { CalendarDate } from '#shared/domain/stay.ts';
import type { Token } from './tokenise.ts';
import type { Language } from '#shared/domain/conversations/understanding.ts';

/** What date rules read: the tokens, and which of them other rules (party, money, hours) have taken. */
export type DateReader = {
  tokens: Token[];
  language: Language;
  today: CalendarDate;
  taken: boolean[];
  /** The check-in that is known: "el finde siguiente" comes after it. */
  knownCheckIn?: CalendarDate;
  /** First of the month that is talked about. */
  knownMonth?: CalendarDate;
  /** The guest was asked for a date: a bare "12" is a day. */
  isAskedForDate: boolean;
};

/** A day as written, not yet a date: "viernes 10", "el 3 de marzo", "hoy". */
export type DatePoint = {
  from: number;
  to: number;
  day?: number;
  month?: number;
  year?: number;
  weekday?: number;
  /** Which week a weekday alone belongs to. */
  week?: 'this' | 'next' | 'week_next' | 'nearest';
  /** Known already: "hoy", "en dos semanas", a holiday. */
  date?: CalendarDate;
  /** "en dos semanas": the week around it serves weekdays said apart ("de viernes a domingo"). */
  isWeeksAhead?: boolean;
  /** So many days after the date that was named before it, or after today. */
  step?: number;
  /** It says enough to be a date without any word around it. */
  isFirm: boolean;
  /** Written in numbers that are a date both ways, month first taken: "5/1" in English. */
  isSwappable?: boolean;
  /** In English, written so that only the day can come first: "15/1". */
  isDayFirst?: boolean;
  /** It can be read in more than one way. */
  isDoubtful?: boolean;
};

/** The token at a place if no other rule has taken it. */
export function at(reader: DateReader, index: number): Token | undefined {
  return reader.taken[index] ? undefined : reader.tokens[index];
}

export function textAt(reader: DateReader, index: number): string {
  return at(reader, index)?.text ?? '';
}

/** Do these words follow each other here? */
export function hasWords(reader: DateReader, index: number, words: readonly string[]): boolean {
  for (let k = 0; k < words.length; k++) if (textAt(reader, index + k) !== words[k]) return false;
  return true;
}

/** Phrases by their first word, the longest first. */
export type Phrases = ReadonlyMap<string, readonly (readonly string[])[]>;

/** How many tokens the longest of these phrases takes here; 0 when none is here. */
export function phraseAt(reader: DateReader, index: number, table: Phrases): number {
  const candidates = table.get(textAt(reader, index));
  const found = candidates?.find((phrase) => hasWords(reader, index, phrase));
  return found?.length ?? 0;
}

const phraseTables = new Map<string, Phrases>();
const wordSets = new Map<string, Set<string>>();

/** Phrases written as one comma-separated line; each line is read once, so it may stand where it is used. */
export function phrases(line: string): Phrases {
  const known = phraseTables.get(line);
  if (known) return known;
  const table = new Map<string, string[][]>();
  const all = line.split(',').map((phrase) => phrase.trim().split(' '));
  for (const phrase of all.toSorted((a, b) => b.length - a.length)) {
    const list = table.get(phrase[0]!);
    if (list) list.push(phrase);
    else table.set(phrase[0]!, [phrase]);
  }
  phraseTables.set(line, table);
  return table;
}

/** Words written as one line with spaces; each line is read once. */
export function words(line: string): Set<string> {
  let set = wordSets.get(line);
  if (!set) wordSets.set(line, (set = new Set(line.split(' '))));
  return set;
}

/** What is counted and is no day: "12 noches", "3 personas", "10 hs". */
export const countedNouns = words(
  'noche noches noite noites night nights diaria diarias pernoite pernoites dia dias day days semana semanas week weeks mes meses month months ano anos year years ' +
    'hora horas hs hr hrs h hour hours min minutos minutes am pm persona personas pessoas pessoa people person guests pax adultos ' +
    'adultas mayores adults adult ninos nino nenes menores kids children criancas bebes habitaciones habitacion hab cabanas cabana rooms ' +
    'room quartos quarto camas cama beds deptos depto departamentos unidades pesos dolares usd ars reales reais mil lucas km ' +
    'cuadras metros m mts por % veces vez piso pisos opciones familias parejas autos vehiculos huespedes hospedes',
);

/** Words before a bare number that make it a day. */
const dayOpeners: Record<Language, Set<string>> = {
  es: words('el dia dias del al desde hasta entre fecha fechas'),
  pt: words('dia dias no do ao o ate desde entre data datas em'),
  en: words('the on from until till between thru through'),
};

/** "in 10 out 14": one of the two alone says nothing. */
function isInOrOut(reader: DateReader, index: number): boolean {
  const before = textAt(reader, index - 1);
  const pair = inAndOut.find((one) => one.includes(before));
  const isDay = pair !== undefined && (before === 'in' || before === 'out' || reader.tokens.some((t) => t.month));
  const other = pair?.find((word) => word !== before);
  return isDay && reader.tokens.some(({ text }, k) => text === other && reader.tokens[k + 1]?.number !== undefined);
}

/** Words that stand before days in pairs. */
const inAndOut = [
  ['in', 'out'],
  ['entrada', 'salida'],
  ['ingreso', 'egreso'],
  ['ingreso', 'salida'],
  ['llegada', 'salida'],
  ['checkin', 'checkout'],
  ['entrada', 'saida'],
  ['chegada', 'saida'],
  ['arrival', 'departure'],
];

/** Is the number here announced as a day ("el 12", "dia 12", "on the 12")? */
export function isOpened(reader: DateReader, index: number): boolean {
  const before = textAt(reader, index - 1);
  return (
    dayOpeners[reader.language].has(before) ||
    before === 'dia' ||
    before === 'el' ||
    before === 'al' ||
    before === 'del' ||
    isInOrOut(reader, index)
  );
}
