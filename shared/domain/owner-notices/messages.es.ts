import { channelWords } from '../calendars/channel-words.es.ts';
import { formatMoney } from '../conversations/format.ts';
import type { DecisionOutcome } from './decisions.ts';
import type { OwnerNotice } from './notice.ts';

/** What the owner reads about a notice: Spanish, as the console is. Who and where, in one or two sentences. */
type Words = (notice: OwnerNotice) => string;

const words: Readonly<Record<string, Words>> = {
  booking_confirmed: (n) => `Reserva confirmada${code(n)}.${paid(n)}`,
  stay_cancelled: (n) =>
    `Se canceló la estadía${code(n)}. ${n.data['keepsDeposit'] === true ? 'La seña queda para el alojamiento.' : 'Lo pagado vuelve al huésped.'}`,
  guest_wants_person: (n) =>
    n.data['reason'] === 'no_progress'
      ? 'No logro entender a un huésped. El bot calla 12 horas en ese chat: respondele vos.'
      : 'Un huésped quiere hablar con una persona. El bot calla 12 horas en ese chat: respondele vos.',
  message_not_understood: () => 'No pude responder un mensaje de un huésped. Le pedí disculpas; miralo en la consola.',
  voice_note_not_heard: (n) =>
    n.data['problem'] === 'unavailable'
      ? 'No puedo escuchar los audios de los huéspedes (servicio de voz, ffmpeg o permisos). Les pido que escriban.'
      : 'No pude bajar el audio de un huésped. Le pedí que lo mande de nuevo o escriba.',
  message_lost: () => 'No pude ni anotar un mensaje que llegó. Le pedí al huésped que escriba de nuevo.',
  message_failed: (n) => `WhatsApp no entregó un mensaje a un huésped (código ${text(n, 'code')}).`,
  message_parked: () =>
    'No se sabe si un mensaje le llegó a un huésped, y no lo mando dos veces. Si no le llegó, enviálo de nuevo.',
  link_late: (n) => `El link de pago${code(n)} se demora. El huésped ya lo sabe y tiene más tiempo.`,
  deposit_reversed: (n) =>
    `La seña${code(n)} fue devuelta o desconocida. Las noches siguen tomadas hasta que decidas: ¿cancelo la estadía o la mantenemos?`,
  payment_offered: (n) =>
    `Llegó tarde un pago${amount(n)}${code(n)}: las noches ya no estaban. Le ofrecí otras opciones al huésped.`,
  payment_parked: (n) => `Llegó un pago${amount(n)}${code(n)} que no cierra. ¿Lo acepto o lo devuelvo?`,
  payment_parked_insufficient: (n) =>
    `Llegó un pago${amount(n)}${code(n)} menor a la seña. ¿Lo acepto así o lo devuelvo?`,
  payment_parked_overpaid: (n) => `Pagaron de más${code(n)}: sobran${amount(n)}. ¿Lo dejo a cuenta o lo devuelvo?`,
  refund_by_hand: (n) => `Hay que devolver en mano${amount(n)}${code(n)}. Avisame cuando esté.`,
  refund_failed: (n) => `Una devolución${amount(n)}${code(n)} falló en Mercado Pago. ¿La reintento?`,
  payment_charged_back: (n) => `Un pago${amount(n)}${code(n)} fue desconocido por la tarjeta: Mercado Pago lo retiró.`,
  payment_disputed: (n) =>
    `Reclamaron un pago${amount(n)}${code(n)}: está en mediación en Mercado Pago. Respondé ahí; las noches siguen tomadas.`,
  payment_refunding_duplicate: (n) => `Pagaron dos veces${code(n)}: devuelvo${amount(n)}.`,
  payment_refunding_late: (n) => `Llegó tarde un pago${amount(n)}${code(n)} y no hay qué ofrecer: lo devuelvo.`,
  payment_refunding_cancelled: (n) => `Llegó un pago${amount(n)}${code(n)} de una reserva cancelada: lo devuelvo.`,
  calendar_conflict: (n) =>
    `${channel(n)} vendió ${text(n, 'unit')} ${nights(n.data['foreignNights'])}, sobre la estadía confirmada${code(n)} (${nights(n.data['stay'])}). ${moves(n)}`,
  calendar_quarantine: (n) =>
    `El calendario de ${channel(n)} de ${text(n, 'unit')} perdió ${text(n, 'missing')} reservas de golpe. Las sigo respetando: ¿son bajas de verdad?`,
  calendar_unreachable: (n) => `No puedo leer el calendario de ${channel(n)} de ${text(n, 'unit')}.`,
  calendar_echo_stays: (n) =>
    `Unas noches de ${text(n, 'unit')} siguen tomadas en ${channel(n)} aunque acá se cancelaron: las bloqueé, revisalas.`,
  whatsapp_stopped: (n) =>
    `WhatsApp no acepta mensajes (código ${text(n, 'code')}). Los guardo y los mando cuando vuelva; revisá el token o el límite.`,
  message_budget: (n) =>
    `Este mes van ${text(n, 'count')} mensajes: ${text(n, 'percent')} % de los ${text(n, 'budget')} del presupuesto.`,
};

