import type { Accommodation, AccommodationId } from '../lodging/accommodation.ts';

const folded = new Map<string, string>();

/** Plain lower-case words: no accents, no punctuation. The same few names and texts are asked for again and again, and kept. */
export function foldWords(text: string): string {
  const known = folded.get(text);
  if (known !== undefined) return known;
  const words = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}#]+/gu, ' ')
    .trim();
  if (folded.size >= 500) folded.clear();
  folded.set(text, words);
  return words;
}

/** Words that many units carry in their names, so that they single none out. */
const genericWords = new Set(
  (
    'cabana cabanas casa casita departamento depto dpto habitacion monoambiente suite loft apart apartamento chale quarto ' +
    'cabin house room apartment studio flat unit unidad para con sin the del los las una uno vista'
  ).split(' '),
);

/**
 * Units named in a text, by their whole name or by a word that only they have ("la Lenga"). Several when the words fit
 * several; `isChoosing` forgives one wrong letter in longer words, since a name is expected then.
 */
export function findNamedUnits(text: string, units: readonly Accommodation[], isChoosing = false): AccommodationId[] {
  const folded = ` ${withoutReplaced(foldWords(text))} `;
  const whole = units.filter((unit) => folded.includes(` ${foldWords(unit.name)} `));
  if (whole.length > 0) return longestNames(whole);
  const said = folded.trim().split(' ');
  return units
    .filter((unit) =>
      distinctiveWords(unit, units).some(
        (word) =>
          said.includes(word) || (isChoosing && word.length >= 5 && said.some((other) => isOneOff(word, other))),
      ),
    )
    .map((unit) => unit.id);
}

/** "En vez de la Ñire, la Lenga": what is to be replaced is not named as wanted. */
function withoutReplaced(folded: string): string {
  return folded.replace(
    /\b(?:en vez de|en lugar de|instead of|em vez d[aoe]|ao inves d[aoe])(?: (?:la|el|the|o|a))?(?: (?:cabana|casa|depto|cabin))? \S+/,
    ' ',
  );
}

/** "Lenga chica" also contains "Lenga": the longest name that fits is meant. */
function longestNames(units: readonly Accommodation[]): AccommodationId[] {
  return units
    .filter(
      (unit) =>
        !units.some(
          (other) => other.id !== unit.id && ` ${foldWords(other.name)} `.includes(` ${foldWords(unit.name)} `),
        ),
    )
    .map((unit) => unit.id);
}

function distinctiveWords(unit: Accommodation, units: readonly Accommodation[]): string[] {
  const others = new Set(
    units.filter((other) => other.id !== unit.id).flatMap((other) => foldWords(other.name).split(' ')),
  );
  return foldWords(unit.name)
    .split(' ')
    .filter((word) => word.length >= 3 && !genericWords.has(word) && !others.has(word));
}

/** Do two words differ by one letter (changed, missing or too many)? */
function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  const [restA, restB] = [a.slice(i), b.slice(i)];
  return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}

/**
 * The unit whose name, or kind where only one of the `shown` is of it ("el depto"), is all that a text says: a choice,
 * whatever else its words may mean.
 */
export function findOnlyNamed(text: string, shown: readonly Accommodation[]): AccommodationId | undefined {
  const said = foldWords(text)
    .split(' ')
    .filter((word) => word !== '' && !fillers.has(word));
  if (said.length === 0) return undefined;
  const fitting = shown.filter((unit) => {
    const name = foldWords(unit.name).split(' ');
    return said.every((word) => name.includes(word) || (word === 'departamento' && name.includes('depto')));
  });
  return fitting.length === 1 ? fitting[0]!.id : undefined;
}

/** "No quiero la Lenga", "la Lenga no me gusta": the unit is named to be turned down. */
export function rejectsUnit(text: string): boolean {
  return /\b(no (me |nos )?(quiero|queremos|gusta|convence|sirve|va)|nao (quero|gosto|gostei)|don t (want|like))\b/.test(
    foldWords(text),
  );
}

/** "Chau", "nos vemos": the guest leaves; nothing is to be asked again. */
export function saysGoodbye(text: string): boolean {
  return /^((bueno|ok|listo|dale|perfecto|genial|buenisimo|muchas|mil|gracias|por todo|thanks|thank you|very much|so much|a lot|great|muito|obrigad[oa]) )*(chau+|chao|adios|nos vemos|hablamos|hasta (luego|pronto|manana)|tchau|ate (logo|mais|breve)|bye|bye bye|goodbye|see you( soon| then)?|saludos|un abrazo|abrazo)( gracias| saludos)?$/.test(
    foldWords(text),
  );
}

const ordinals: readonly (readonly string[])[] = [
  ['primera', 'primero', 'primer', 'primeira', 'primeiro', 'first', '1ra', '1ro', '1era', '1st'],
  ['segunda', 'segundo', 'second', '2da', '2do', '2nd'],
  ['tercera', 'tercero', 'terceira', 'terceiro', 'third', '3ra', '3ro', '3rd'],
  ['cuarta', 'cuarto', 'quarta', 'quarto', 'fourth', '4ta', '4to', '4th'],
  ['quinta', 'quinto', 'fifth', '5ta', '5to', '5th'],
];
const lastWords = new Set(['ultima', 'ultimo', 'last']);
const fillers = new Set(
  (
    'la el lo los las o a os as the one opcion opcao option numero number nro n de quiero quisiera me quedo con voy por ' +
    'esa ese essa esse prefiero prefiro dale si sim yes please por favor reservo reserva reservame fico quero i will take ' +
    'want ll d like that es seria mejor elijo escolho'
  ).split(' '),
);

