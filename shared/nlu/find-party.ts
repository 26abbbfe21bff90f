import { countedNouns, words } from './date-point.ts';
import { maskAges, readCompany, type Company } from './party-company.ts';
import {
  anyone,
  babies,
  children,
  couples,
  fillersBeforeNouns,
  grownUps,
  joiners,
  maybes,
  one,
  petAsking,
  petOwners,
  pets,
  units,
  we,
} from './party-words.ts';
import type { Reading, Token } from './tokenise.ts';
import type { Party, UnderstandOptions } from '#shared/domain/conversations/understanding.ts';

/** Who comes, as the message says it. */
export type FoundParty = { guests: Party | null; isDoubtful: boolean; units: number | null; hasPet: boolean };

/** Finds the party and marks the tokens it is said with, so that no date is made of them. */
export function findParty(reading: Reading, taken: boolean[], options: UnderstandOptions): FoundParty {
  const { tokens } = reading;
  const sum = { anyone: 0, adults: 0, children: 0, babies: 0, hasAnyone: false };
  let isDoubtful = false;
  let units_: number | null = null;
  const take = (from: number, to: number): void => {
    for (let i = from; i < to; i++) taken[i] = true;
  };
  readLabels(tokens, taken, sum, take);
  for (let i = 0; i < tokens.length; i++) {
    if (taken[i]) continue;
    const count = readCount(tokens, taken, i);
    if (!count) continue;
    const noun = nounAfter(tokens, count.to);
    if (!noun) continue;
    const { text } = tokens[noun.at]!;
    if (units.has(text)) {
      if (isInside(tokens, i, noun.at)) {
        take(i, noun.at + 1);
        continue;
      }
      if (count.value <= 20 && !(count.isArticle && units_ !== null))
        units_ = count.isArticle && !isOnlyOne(tokens, count.to) ? units_ : (units_ ?? 0) + count.value;
      if (!count.isArticle) take(i, noun.at + 1);
      continue;
    }
    if (count.value < 1 || count.value > 60) continue;
    if (text === 'couple' && tokens[noun.at + 1]?.text === 'of') continue;
    if (couples.has(text) && !isTypeOfRoom(tokens, i)) sum.adults += 2 * count.value;
    else if (anyone.has(text)) {
      if (sum.hasAnyone && sum.anyone === count.value) continue;
      if (sum.hasAnyone) isDoubtful = true;
      sum.anyone = Math.max(sum.anyone, count.value);
      sum.hasAnyone = true;
    } else if (children.has(text)) {
      sum.children += count.value;
      if (babies.has(text)) sum.babies += count.value;
    } else if (grownUps.has(text) && !isAge(tokens, i)) sum.adults += count.value;
    else continue;
    if (count.isRange) isDoubtful = true;
    take(i, noun.at + 1);
    if (children.has(text)) maskAges(tokens, taken, noun.at + 1);
  }
  const company = readCompany(tokens, taken);
  if (sum.hasAnyone && company.isMeBeside && isOfOthers(tokens)) sum.anyone += 1;
  const bare = readBareCount(reading, taken, options, sum.hasAnyone || sum.adults > 0);
  if (bare) {
    sum.anyone = bare.value;
    sum.hasAnyone = true;
    isDoubtful ||= bare.isRange;
  }
  isDoubtful ||= isUnsure(tokens) || isPerEach(tokens);
  return {
    ...total(sum, company, isDoubtful),
    units: units_ ?? null,
    hasPet: findPet(tokens),
  };
}

/** "4 amigos y yo": a count that leaves out who is speaking. */
const isOfOthers = (tokens: Token[]): boolean =>
  tokens.some(
    ({ text }, i) =>
      words('amigos amigas friends hermanos hermanas primos primas brothers sisters irmaos irmas').has(text) &&
      tokens[i - 1]?.number !== undefined,
  );

/** "2 parejas con 2 chicos cada una": how many that makes is asked. */
const isPerEach = (tokens: Token[]): boolean =>
  tokens.some(
    ({ text }, i) =>
      words('cada each').has(text) &&
      words('uno una um uma one pareja casal couple cabana depto').has(tokens[i + 1]?.text ?? ''),
  );

