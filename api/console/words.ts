/** What the console calls things. Everything that it says stands here or in the page that says it, in Spanish. */

export const statusWords: Readonly<Record<string, string>> = {
  held: 'Por pagar',
  confirmed: 'Confirmada',
  expired: 'Vencida',
  cancelled: 'Cancelada',
  completed: 'Terminada',
  no_show: 'No vino',
};

export const originWords: Readonly<Record<string, string>> = {
  whatsapp: 'WhatsApp',
  api: 'Consola',
  owner: 'Dueño',
  cli: 'Terminal',
};

export const actorWords: Readonly<Record<string, string>> = {
  guest: 'Huésped',
  owner: 'Dueño',
  operator: 'Consola',
  mercadopago: 'Mercado Pago',
  system: 'Posada',
  cli: 'Terminal',
};

export const eventWords: Readonly<Record<string, string>> = {
  held: 'Se guardaron las noches',
  confirmed: 'Reserva confirmada',
  expired: 'Venció sin pago',
  grace_given: 'Se esperó un poco más por un pago en camino',
  link_late: 'El link de pago se demoró',
  cancelled: 'Reserva cancelada',
  completed: 'Estadía terminada',
  moved: 'Estadía cambiada de lugar o de fecha',
  payment: 'Pago',
  payment_accepted: 'Pago aceptado a mano',
  refund_requested: 'Devolución pedida',
  refund_made: 'Devolución hecha',
  refund_failed: 'La devolución falló',
  offer_opened: 'Se ofrecieron otras fechas por el pago',
  offer_accepted: 'El huésped eligió otra opción',
  offer_declined: 'El huésped no quiso otra opción',
  offer_expired: 'La oferta venció',
  offer_reopened: 'La oferta volvió a abrirse',
  offer_withdrawn: 'La oferta se retiró',
  credit_applied: 'Se usó lo que ya estaba pagado',
  deposit_short: 'La seña ya no está completa',
};

export const noticeWords: Readonly<Record<string, string>> = {
  booking_confirmed: 'Reserva confirmada',
  stay_cancelled: 'Estadía cancelada',
  guest_wants_person: 'Un huésped quiere hablar con una persona',
  message_not_understood: 'Un mensaje no se pudo responder',
  voice_note_not_heard: 'Un audio no se pudo escuchar',
  link_late: 'Un link de pago se demora',
  payment_parked: 'Llegó dinero que espera tu decisión',
  payment_offered: 'Llegó un pago tarde: se ofrecieron otras opciones',
  refund_by_hand: 'Hay que devolver dinero en mano',
  refund_failed: 'Una devolución falló',
  deposit_reversed: 'Una seña fue revertida: decidí si la estadía sigue',
  charged_back: 'Un pago fue desconocido por la tarjeta',
  calendar_conflict: 'Dos calendarios se pisan',
  conflict_opened: 'Dos calendarios se pisan',
  feed_quarantined: 'Un calendario perdió muchas reservas de golpe',
  feed_failing: 'Un calendario no se puede leer',
};

export const paymentWords: Readonly<Record<string, string>> = {
  mercadopago: 'Mercado Pago',
  cash: 'Efectivo',
  transfer: 'Transferencia',
  pending: 'pendiente',
  in_process: 'en proceso',
  authorized: 'autorizado',
  approved: 'aprobado',
  rejected: 'rechazado',
  cancelled: 'cancelado',
  refunded: 'devuelto',
  charged_back: 'desconocido por la tarjeta',
  in_mediation: 'en disputa',
};

export const purposeWords: Readonly<Record<string, string>> = {
  deposit: 'seña',
  balance: 'saldo',
  credit: 'a favor del huésped',
  refund: 'devolución',
  charged_back: 'desconocido',
  parked: 'en espera',
};

export const refundWords: Readonly<Record<string, string>> = {
  wanted: 'en camino',
  processing: 'en proceso',
  made: 'hecha',
  failed: 'falló',
  by_hand: 'a entregar en mano',
};

