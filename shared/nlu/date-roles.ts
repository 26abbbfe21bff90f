import { textAt, words, type DateReader } from './date-point.ts';
import type { DateItem, Role } from './scan-dates.ts';

const inWords = words(
  'entrada ingreso ingresamos ingresando ingresar ingresaria checkin in llegada llego llegamos llegar llegando llegaria llegariamos arribo arribamos entro entramos entrando entrar arrival arrive arrives arriving ariving chegada chego chegamos chegando chegar desde starting start starts inicio partir',
);
const outWords = words(
  'salida saliendo salgo salimos salir saldriamos egreso checkout out partida irme irnos voy vamos iria iriamos vuelvo volvemos regreso hasta until untill till saida saio saimos saindo sair departure depart departs departing leaving leave leaves ate retiro volver volviendo volveriamos regresar regresamos regresando yendonos yendome retirandonos retirandome retirarnos retirarme voltar voltamos volto embora',
);
/** These need the date behind them: "hasta el 10", "starting on the 10th". */
const leadsOnly = words('desde starting start starts partir hasta until untill till ate');
const separators = words(', ; . y e and ? ! o or ou');

/**
 * Says of each date alone whether one comes or goes on it: by the nearest such word before it ("llegamos el 10"), else by
 * the one after it ("el 13 nos vamos"), where that word is not the next date's own.
 */
export function assignRoles(reader: DateReader, items: DateItem[]): void {
  const isTrailing = areRolesBehind(reader, items);
  let since = 0;
  items.forEach((item, k) => {
    const end = items[k + 1]?.from ?? reader.tokens.length;
    const start = since;
    since = item.to;
    // "Llegamos el 10 y el 13 nos vamos" is no list of days.
    if (item.kind === 'range' && item.isList && roleAfter(reader, item.to, end, !items[k + 1])?.role === 'out')
      item.isList = false;
    if (item.kind !== 'point') return;
    const before = isTrailing ? undefined : roleBefore(reader, item.from, start);
    const after = before ? null : roleAfter(reader, item.to, end, isTrailing || !items[k + 1]);
    const role = before ?? after?.role;
    if (role) item.role = role;
    if (after) since = after.to;
  });
}

/** "10/1 entrada 13/1 salida": no such word before the first date, one right behind the last. */
function areRolesBehind(reader: DateReader, items: DateItem[]): boolean {
  const [first, last] = [items[0], items.at(-1)];
  if (items.length < 2 || first?.kind !== 'point' || last?.kind !== 'point') return false;
  if (roleBefore(reader, first.from, 0)) return false;
  const behindFirst = roleAfter(reader, first.to, items[1]!.from, true);
  return !!behindFirst && !!roleAfter(reader, last.to, reader.tokens.length, true);
}

/** "check in", "check-in", "checking out", "check me out" */
function isChecking(reader: DateReader, index: number): boolean {
  const back = words('- me us').has(textAt(reader, index - 1)) ? 2 : 1;
  const before = textAt(reader, index - back);
  return before === 'check' || before === 'checking' || before === 'checked';
}

/** "in 10/1 out 14/1", "checking in on the 12th, out on the 15th": each right before its date. */
function isInAndOut(reader: DateReader, index: number): boolean {
  const isLead = (place: number): boolean => {
    let next = place + 1;
    while (next < place + 3 && words('on the : el dia').has(textAt(reader, next))) next++;
    const token = reader.tokens[next];
    return (token?.number ?? token?.ordinal ?? token?.month ?? token?.weekday) !== undefined;
  };
  const other = textAt(reader, index) === 'in' ? 'out' : 'in';
  return isLead(index) && reader.tokens.some(({ text }, k) => text === other && isLead(k));
}

function roleOf(reader: DateReader, index: number): Role | undefined {
  const text = textAt(reader, index);
  if (outWords.has(text)) {
    if (text === 'out' && !isChecking(reader, index) && !isInAndOut(reader, index)) return undefined;
    if (words('voy vamos iria iriamos').has(text) && !words('me nos').has(textAt(reader, index - 1))) return undefined;
    return 'out';
  }
  if (!inWords.has(text) || (text === 'in' && !isChecking(reader, index) && !isInAndOut(reader, index)))
    return undefined;
  return 'in';
}

function roleBefore(reader: DateReader, index: number, since: number): Role | undefined {
  for (let k = index - 1; k >= since && k >= index - 6; k--) {
    const role = roleOf(reader, k);
    if (role) return role;
  }
  return undefined;
}

/** A word of coming or going behind a date, in the same breath; before another date it must be closed off by a comma or "y". */
function roleAfter(reader: DateReader, from: number, end: number, isLast: boolean): { role: Role; to: number } | null {
  const reach = reader.language === 'en' ? 10 : 6;
  for (let k = from; k < end && k < from + reach; k++) {
    if (separators.has(textAt(reader, k))) return null;
    const role = leadsOnly.has(textAt(reader, k)) ? undefined : roleOf(reader, k);
    if (!role) continue;
    // "Salimos de Córdoba el …": one leaves home.
    if (words('de para rumbo hacia').has(textAt(reader, k + 1))) return null;
    const closing = textAt(reader, k + 1) === ')' ? k + 2 : k + 1;
    if (isLast || separators.has(textAt(reader, closing))) return { role, to: k + 1 };
    return null;
  }
  return null;
}

const cannot = words('puedo podemos puede posso podemos da');
const helped = words('ayuda help helpful atencion ajuda else todo all');

/** "Hoy no, mañana", "el 10 no puedo", "not today", "thanks for your help today": a date that is not wanted. */
export function isUnwanted(reader: DateReader, { from, to }: DateItem): boolean {
  const no = reader.language === 'pt' ? 'nao' : reader.language === 'en' ? 'not' : 'no';
  let article = 0;
  while (article < 2 && words('el la the o a on dia').has(textAt(reader, from - 1 - article))) article++;
  const isRefused =
    textAt(reader, from - 1 - article) === no &&
    !words('que si por why not').has(textAt(reader, from - 2 - article)) &&
    !words('y or o ?').has(textAt(reader, from - 2 - article));
  if (isRefused) return true;
  const after = textAt(reader, to);
  const next = textAt(reader, to + 1);
  if (after === no && reader.language !== 'en' && (next === ',' || cannot.has(next))) return true;
  if (!words('hoy today hoje').has(textAt(reader, from))) return false;
  return [1, 2, 3, 4].some((back) => helped.has(textAt(reader, from - back)));
}