/** "somos 4, quizá 5", "capaz somos 5": said within three words of a number of people. */
function isUnsure(tokens: Token[]): boolean {
  return tokens.some(({ text }, i) => {
    if (!maybes.has(text)) return false;
    const near = tokens.slice(i + 1, i + 4);
    if (near.some((token) => words('viene vienen suma suman vem vao').has(token.text))) return true;
    const number = near.findIndex(({ number: value }) => value !== undefined);
    return number >= 0 && !countedNouns.has(near[number + 1]?.text ?? '') && !near[number + 1]?.month;
  });
}

/** "Pasajeros: 4", "Adultos: 2 Menores: 1": a form that was filled in; "los chicos (2)". */
function readLabels(tokens: Token[], taken: boolean[], sum: Sum, take: (from: number, to: number) => void): void {
  for (let i = 0; i + 2 < tokens.length; i++) {
    const value = tokens[i + 2]!.number;
    const mark = tokens[i + 1]!.text;
    const isLabel =
      mark === ':' || (mark === '(' && tokens[i + 3]?.text === ')' && tokens[i - 1]?.number === undefined);
    if (taken[i] || taken[i + 2] || !isLabel || value === undefined || value > 30) continue;
    const { text } = tokens[i]!;
    if (anyone.has(text) && !sum.hasAnyone) {
      sum.anyone = value;
      sum.hasAnyone = true;
    } else if (grownUps.has(text)) sum.adults += value;
    else if (children.has(text)) sum.children += value;
    else continue;
    take(i, i + 3);
  }
}

/** "Una sola cabaña", "one single cabin": one and no more. */
const isOnlyOne = (tokens: Token[], next: number): boolean =>
  words('sola solo unica single so').has(tokens[next]?.text ?? '');

/** "Cabaña con 2 habitaciones", "a two room cabin", "2 ambientes": what a unit is made of. */
function isInside(tokens: Token[], from: number, at: number): boolean {
  if (tokens[at]!.text === 'ambientes' || units.has(tokens[at + 1]?.text ?? '')) return true;
  if (!words('con de with com').has(tokens[from - 1]?.text ?? '')) return false;
  return tokens.slice(Math.max(0, from - 6), from - 1).some(({ text }) => units.has(text));
}

type Count = { value: number; to: number; isRange: boolean; isArticle: boolean };

/** "4", "cuatro", "2-3", "2 o 3": the larger number of a span, and that it was one. */
function readCount(tokens: Token[], taken: boolean[], at: number): Count | null {
  const token = tokens[at]!;
  if (token.isMark || token.ordinal !== undefined) return null;
  const value = token.number ?? (one.has(token.text) ? 1 : undefined);
  if (value === undefined || token.digits > 3) return null;
  const isArticle = token.digits === 0 && value === 1;
  const link = tokens[at + 1]?.text ?? '';
  const second = tokens[at + 2];
  const isLink =
    (link === 'y' && tokens[at - 1]?.text === 'entre') ||
    link === '-' ||
    link === 'o' ||
    link === 'u' ||
    link === 'a' ||
    link === 'or' ||
    link === 'ou' ||
    link === '/' ||
    link === 'to';
  if (
    isLink &&
    second &&
    !taken[at + 2] &&
    second.number !== undefined &&
    second.number > value &&
    second.digits < 3 &&
    nounAfter(tokens, at + 3)
  )
    return { value: second.number, to: at + 3, isRange: true, isArticle: false };
  return { value, to: at + 1, isRange: false, isArticle };
}

/** The noun that is counted, with at most two words before it ("4 hermosas personas", "3 (tres) adultos"). */
function nounAfter(tokens: Token[], at: number): { at: number } | null {
  for (let k = at; k < at + 3 && k < tokens.length; k++) {
    const { text, isMark } = tokens[k]!;
    if (anyone.has(text) || grownUps.has(text) || children.has(text) || couples.has(text) || units.has(text))
      return { at: k };
    if (isMark || countedNouns.has(text) || tokens[k]!.number !== undefined || joiners.has(text) || tokens[k]!.month)
      return null;
    if (!fillersBeforeNouns.has(text)) return null;
  }
  return null;
}

