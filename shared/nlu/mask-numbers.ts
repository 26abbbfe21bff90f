import type { Token } from './tokenise.ts';

const set = (line: string): Set<string> => new Set(line.split(' '));
const moneyAfter = set(
  'pesos peso usd dolares dolar dollars dollar mil lucas luca k reais real euros euro ars palos gambas',
);
const moneyBefore = set('$ usd ars u$s eur euros € £');
const hourAfter = set('hs h hr hrs hora horas am pm a.m p.m hour hours oclock min mins minutos minutes');
const stars = set('star stars estrella estrellas estrela estrelas');
const counted = set('personas persona pessoas adultos noches noites cabanas habitaciones');
const dayParts = set('manana tarde noche madrugada mediodia noite manha tarde');
const unitNames = set(
  'habitacion hab cabana cabanita depto departamento dpto bungalow bungalows unidad opcion opcao option room cabin quarto chale apartamento apto apartment suite numero nro piso casa dni tel telefono celular cel whatsapp codigo code ref vuelo flight edad edades',
);

/** Marks what is no date and no party: money, hours, phones, codes, links, room numbers. */
export function maskNumbers(tokens: Token[]): boolean[] {
  const taken: boolean[] = Array.from<boolean>({ length: tokens.length }).fill(false);
  for (let i = 0; i < tokens.length; i++) {
    maskLink(tokens, taken, i);
    if (
      tokens[i]!.text === '#' ||
      (tokens[i]!.text === '+' && tokens[i + 1]?.glued && (tokens[i + 1]?.digits ?? 0) > 1)
    )
      maskCode(tokens, taken, i);
    maskStars(tokens, taken, i);
    if (!tokens[i]!.digits || taken[i]) continue;
    maskMoney(tokens, taken, i);
    maskHour(tokens, taken, i);
    maskLongNumber(tokens, taken, i);
    maskRoomNumber(tokens, taken, i);
  }
  return taken;
}

/** "3 estrellas", "four-star": a rank. */
function maskStars(tokens: Token[], taken: boolean[], at: number): void {
  if (tokens[at]!.number === undefined) return;
  let end = at + 1;
  while (end < at + 3 && tokens[end]?.text === '-') end++;
  if (stars.has(tokens[end]?.text ?? '')) take(taken, at, end + 1);
}

/** "1.200.000", "150,50": where a number with its thousands ends. */
function numberEnd(tokens: Token[], at: number): number {
  let end = at + 1;
  while (
    tokens[end] &&
    '.,'.includes(tokens[end]!.text) &&
    tokens[end]!.glued &&
    tokens[end + 1]?.glued &&
    tokens[end + 1]!.digits > 0
  )
    end += 2;
  return end;
}

function take(taken: boolean[], from: number, to: number): void {
  for (let i = from; i < to && i < taken.length; i++) taken[i] = true;
}

function maskMoney(tokens: Token[], taken: boolean[], at: number): void {
  const end = numberEnd(tokens, at);
  const before = tokens[at - 1]?.text ?? '';
  const after = tokens[end];
  const isThousands = end > at + 1 && tokens[at + 2]!.digits === 3 && tokens[at]!.digits < 4;
  const isPriced =
    !!after &&
    (moneyAfter.has(after.text) || after.text === '%' || (after.text === '$' && after.glued)) &&
    !(after.text === 'real');
  const isKilo = after?.text === 'k';
  if (moneyBefore.has(before) || isThousands || isPriced) take(taken, at, end + (isPriced || isKilo ? 1 : 0));
}

