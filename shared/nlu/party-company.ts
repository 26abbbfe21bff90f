import { words } from './date-point.ts';
import {
  anyone,
  children,
  consulting,
  couples,
  grownUps,
  joiners,
  manyRelatives,
  partners,
  relativePairs,
  relatives,
  we,
} from './party-words.ts';
import type { Token } from './tokenise.ts';

/** "niños de 5 y 8 años", "un bebé de 6 meses": ages are no dates. */
export function maskAges(tokens: Token[], taken: boolean[], at: number): void {
  let k = at;
  if (tokens[k]?.text === '(' || tokens[k]?.text === ',') k++;
  if (!['de', 'of', 'con', 'age', 'aged', 'ages'].includes(tokens[k]?.text ?? '') && tokens[k]?.number === undefined)
    return;
  if (['de', 'of', 'con', 'age', 'aged', 'ages'].includes(tokens[k]!.text)) k++;
  let end = k;
  while (
    tokens[end] &&
    !isCountOfPeople(tokens, end) &&
    (tokens[end]!.number !== undefined || (joiners.has(tokens[end]!.text) && tokens[end + 1]?.number !== undefined))
  )
    end++;
  const hasYears = ['anos', 'ano', 'meses', 'mes', 'years', 'year', 'months', 'yo', 'anitos'].includes(
    tokens[end]?.text ?? '',
  );
  const isDate =
    tokens[end]?.text === 'de' ||
    tokens[end]?.month !== undefined ||
    tokens[end]?.text === 'al' ||
    tokens[end]?.text === '/';
  if (end === k || (isDate && !hasYears)) return;
  for (let i = at; i < end + (hasYears ? 1 : 0); i++) taken[i] = true;
}

/** "2 menores 1 bebé", "1 niño de 5 y 1 bebé": the next number counts again. */
function isCountOfPeople(tokens: Token[], at: number): boolean {
  const number = tokens[at]?.number === undefined ? at + 1 : at;
  const noun = tokens[number + 1]?.text ?? '';
  return tokens[number]?.number !== undefined && (children.has(noun) || grownUps.has(noun) || anyone.has(noun));
}

/** People who are named instead of counted. */
/** `isMeBeside`: the speaker is named beside others ("y yo", "me and"). */
export type Company = { adults: number; children: number; isDoubtful: boolean; isMeBeside: boolean };

const mine = words('mi mis my meu minha meus minhas nuestro nuestra nuestros nuestras our nosso nossa nossos');
const together = words('con with com');
const loners = words('solo sola sozinho sozinha alone solito solita');
const lonerVerbs = words('viajo voy yo iria soy vou traveling travelling estoy es');

