import type { Language } from '#shared/domain/conversations/understanding.ts';
import { lexiconEn } from './lexicon-en.ts';
import { lexiconEs } from './lexicon-es.ts';
import { lexiconPt } from './lexicon-pt.ts';

/** The words of one language that dates and parties are made of, without accents. */
export type Lexicon = {
  /** Full names first, then abbreviations, January to December; four letters and more are understood in any language. */
  months: readonly (readonly string[])[];
  /** Sunday to Saturday. */
  weekdays: readonly (readonly string[])[];
  /** Two-letter and doubtful abbreviations of the weekdays: only with a dot, a comma or a number after them. */
  shortWeekdays: readonly (readonly string[])[];
  numbers: Readonly<Record<string, number>>;
  ordinals: Readonly<Record<string, number>>;
};

const lexicons: Record<Language, Lexicon> = { es: lexiconEs, pt: lexiconPt, en: lexiconEn };
const others: Record<Language, Language[]> = { es: ['pt', 'en'], pt: ['es', 'en'], en: ['es', 'pt'] };

/** What a single word can mean inside a date or a party. */
export type WordMeaning = {
  month?: number;
  weekday?: number;
  shortWeekday?: number;
  number?: number;
  ordinal?: number;
};

/** Words that look like a month or a weekday with a typo but are good words. */
const noTypos = new Set(
  (
    'junto juntos dinero vienes viene vieres nieves partes artes cartes martos jueces sabana sabanas domingos entero ' +
    'enera genero minero primero lunas nueves nieve agota agosta octava quarto quartos cuarto cerca terra mayor marco entro augusto munday ' +
    'morzo marzo julia junior abrir abrio abris moday day days march matches dining may maybe sunny sundae arch'
  ).split(' '),
);

/** Names of one language that are everyday words of another. */
const foreignTraps = new Set(['march', 'marco', 'quinta', 'quarta', 'segunda', 'sexta', 'terca']);

/** Abbreviations of months that are no word in any of the three languages. */
const foreignShort = new Set([
  'jan',
  'ene',
  'fev',
  'feb',
  'abr',
  'apr',
  'jun',
  'jul',
  'aug',
  'sept',
  'oct',
  'nov',
  'dec',
  'dic',
]);

const meanings: Record<Language, Map<string, WordMeaning>> = { es: build('es'), pt: build('pt'), en: build('en') };

/** The meaning of a folded word in a language; long month and weekday names of the other two are known too. */
export function meaningOf(word: string, language: Language): WordMeaning | undefined {
  const exact = meanings[language].get(word);
  if (exact) return exact;
  if (word.length < 5 || word.length > 12 || noTypos.has(word)) return undefined;
  return typoOf(word, language);
}

function build(language: Language): Map<string, WordMeaning> {
  const map = new Map<string, WordMeaning>();
  const add = (word: string, meaning: WordMeaning): void => {
    map.set(word, { ...meaning, ...map.get(word) });
  };
  for (const from of [language, ...others[language]]) {
    const lexicon = lexicons[from];
    const own = from === language;
    const isWelcome = (word: string): boolean =>
      own || ((word.length >= 5 || foreignShort.has(word)) && !map.has(word) && !foreignTraps.has(word));
    lexicon.months.forEach((names, index) => {
      for (const name of names) if (isWelcome(name)) add(name, { month: index + 1 });
    });
    lexicon.weekdays.forEach((names, index) => {
      for (const name of names) if (isWelcome(name)) add(name, { weekday: index });
    });
    if (!own) continue;
    lexicon.shortWeekdays.forEach((names, index) => {
      for (const name of names) add(name, { shortWeekday: index });
    });
    for (const [word, number] of Object.entries(lexicon.numbers)) add(word, { number });
    for (const [word, ordinal] of Object.entries(lexicon.ordinals)) add(word, { ordinal });
  }
  return map;
}

/** A month or weekday with one slip of the finger, of five letters and more. */
function typoOf(word: string, language: Language): WordMeaning | undefined {
  const lexicon = lexicons[language];
  for (const [kind, table] of [
    ['month', lexicon.months],
    ['weekday', lexicon.weekdays],
  ] as const) {
    for (const [index, names] of table.entries()) {
      for (const name of names) {
        const least = kind === 'weekday' ? 6 : 5;
        if (name.length >= least && isOneSlipApart(word, name))
          return kind === 'month' ? { month: index + 1 } : { weekday: index };
      }
    }
  }
  return undefined;
}

/** Do two words differ by one letter put in, left out, changed, or by two swapped neighbours? */
export function isOneSlipApart(a: string, b: string): boolean {
  const difference = a.length - b.length;
  if (difference > 1 || difference < -1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length - 1;
  let endB = b.length - 1;
  while (endA >= start && endB >= start && a[endA] === b[endB]) {
    endA--;
    endB--;
  }
  if (endA < start && endB < start) return true;
  const restA = endA - start + 1;
  const restB = endB - start + 1;
  if (restA <= 1 && restB <= 1) return true;
  return restA === 2 && restB === 2 && a[start] === b[endB] && a[endA] === b[start];
}
