import { intentPhrasesEn } from './intent-phrases-en.ts';
import { intentPhrasesEs } from './intent-phrases-es.ts';
import { intentPhrasesPt } from './intent-phrases-pt.ts';
import { isOneSlipApart } from './lexicon.ts';
import { indexPhrases, matchPhrases, type PhraseMatch } from './phrase-matcher.ts';
import type { Token } from './tokenise.ts';
import type { Intent, Language } from '#shared/domain/conversations/understanding.ts';

/** Patterns by intent (syntax: phrase-matcher.ts); `@50` at the end is a weight of its own. */
export type IntentPhrases = Partial<Record<Intent, readonly string[]>>;

/** What wins when a message says several things: the rarer and more urgent wish. */
const weights: Record<Intent, number> = {
  human: 95,
  start_over: 92,
  cancel: 90,
  change: 85,
  my_bookings: 82,
  checkin_info: 76,
  payment: 75,
  photos: 74,
  pets: 74,
  price: 73,
  location: 72,
  policies: 70,
  availability: 62,
  book: 60,
  amenities: 55,
  help: 30,
  no: 26,
  yes: 25,
  thanks: 15,
  greeting: 10,
  unknown: 80,
};

type Meaning = { intent: Intent; weight: number; language: Language };

const index = indexPhrases<Meaning>(
  (
    [
      ['es', intentPhrasesEs],
      ['pt', intentPhrasesPt],
      ['en', intentPhrasesEn],
    ] as const
  ).flatMap(([language, table]) =>
    (Object.entries(table) as [Intent, readonly string[]][]).flatMap(([intent, patterns]) =>
      patterns.map((line): [string, Meaning] => {
        const [pattern, weight] = line.split(' @');
        return [pattern!, { intent, weight: weight ? Number(weight) : weights[intent], language }];
      }),
    ),
  ),
);

/** An intent that was found, how strongly, and where. */
export type FoundIntent = { intent: Intent; weight: number; at: number };

/** Words whose typos are worth repairing for intents. */
const typoTargets = [...index.vocabulary].filter((word) => word.length >= 7);
const doubtful = new Set<Intent>(['yes', 'no']);
const openings = new Set(
  'hola holaa buenas buen buenos dia dias tardes noches ola oi bom boa tarde noite hi hello hey good morning afternoon evening che perdon disculpa disculpe por favor y pero ah bueno ok'.split(
    ' ',
  ),
);

/** "jaja", "jeje", "haha", "kkk", "rsrs": a message may begin with it. */
const laughter = /^(?:[jh]?[aei]?(?:[jh][aei])+[jh]?|k{2,}|(?:rs){1,8})$/;

/** All intents of a message, strongest first; empty when nothing is recognised. */
export function findIntents(tokens: Token[], language: Language): FoundIntent[] {
  const words = repairTypos(tokens.length > 600 ? tokens.slice(0, 600) : tokens);
  const found = new Map<Intent, FoundIntent>();
  for (const match of matchPhrases(index, words, startsOf(words))) {
    const { intent, weight, language: spoken } = match.value;
    if (doubtful.has(intent) && spoken !== language && words.length > 3) continue;
    if (spoken !== language && isFalseFriend(match, words)) continue;
    if (isDenied(match, words) || isCondition(match, words)) continue;
    const known = found.get(intent);
    if (!known || known.weight < weight) found.set(intent, { intent, weight, at: match.from });
  }
  const ranked = [...found.values()].sort((a, b) => b.weight - a.weight || a.at - b.at);
  return dropEchoes(asksToCancel(ranked, words) ? ranked.filter(({ intent }) => intent !== 'cancel') : ranked);
}

/** "mi reserva" beside "cancelar" is no wish to book, and "quisiera saber" beside a question is no cry for help. */
function dropEchoes(found: FoundIntent[]): FoundIntent[] {
  const isOn = (...intents: Intent[]): boolean => found.some(({ intent }) => intents.includes(intent));
  const isAboutBooking = isOn('cancel', 'change', 'my_bookings');
  const isAsking = found.some(({ intent, weight }) => weight > 40 || (weight === 40 && intent !== 'policies'));
  return found.filter(({ intent, weight, at }) => {
    if (intent === 'price' && isOtherQuantity(found, weight, at)) return false;
    if (intent === 'book' && isAboutBooking) return false;
    return !(
      isAsking &&
      ((intent === 'help' && weight <= 31) ||
        (intent === 'amenities' && weight < 24) ||
        (intent === 'policies' && weight <= 40))
    );
  });
}