/**
 * Which of `count` shown things an answer such as "la segunda", "la 2", "the last one" means, from 0; undefined when it
 * says anything else besides: "segunda" may be a Monday in Portuguese and "2" a party.
 */
export function findOrdinal(text: string, count: number): number | undefined {
  const words = foldWords(text)
    .replaceAll('#', ' ')
    .split(' ')
    .filter((word) => word !== '' && !fillers.has(word));
  if (words.length !== 1 || count === 0) return undefined;
  const word = words[0]!;
  const index = lastWords.has(word)
    ? count - 1
    : /^\d{1,2}$/.test(word)
      ? Number(word) - 1
      : ordinals.findIndex((names) => names.includes(word));
  return index >= 0 && index < count ? index : undefined;
}

/** "la más barata", "the cheapest", "a mais barata". */
export function wantsCheapest(text: string): boolean {
  return /\b(mas barat|mas economic|menos car[ao]|cheapest|least expensive|mais barat|mais em conta|mais economic)/.test(
    foldWords(text),
  );
}

/** "la más grande", "the biggest". */
export function wantsLargest(text: string): boolean {
  return /\b(mas grande|biggest|largest|maior)\b/.test(foldWords(text));
}

/** "otra cabaña", "tenés otra?", "another one": what is chosen or shown does not please. */
export function wantsAnother(text: string): boolean {
  return /\b(otra|otro|otras|otros|outra|outro|outras|outros|another|other one|other options?|something else)\b/.test(
    foldWords(text),
  );
}

/** "cambiar las fechas", "mudar o número de pessoas": what is to be changed, where it is said; null otherwise. */
export function whatToChange(text: string): 'dates' | 'guests' | 'unit' | null {
  const folded = foldWords(text);
  if (/\b(fechas?|dias?|datas?|dates?|days?)\b/.test(folded)) return 'dates';
  if (/\b(personas?|pessoas?|guests?|people|cantidad|huespedes|hospedes)\b/.test(folded)) return 'guests';
  if (/\b(cabanas?|alojamientos?|depto|departamento|casa|unidad|acomodacao|place|unit|cabin)\b/.test(folded))
    return 'unit';
  return null;
}

/** An unmistakable "book it" of few words, as good as a yes while a summary is shown. */
export function saysBookIt(text: string): boolean {
  return /^(si |dale |sim |yes |ok )?(quiero |quero )?(reserv[ao]l[ao]|reservamel[ao]|l[ao] reservo|reservar|reserva|reservo|confirmo|confirm[ao]l[ao]|confirmar|pode reservar|pode confirmar|book it|reserve it|confirm)( ya| please| por favor)?$/.test(
    foldWords(text),
  );
}

/** "¿Me devuelven la seña?", "do I get a refund?" */
export function asksRefund(text: string): boolean {
  return /\b(devol\w*|devuelv\w*|reembols\w*|reintegr\w*|estorn\w*|refund\w*|money back)\b/.test(foldWords(text));
}

/** "No, el otro", "el siguiente", "the one after": not the dates that were shown, those a week later. */
export function saysTheOther(text: string): boolean {
  return /^(?:(?:no|nao|not|sino|ese|esse|this|that|finde) )*(?:el (?:otro|siguiente|que sigue|de despues)|la (?:otra|siguiente|que sigue)|o (?:outro|seguinte)|a (?:outra|seguinte)|the (?:other|next|following)(?: one)?|the one after)(?: finde| fin de semana| weekend)?$/.test(
    foldWords(text),
  );
}

const cancelFillers = new Set(
  (
    'si sim yes bueno bien dale ok okay listo entonces nomas no mas ya igual mejor por favor porfa please la lo las los le it a o y e ' +
    'quiero queremos quero queremos want to i we prefiero prefiero mi minha my nuestra reserva reservas reservation booking estadia ' +
    'todo toda esa ese esta este pode podes podrias puedes dala darla den dame dar de baja anda thanks gracias obrigado obrigada'
  ).split(' '),
);

/** "Bueno, cancelala", "quiero cancelar la reserva": an order of nothing else, as good as a yes to "¿la cancelo?". */
export function ordersCancel(text: string): boolean {
  if (/[?¿]/.test(text)) return false;
  const words = foldWords(text).split(' ');
  const isOrder = words.some((word) => /^(cancel|anul)/.test(word)) || /\bda\w* de baja\b/.test(words.join(' '));
  // "No cancelar", "no quiero cancelar"; but "cancelala no más".
  const isDenied = /\b(no|nao|not|dont|don t)\b(?! mas\b)/.test(words.join(' '));
  return isOrder && !isDenied && words.every((word) => /^(cancel|anul)/.test(word) || cancelFillers.has(word));
}

/** "Ya pagué", "já paguei", "I just paid". */
export function saysPaid(text: string): boolean {
  return /\b(ya (la |lo )?(pague|pagamos|abone|transferi|deposite|hice el pago)|ja (paguei|pagamos|fiz o p\w+)|paguei|(already|just|have) paid|i paid)\b/.test(
    foldWords(text),
  );
}