const problems: Readonly<Record<string, string>> = {
  invalid_dates: 'Las fechas no forman una estadía: la salida tiene que ser después de la entrada.',
  date_in_past: 'Esa fecha ya pasó.',
  too_late_today: 'Hoy ya no se reciben huéspedes a esta hora.',
  too_far_ahead: 'Es demasiado lejos: se puede reservar hasta 540 días antes.',
  stay_too_long: 'Una estadía puede tener hasta 60 noches.',
  stay_too_short: 'Son menos noches que el mínimo de esa unidad en esas fechas.',
  invalid_guests: 'Tiene que haber al menos un huésped.',
  too_many_guests: 'No entran tantas personas en esa unidad.',
  stay_unavailable: 'Esas noches ya están ocupadas.',
  nights_busy: 'Alguien está cambiando esas mismas noches. Probá de nuevo en un momento.',
  accommodation_not_found: 'Esa unidad no existe.',
  reservation_not_found: 'Esa reserva no existe.',
  payment_not_found: 'Ese pago no existe.',
  invalid_state: 'Eso ya no se puede hacer: la situación cambió mientras tanto.',
  invalid_money: 'El importe no se entiende. Escribilo así: 48.000 o 48.000,50.',
  conversation_not_found: 'Esa conversación no existe.',
  notice_not_found: 'Ese aviso ya no existe.',
  name_taken: 'Ya hay otra unidad con ese nombre.',
  seasons_overlap: 'Dos temporadas comparten una noche: cada noche puede tener un solo precio.',
  feed_exists: 'Esa unidad ya lee el calendario de ese sitio.',
  feed_not_found: 'Ese calendario ya no existe.',
  invalid_feed_url: 'Esa dirección no sirve: tiene que ser pública y empezar con https://.',
  conflict_not_found: 'Ese conflicto ya está cerrado.',
  block_not_found: 'Ese bloqueo ya no existe.',
  invalid_form: 'Hay algo en el formulario que no se entiende. Revisá los campos.',
  wrong_login: 'El e-mail o la contraseña no son correctos.',
  form_expired: 'El formulario era viejo. Probá de nuevo.',
  no_nights: 'Elegí al menos una noche.',
};

/** Why something could not be done; an unknown code is said as it is. */
export function problemWords(code: string): string {
  return problems[code] ?? `No se pudo hacer (${code.replaceAll(/[^\w]/g, ' ')}).`;
}

const done: Readonly<Record<string, string>> = {
  confirmed: 'La reserva quedó confirmada y el huésped lo sabe.',
  cancelled: 'La reserva quedó cancelada. Las noches ya están libres.',
  moved: 'La estadía quedó cambiada.',
  paid: 'El pago quedó registrado.',
  paid_before: 'Ese pago ya estaba registrado: no se contó dos veces.',
  accepted: 'El pago quedó aceptado.',
  refunding: 'La devolución está en camino.',
  nothing_to_refund: 'No había nada para devolver.',
  given: 'Quedó anotado que lo entregaste en mano.',
  held: 'Las noches quedaron guardadas y el link de pago está en camino.',
  taken_over: 'El chat es tuyo: Posada no responde hasta que lo devuelvas o pasen 12 horas.',
  resumed: 'Posada vuelve a responder en este chat.',
  answered: 'Tu mensaje está en camino.',
  saved: 'Los cambios quedaron guardados. Lo ya reservado mantiene su precio.',
  added: 'La unidad quedó agregada.',
  blocked: 'Las noches quedaron bloqueadas.',
  unblocked: 'El bloqueo quedó levantado.',
  notice_done: 'Aviso resuelto.',
  feed_added: 'El calendario quedó agregado y se está leyendo.',
  feed_saved: 'El calendario quedó guardado.',
  feed_removed: 'El calendario quedó quitado.',
  feed_reading: 'El calendario se va a leer ahora.',
  feed_accepted: 'Quedó aceptado: lo que falta en el calendario se libera.',
  link_revoked: 'El link anterior ya no funciona. Copiá el nuevo.',
  conflict_closed: 'El conflicto quedó cerrado.',
};

/** What was done, for the line on top of the next page; undefined for a word that is none of ours. */
export function doneWords(code: string): string | undefined {
  return Object.hasOwn(done, code) ? done[code] : undefined;
}

/** Why money waits, from the outcome that settling gave it (`parked:insufficient`, …). */
export function parkedWhy(outcome: string): string {
  const why = outcome.replace(/^parked:?/, '');
  return (
    {
      insufficient: 'no llega a la seña',
      other_currency: 'otra moneda',
      unknown_reference: 'no se sabe de qué reserva es',
      other_collector: 'lo cobró otra cuenta',
      test_mode: 'pago de prueba',
      overpaid: 'más de lo que se debía',
      in_mediation: 'en disputa',
      dispute_over: 'la disputa terminó',
      late: 'llegó tarde',
      cancelled: 'la reserva estaba cancelada',
      refund_failed: 'no se pudo devolver',
    }[why] ?? (why === '' ? 'espera tu decisión' : why.replaceAll('_', ' '))
  );
}