/** "una habitación para matrimonio" may be a kind of bed; "cama de pareja" surely is. */
const isTypeOfRoom = (tokens: Token[], at: number): boolean =>
  ['cama', 'bed', 'tipo'].includes(tokens[at - 1]?.text ?? '');

/** "mayores de 18" is a rule about age. */
const isAge = (tokens: Token[], at: number): boolean =>
  tokens[at + 2]?.text === 'de' && tokens[at + 3]?.number !== undefined;

/** "somos 4", "para dos", "familia de 5", "5 en 3 habitaciones", or a bare "4" that was asked for. */
function readBareCount(
  reading: Reading,
  taken: boolean[],
  options: UnderstandOptions,
  hasParty: boolean,
): { value: number; isRange: boolean } | null {
  const { tokens } = reading;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (taken[i] || token.ordinal !== undefined || token.digits > 2) continue;
    const value = token.number;
    if (value === undefined || value < 1 || value > 30) continue;
    const before = tokens[i - 1]?.text ?? '';
    const before2 = tokens[i - 2]?.text ?? '';
    const isWe =
      (we.has(before) && !(before === 'es' && token.digits === 0 && value === 1)) ||
      (we.has(before2) &&
        [
          'en',
          'entre',
          'are',
          'como',
          'solo',
          'unos',
          'unas',
          'nosotros',
          'em',
          'mas',
          'solamente',
          'los',
          'os',
          'only',
          'were',
          'just',
        ].includes(before));
    const isFamily =
      ['de', 'of'].includes(before) &&
      ['familia', 'flia', 'fam', 'family', 'grupo', 'group', 'total', 'party'].includes(before2);
    const isFor =
      ['para', 'for', 'pra', 'p'].includes(before) ||
      (words('los las os as').has(before) && words('para pra').has(before2)) ||
      (before === 'x' && !token.glued) ||
      (before === '/' && (before2 === 'p' || before2 === 'x'));
    const isUs =
      words('of de').has(tokens[i + 1]?.text ?? '') && words('us nosotros nosotras nos').has(tokens[i + 2]?.text ?? '');
    const isUsBefore = words('nosotros nosotras nos').has(before) && before2 !== 'para' && before2 !== 'a';
    const isUnits = ['en', 'in', 'em'].includes(tokens[i + 1]?.text ?? '') && units.has(tokens[i + 3]?.text ?? '');
    const isAnswer = options.expecting === 'guests' && tokens.length <= 4 && !hasParty && !dayWordsBefore.has(before);
    const isLoneChoice = isWe || isFamily || isFor || isUnits || isAnswer || isUs || isUsBefore;
    const isLoneOne = isFor && (!tokens[i + 1] || (tokens[i + 1]!.isMark && !tokens[i + 1]!.glued));
    if (!isLoneChoice || (token.digits === 0 && value === 1 && !isAnswer && !isLoneOne)) continue;
    const span = spanEnd(tokens, i);
    if (!isUs && !isFreeNumber(tokens, taken, span.at + 1, before)) continue;
    if (hasParty) return null;
    for (let k = i; k <= span.at; k++) taken[k] = true;
    return { value: span.value, isRange: span.at > i };
  }
  return null;
}

const dayWordsBefore = words('el al del desde hasta dia dias ao ate no do the on from until');

function spanEnd(tokens: Token[], at: number): { at: number; value: number } {
  const link = tokens[at + 1]?.text ?? '';
  const second = tokens[at + 2];
  const isBetween = tokens[at - 1]?.text === 'entre' && link === 'y' && second?.number !== undefined;
  if (isBetween) return { at: at + 2, value: second.number! };
  if (
    ['o', 'u', 'or', 'ou', '-'].includes(link) &&
    second?.number !== undefined &&
    second.number === tokens[at]!.number! + 1 &&
    second.digits < 3
  )
    return { at: at + 2, value: second.number };
  return { at, value: tokens[at]!.number! };
}