/** "mi marido y yo", "con mi hijo de 8", "viajo sola", "somos pareja", "matrimonio con un bebé". */
export function readCompany(tokens: Token[], taken: boolean[]): Company {
  const company: Company = { adults: 0, children: 0, isDoubtful: false, isMeBeside: false };
  let hasMe = false;
  let hasOthers = false;
  let isWeSaid = false;
  let isForThem = false;
  const textAt = (index: number): string => tokens[index]?.text ?? '';
  for (let i = 0; i < tokens.length; i++) {
    const text = textAt(i);
    const before = textAt(i - 1);
    if (text === 'yo' || text === 'eu' || isMeAmongOthers(text, before, textAt(i + 1))) hasMe = true;
    isForThem ||= mine.has(text) && words('para pra for').has(before);
    isWeSaid ||= we.has(text) && text !== 'es';
    if (text === 'mi' && before === 'para' && joiners.has(textAt(i + 1))) hasMe = true;
    if (isAlone(text, before)) company.adults = Math.max(company.adults, 1);
    if (isYearsOld(tokens, i)) {
      company.children += 1;
      hasOthers = true;
      for (let k = i - 1; k < i + 2; k++) taken[k] = true;
    }
    if (taken[i]) {
      if (children.has(text) && mine.has(textAt(i - 2)) && together.has(textAt(i - 3))) {
        hasMe = true;
        hasOthers = true;
      }
      continue;
    }
    const isMine = mine.has(before) && !isConsulted(tokens, i - 1);
    if (isMine && ((relativePairs.has(text) && before !== 'mi') || manyRelatives.has(text))) {
      hasOthers = true;
      hasMe ||= together.has(textAt(i - 2));
      company.adults += 2;
      company.isDoubtful ||= manyRelatives.has(text);
      continue;
    }
    if (isMine && together.has(textAt(i - 2)))
      hasMe ||= partners.has(text) || relatives.has(text) || children.has(text);
    hasOthers ||= isMine && (partners.has(text) || relatives.has(text) || children.has(text));
    if (isMine && (partners.has(text) || relatives.has(text))) company.adults += 1;
    else if (couples.has(text) && isCouple(tokens, i)) company.adults += 2;
    else if (children.has(text) && (isMine || isAdded(tokens, i))) {
      const isMany = text.endsWith('s');
      const ages = countAges(tokens, i + 1);
      company.children += isMany ? Math.max(2, ages) : 1;
      company.isDoubtful ||= isMany && ages === 0;
      maskAges(tokens, taken, i + 1);
    }
  }
  company.isMeBeside = hasMe;
  if ((hasMe || isWeSaid) && hasOthers) company.adults += 1;
  // "Mi marido dice que sí": somebody who is only spoken of.
  else if (hasOthers && !isForThem) company.isDoubtful = true;
  return company;
}

/** "me and my wife", "my husband and I" */
const isMeAmongOthers = (text: string, before: string, after: string): boolean =>
  (text === 'me' || text === 'i') &&
  (before === 'and' || (text === 'me' && words('and & + ,').has(after) && before !== 'for'));

/** "our 3 year old": a child that is named by its age alone. */
function isYearsOld(tokens: Token[], at: number): boolean {
  const age = tokens[at - 1]?.number;
  return (
    words('year yr').has(tokens[at]!.text) &&
    tokens[at + 1]?.text === 'old' &&
    age !== undefined &&
    age < 18 &&
    words('our my a and').has(tokens[at - 2]?.text ?? '')
  );
}

/** "lo consulto con mi marido", "le pregunto a mi mujer" */
function isConsulted(tokens: Token[], mineAt: number): boolean {
  return [2, 3, 4].some((back) => consulting.has(tokens[mineAt - back]?.text ?? ''));
}

function isAlone(text: string, before: string): boolean {
  return (
    (loners.has(text) && (lonerVerbs.has(before) || before === 'mi')) ||
    (text === 'me' && before === 'just') ||
    (text === 'yo' && before === 'solo')
  );
}

/** "pareja + bebé", "somos matrimonio"; not "cama matrimonio". */
function isCouple(tokens: Token[], at: number): boolean {
  const before = tokens[at - 1]?.text ?? '';
  if (['cama', 'bed', 'habitacion', 'hab', 'tipo', 'mi', 'my', 'de'].includes(before)) return false;
  return at === 0 || joiners.has(tokens[at + 1]?.text ?? '') || ['somos', 'para', 'for', 'we', 'pra'].includes(before);
}

/** "pareja con bebé", "2 adultos y bebé": a child without a number after a joiner. */
function isAdded(tokens: Token[], noun: number): boolean {
  const at = words('el la los las un una o a os as the').has(tokens[noun - 1]?.text ?? '') ? noun - 1 : noun;
  const before = tokens[at - 1]?.text ?? '';
  return (
    joiners.has(before) &&
    at >= 2 &&
    (before !== ',' || at < noun) &&
    !['cama', 'camas', 'sin'].includes(tokens[at - 2]?.text ?? '')
  );
}

function countAges(tokens: Token[], at: number): number {
  let ages = 0;
  for (let k = at + 1; tokens[at]?.text === 'de' && k < tokens.length; k++) {
    if (tokens[k]!.number !== undefined) ages++;
    else if (!joiners.has(tokens[k]!.text)) break;
  }
  return ages;
}