function maskHour(tokens: Token[], taken: boolean[], at: number): void {
  const token = tokens[at]!;
  if (token.digits > 2 || token.number! > 24) return;
  const before = tokens[at - 1]?.text ?? '';
  const after = tokens[at + 1];
  const isClock = !!after && after.text === ':' && after.glued && tokens[at + 2]?.glued && tokens[at + 2]!.digits === 2;
  if (isClock) {
    take(taken, at, at + 3);
    if (hourAfter.has(tokens[at + 3]?.text ?? '')) take(taken, at + 3, at + 4);
    return;
  }
  if (after && hourAfter.has(after.text) && !(after.text === 'h' && !after.glued)) {
    take(taken, at, at + 2);
    if (tokens[at + 2]?.glued && tokens[at + 2]!.digits === 2) take(taken, at + 2, at + 3);
    return;
  }
  const isMinutes =
    after &&
    '.:'.includes(after.text) &&
    after.glued &&
    tokens[at + 2]?.digits === 2 &&
    hourAfter.has(tokens[at + 3]?.text ?? '');
  if (isMinutes) return take(taken, at, at + 4);
  const isAfterHourWord =
    before === 'las' || (before === 'at' && !tokens[at]!.ordinal) || (before === 'as' && tokens[at]!.number! > 5);
  const isDate = !!after && ((after.text === '/' && after.glued) || isMonthAhead(tokens, at + 1));
  if (isAfterHourWord && !isDate && !counted.has(after?.text ?? '')) {
    const end = after && '.:'.includes(after.text) && after.glued && tokens[at + 2]?.digits === 2 ? at + 3 : at + 1;
    take(taken, at, end);
    if (tokens[end]?.text === 'de' && dayParts.has(tokens[end + 2]?.text ?? '')) take(taken, end, end + 3);
  }
}

function isMonthAhead(tokens: Token[], at: number): boolean {
  const next = tokens[at]?.text === 'de' || tokens[at]?.text === 'of' ? tokens[at + 1] : tokens[at];
  return next?.month !== undefined;
}

/** Phones and document numbers: seven digits and more, or two long groups. */
function maskLongNumber(tokens: Token[], taken: boolean[], at: number): void {
  const token = tokens[at]!;
  const [mark, next] = [tokens[at + 1], tokens[at + 2]];
  const isPair = token.digits >= 3 && !!mark?.glued && mark.text === '-' && !!next?.glued && next.digits >= 3;
  if (token.digits < 5 && !isPair) return;
  take(taken, at, isPair ? at + 3 : at + 1);
  for (
    let k = at - 1;
    k >= 0 && k >= at - 4 && (tokens[k]!.text === '-' || tokens[k]!.digits > 1) && !isDateLike(tokens, k);
    k--
  )
    taken[k] = true;
}

const isDateLike = (tokens: Token[], at: number): boolean =>
  tokens[at + 1]?.text === '/' || tokens[at - 1]?.text === '/';

/** Everything glued to "#" or "+". */
function maskCode(tokens: Token[], taken: boolean[], at: number): void {
  taken[at] = true;
  let end = at + 1;
  while (tokens[end]?.glued) taken[end++] = true;
  if (tokens[at]!.text === '+')
    while (tokens[end] && (tokens[end]!.digits > 0 || tokens[end]!.text === '-')) taken[end++] = true;
}

/** Addresses of pages and mail. */
function maskLink(tokens: Token[], taken: boolean[], at: number): void {
  const { text } = tokens[at]!;
  if (text !== '@' && text !== 'http' && text !== 'https' && text !== 'www') return;
  let from = at;
  while (from > 0 && tokens[from]!.glued) from--;
  let to = at + 1;
  while (tokens[to]?.glued) to++;
  take(taken, from, to);
}

/** "cabaña 3", "opción 2": the name of a thing, unless a date goes on after it. */
function maskRoomNumber(tokens: Token[], taken: boolean[], at: number): void {
  let before = tokens[at - 1]?.text ?? '';
  if (before === ':' || before === '.' || before === 'no' || before === 'n') before = tokens[at - 2]?.text ?? before;
  if (!unitNames.has(before)) return;
  const after = tokens[at + 1]?.text ?? '';
  if (
    ['al', 'a', 'de', '-', '/', '.', 'y', 'hasta', 'personas', 'pax', 'noches', 'adultos', 'ate', 'to'].includes(
      after,
    ) ||
    tokens[at + 1]?.month
  )
    return;
  take(taken, at, at + 1);
}