/** The words of a notice; a type without words of its own is told by its name, so that nothing is kept silent. */
export function wordsOf(notice: OwnerNotice): string {
  const own = Object.hasOwn(words, notice.type) ? words[notice.type] : undefined;
  if (own) return own(notice);
  if (notice.type.startsWith('payment_parked_')) return words['payment_parked']!(notice);
  return `Aviso: ${notice.type.replaceAll('_', ' ')}${code(notice)}${amount(notice)}.`;
}

function channel(notice: OwnerNotice): string {
  return channelWords[text(notice, 'channel')] ?? text(notice, 'channel');
}

/** `del 10/1 al 14/1`. */
function nights(stay: unknown): string {
  const { checkIn = '', checkOut = '' } = (stay ?? {}) as { checkIn?: string; checkOut?: string };
  const day = (date: string): string => date.split('-').slice(1).toReversed().map(Number).join('/');
  return `del ${day(checkIn)} al ${day(checkOut)}`;
}

/** Where the stay could go; what it would cost more or less is said. */
function moves({ data }: OwnerNotice): string {
  const found = Array.isArray(data['moves'])
    ? (data['moves'] as { unit: string; stay: unknown; differenceCents: number }[])
    : [];
  if (found.length === 0) return 'No encontré otro lugar: hablalo con el huésped o con el canal.';
  const options = found.slice(0, 3).map(({ unit, stay, differenceCents }) => {
    const difference = formatMoney(Math.abs(differenceCents), currencyOf(data), 'es');
    const price = differenceCents === 0 ? '' : ` (${differenceCents > 0 ? '+' : '-'} ${difference})`;
    return `${unit} ${nights(stay)}${price}`;
  });
  return `Podría ir a: ${options.join('; ')}. Movela en la consola.`;
}

function code({ data }: OwnerNotice): string {
  return typeof data['code'] === 'string' && data['code'].startsWith('RES') ? ` de ${data['code']}` : '';
}

/** A notice of before it carried its currency is in pesos. */
function currencyOf(data: OwnerNotice['data']): string {
  return typeof data['currency'] === 'string' ? data['currency'] : 'ARS';
}

function amount({ data }: OwnerNotice): string {
  return typeof data['cents'] === 'number' ? ` de ${formatMoney(data['cents'], currencyOf(data), 'es')}` : '';
}

function paid({ data }: OwnerNotice): string {
  return typeof data['paidCents'] === 'number'
    ? ` Pagado: ${formatMoney(data['paidCents'], currencyOf(data), 'es')}.`
    : '';
}

function text({ data }: OwnerNotice, key: string): string {
  const value = data[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

/** What the owner hears after a tap. */
export function wordsOfOutcome(outcome: DecisionOutcome): string {
  switch (outcome.type) {
    case 'done':
      return `Listo: ${outcome.title.toLocaleLowerCase('es')}.`;
    case 'already_done':
      return 'Eso ya estaba resuelto.';
    case 'refused':
      return `No se pudo (${outcome.code.replaceAll('_', ' ')}). Miralo en la consola.`;
    case 'unknown':
      return 'Ese botón ya no vale. Miralo en la consola.';
  }
}
