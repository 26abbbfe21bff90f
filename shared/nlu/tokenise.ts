import type { FoldedText } from './fold-text.ts';
import { meaningOf } from './lexicon.ts';
import type { Language } from '#shared/domain/conversations/understanding.ts';

/** More tokens than any message has; what comes after is not read. */
const maxTokens = 600;

/** One word, number or mark of a message. */
export type Token = {
  /** Folded text: lower case, no accents. Compound number words keep their words ("treinta y uno"). */
  text: string;
  /** Place in the folded text. */
  start: number;
  end: number;
  /** No space between this token and the one before. */
  glued: boolean;
  isMark: boolean;
  /** How many digits it was written with; 0 for words. */
  digits: number;
  number?: number;
  ordinal?: number;
  month?: number;
  weekday?: number;
  shortWeekday?: number;
};

/** A message cut into tokens, with what each can mean in its language. */
export type Reading = { folded: FoldedText; tokens: Token[]; language: Language };

const isDigit = (char: string): boolean => char >= '0' && char <= '9';
const letter = /\p{L}/u;
const isLetter = (char: string): boolean => (char >= 'a' && char <= 'z') || (char > '\u007f' && letter.test(char));
const ordinalEndings = new Set([
  'o',
  'ro',
  'ra',
  'da',
  'ta',
  'era',
  'ero',
  'er',
  'do',
  'to',
  'st',
  'nd',
  'rd',
  'th',
  'mo',
  'vo',
]);
const tensWords = /^(veinte|treinta|vinte|trinta|twenty|thirty)$/;
const tensOrdinals = new Set(['vigesimo', 'trigesimo']);
const thousands = new Set(['mil', 'thousand']);

/** How words are shortened in chats. */
const shortForms: Record<Language, ReadonlyMap<string, string>> = {
  es: new Map(
    Object.entries({
      q: 'que',
      ke: 'que',
      dsd: 'desde',
      dsde: 'desde',
      hsta: 'hasta',
      hta: 'hasta',
      pa: 'para',
      pal: 'para',
      nchs: 'noches',
      noch: 'noches',
      sem: 'semana',
      ubi: 'ubicacion',
      tele: 'television',
      dispo: 'disponibilidad',
    }),
  ),
  pt: new Map(
    Object.entries({
      q: 'que',
      vc: 'voce',
      vcs: 'voces',
      pra: 'para',
      pro: 'para',
      qto: 'quanto',
      qnto: 'quanto',
      qdo: 'quando',
      tbm: 'tambem',
    }),
  ),
  en: new Map(Object.entries({ u: 'you', pls: 'please', plz: 'please', thx: 'thanks', ty: 'thanks' })),
};

/** Cuts a folded message into words, numbers and marks: "15Sep" is two tokens, "check-in" three. */
export function splitTokens(folded: FoldedText): Token[] {
  const { text } = folded;
  const tokens: Token[] = [];
  let space = true;
  for (let at = 0; at < text.length && tokens.length < maxTokens;) {
    const char = text[at]!;
    if (char === ' ' || char === '\u00a0') {
      space = true;
      at++;
      continue;
    }
    let end = at + 1;
    let digits = 0;
    if (isDigit(char)) {
      while (end < text.length && isDigit(text[end]!)) end++;
      digits = end - at;
    } else if (isLetter(char)) while (end < text.length && isLetter(text[end]!)) end++;
    const token: Token = {
      text: text.slice(at, end),
      start: at,
      end,
      glued: !space,
      isMark: !isDigit(char) && !isLetter(char),
      digits,
    };
    if (digits > 0 && digits < 7) token.number = Number(token.text);
    tokens.push(token);
    space = false;
    at = end;
  }
  return tokens;
}