const wholeWords = words(
  'whole full entire more mas consecutive straight primeras primeros ultimas ultimos proximas proximos first last next primeiras primeiros',
);

/** Does what follows leave the number alone? "para 2 noches", "para 10 de enero", "es 15/1" do not. */
function isFreeNumber(tokens: Token[], taken: boolean[], next: number, before: string): boolean {
  const after = tokens[next];
  if (!after) return true;
  // "11 5555 4444" is a telephone.
  if (after.digits > 2) return false;
  if (after.isMark) {
    if (after.text === '%' || after.text === '$') return false;
    return (
      !(after.glued && '/-.:'.includes(after.text) && tokens[next + 1]?.glued && (tokens[next + 1]?.digits ?? 0) > 0) &&
      after.text !== '>'
    );
  }
  if (wholeWords.has(after.text) && countedNouns.has(tokens[next + 1]?.text ?? '')) return false;
  if (taken[next] && units.has(after.text)) return false;
  if (after.month || countedNouns.has(after.text) || units.has(after.text)) return false;
  if (after.text === 'al' && tokens[next + 1]?.text === 'final') return true;
  if (['al', 'a', 'de', 'hasta', 'ate', 'to', 'of', 'x', 'do', 'del'].includes(after.text)) {
    if (after.text === 'del' || after.text === 'de')
      return !tokens[next + 1]?.month && (tokens[next + 1]?.number !== undefined || after.text === 'del');
    return false;
  }
  return !(before === 'es' && after.text === 'y' && tokens[next + 1]?.number !== undefined);
}

type Sum = { anyone: number; adults: number; children: number; babies: number; hasAnyone: boolean };

function total(sum: Sum, company: Company, doubt: boolean): { guests: Party | null; isDoubtful: boolean } {
  let { adults, children: kids } = sum;
  let isDoubtful = doubt;
  if (sum.hasAnyone) {
    const listed = adults + kids;
    if (adults > 0 && listed !== sum.anyone) {
      isDoubtful = true;
      if (listed < sum.anyone) adults = sum.anyone - kids;
    } else if (adults === 0 && kids > 0) {
      if (kids === sum.babies || kids >= sum.anyone) adults = sum.anyone;
      else {
        isDoubtful = true;
        adults = sum.anyone;
      }
    } else if (adults === 0) {
      const isWhole = company.adults > 0 && company.adults + company.children === sum.anyone;
      // "Nosotros dos y el bebé": is the baby one of the two?
      const isBeside = company.adults === 0 && company.children > 0;
      adults = isWhole ? company.adults : sum.anyone;
      if (isWhole || isBeside) kids = company.children;
      isDoubtful ||= isBeside;
    }
    return { guests: { adults, children: kids, total: adults + kids }, isDoubtful };
  }
  if (kids > 0 || company.adults > 0 || adults > 0) kids += company.children;
  adults += company.adults;
  isDoubtful ||= company.isDoubtful;
  if (adults + kids === 0) return { guests: null, isDoubtful: false };
  if (adults === 0) isDoubtful = true;
  return { guests: { adults, children: kids, total: adults + kids }, isDoubtful };
}

/** An animal that comes along, not a question whether animals may. */
function findPet(tokens: Token[]): boolean {
  return tokens.some((token, i) => {
    if (!pets.has(token.text)) return false;
    const before = tokens.slice(Math.max(0, i - 3), i).map((t) => t.text);
    if (
      before.some((text) => petAsking.has(text)) ||
      before.includes('sin') ||
      before.includes('no') ||
      before.includes('without') ||
      before.includes('sem')
    )
      return false;
    const previous = before.at(-1) ?? '';
    return petOwners.has(previous) || (tokens[i - 1]?.number !== undefined && tokens[i - 1]!.digits > 0);
  });
}