/** "¿Puedo cancelar si me enfermo?" asks for the rules with its only "cancelar": nothing is to be cancelled. */
function asksToCancel(ranked: FoundIntent[], tokens: Token[]): boolean {
  const isRule = ranked.some(({ intent, weight }) => intent === 'policies' && weight >= 91);
  return isRule && tokens.filter(({ text }) => text.startsWith('cancel')).length < 2;
}

/** "A cuánto están del centro", "cuánto tiempo tengo": the same "cuánto" asks for something else. */
function isOtherQuantity(found: FoundIntent[], weight: number, at: number): boolean {
  return found.some(
    (other) =>
      ['location', 'payment', 'checkin_info'].includes(other.intent) &&
      other.weight > weight &&
      Math.abs(other.at - at) < 2,
  );
}

/** Where a message begins, also after "hola," and after each full stop. */
function startsOf(tokens: Token[]): Set<number> {
  const starts = new Set<number>();
  let isStart = true;
  for (let i = 0; i < tokens.length; i++) {
    const { text, isMark } = tokens[i]!;
    if (isMark) {
      if ('.!?¿¡;'.includes(text)) isStart = true;
      continue;
    }
    if (isStart) starts.add(i);
    if (!openings.has(text) && !laughter.test(text)) isStart = false;
  }
  return starts;
}

function repairTypos(tokens: Token[]): Token[] {
  let left = 30;
  return tokens.map((token) => {
    const { text } = token;
    if (text.length < 6 || text.length > 16 || token.isMark || index.vocabulary.has(text) || left === 0) return token;
    if (token.month || token.weekday !== undefined || hasKnownStem(text)) return token;
    left--;
    const target = typoTargets.find((word) => isOneSlipApart(text, word));
    return target ? { ...token, text: target } : token;
  });
}

function hasKnownStem(text: string): boolean {
  const phrases = index.byStem.get(text.slice(0, 3)) ?? [];
  return phrases.some(
    ({ steps }) => steps[0]!.kind === 'word' && steps[0]!.stems.some((stem) => text.startsWith(stem)),
  );
}

/** Words of one language that mean something else in another. */
const falseFriends = new Set(
  'no see nota bar es mar pet come mode modo real entrada sinal som sala park stay area idade senal sale do'.split(' '),
);

function isFalseFriend(match: PhraseMatch<Meaning>, tokens: Token[]): boolean {
  return match.to - match.from === 1 && falseFriends.has(tokens[match.from]!.text);
}

/** "y si fuéramos 3?": an if, not a yes. */
function isCondition(match: PhraseMatch<Meaning>, tokens: Token[]): boolean {
  return match.value.intent === 'yes' && tokens[match.from]!.text === 'si' && tokens[match.from - 1]?.text === 'y';
}

const negators = new Set('no nao not dont don tampoco nunca never sin'.split(' '));
const wishes = new Set(
  'quiero queremos quisiera quisieramos queria necesito necesitamos deseo voy vamos pienso pensamos hace estoy pedi dije quero queremos vou vamos preciso want need going would like to i am t do me lo la les te se falta a por favor'.split(
    ' ',
  ),
);
const deniable = new Set<Intent>(['cancel', 'change', 'book', 'human', 'start_over']);

/** "no quiero cancelar", "I don't want to cancel": what is denied is not meant. "no pude reservar" is not a denial. */
function isDenied(match: PhraseMatch<Meaning>, tokens: Token[]): boolean {
  if (!deniable.has(match.value.intent)) return false;
  for (let k = match.from - 1; k >= 0 && k >= match.from - 5; k--) {
    const { text, isMark } = tokens[k]!;
    if (isMark && text !== "'") return false;
    if (negators.has(text)) return true;
    if (!wishes.has(text) && !isMark) return false;
  }
  return false;
}