/** Reads a message in a language: tokens with months, weekdays, numbers and ordinals marked. */
export function readTokens(folded: FoldedText, language: Language, plain = splitTokens(folded)): Reading {
  const tokens: Token[] = [];
  for (let i = 0; i < plain.length; i++) {
    const token = plain[i]!;
    const full = token.isMark ? undefined : shortForms[language].get(token.text);
    if (full && !(token.text === 'q' && tokens.at(-1)?.ordinal)) token.text = full;
    if (!token.isMark && token.digits === 0) Object.assign(token, meaningOf(token.text, language));
    const previous = tokens.at(-1);
    if (previous?.digits && token.glued && isOrdinalEnding(previous, token, plain[i + 1])) {
      previous.ordinal = previous.number!;
      previous.end = token.end;
      continue;
    }
    if (previous?.digits && previous.digits < 3 && token.text === '.' && token.glued && isOrdinalDot(plain, i)) {
      previous.ordinal = previous.number!;
      previous.end = plain[i + 1]!.end;
      i++;
      continue;
    }
    if (joinNumberWords(tokens, token) || joinYearWords(tokens, token)) continue;
    tokens.push(token);
  }
  return { folded, tokens, language };
}

/** "1ro", "3º", "22nd"; not "6a" (a weekday in Portuguese), not "4 to". */
function isOrdinalEnding(before: Token, token: Token, next: Token | undefined): boolean {
  if (!ordinalEndings.has(token.text) && token.text !== 'a') return false;
  if (token.text === 'a') return next?.text === 'semana' || next?.text.startsWith('quin') === true;
  if ((token.text === 'mo' || token.text === 'vo') && before.number! < 7) return false;
  return !(token.text === 'to' && next?.glued);
}

/** "3.er", "4.º" */
function isOrdinalDot(plain: Token[], at: number): boolean {
  const ending = plain[at + 1];
  return !!ending?.glued && ordinalEndings.has(ending.text);
}

/** "treinta y uno", "vinte e dois", "twenty-first": the tens take the unit in. */
function joinNumberWords(tokens: Token[], token: Token): boolean {
  const unit = token.number ?? token.ordinal;
  if (unit === undefined || unit > 9 || token.digits > 0) return false;
  let tens = tokens.at(-1);
  let taken = 1;
  if (tens && (tens.text === 'y' || tens.text === 'e' || tens.text === '-')) {
    tens = tokens.at(-2);
    taken = 2;
  }
  if (tens && taken === 1 && tensOrdinals.has(tens.text) && token.ordinal !== undefined) {
    tens.ordinal = tens.ordinal! + unit;
    tens.end = token.end;
    return true;
  }
  if (!tens || !tensWords.test(tens.text)) return false;
  if (token.number === undefined && !/th$|st$|nd$|rd$|first|second|third/.test(token.text)) return false;
  tokens.length -= taken - 1;
  const value = tens.number! + unit;
  tens.text = `${tens.text} ${token.text}`;
  tens.end = token.end;
  if (token.number === undefined) {
    delete tens.number;
    tens.ordinal = value;
  } else tens.number = value;
  return true;
}

/** "dos mil veintisiete", "two thousand and twenty seven": a year of four digits, in words. */
function joinYearWords(tokens: Token[], token: Token): boolean {
  const last = tokens.at(-1);
  if (thousands.has(token.text) && last?.number === 2 && last.digits === 0) {
    last.number = 2000;
    last.digits = 4;
    last.end = token.end;
    return true;
  }
  const year = last && (last.text === 'e' || last.text === 'and' || last.text === 'y') ? tokens.at(-2) : last;
  const isWritten = year?.digits === 4 && year.end - year.start > 4;
  const rest = isWritten ? year.number! % 100 : -1;
  const isOpen = isWritten && (rest === 0 || (rest % 10 === 0 && rest >= 20 && (token.number ?? 10) < 10));
  if (!isOpen || token.digits > 0 || token.number === undefined || token.number > 99) return false;
  if (year !== last) tokens.pop();
  year.number = year.number! + token.number;
  year.end = token.end;
  return true;
}

/** The guest's own words between two tokens, accents and all. */
export function wordsOf(reading: Reading, from: number, to: number): string {
  const { folded, tokens } = reading;
  const first = tokens[from];
  const last = tokens[to - 1];
  if (!first || !last) return '';
  return folded.original.slice(folded.origin[first.start], folded.origin[last.end - 1]! + 1).trim();
}
