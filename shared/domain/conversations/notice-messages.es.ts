import type { NoticeMessages } from './notice-messages.ts';

export const es: NoticeMessages = {
  paymentLinkReady: ({ unit, stay, nights, party, code, total, deposit, until, url }) =>
    [
      `*${unit}* ${stay} (${nights}), ${party}`,
      `Reserva ${code} · Total: ${total}`,
      '',
      `Para asegurarla pagá la seña de *${deposit}* antes de las *${until}*:`,
      url,
    ].join('\n'),
  linkIsLate: ({ unit, stay }) =>
    `El link para pagar la seña de *${unit}* ${stay} está tardando más de lo normal. Tu lugar sigue guardado: te lo mando apenas salga y vas a tener el tiempo completo para pagar.`,
  bookingConfirmed: ({ unit, stay, party, code, checkInFrom, checkOutUntil, address, mapUrl, paid, balance }) =>
    [
      '¡Reserva confirmada! 🎉',
      `*${unit}* ${stay}, ${party}`,
      `Código: *${code}*`,
      `Ingreso desde las ${checkInFrom}, salida hasta las ${checkOutUntil}.`,
      ...(address === null ? [] : [`📍 ${address}`]),
      ...(mapUrl === null ? [] : [mapUrl]),
      `Recibimos ${paid}.${balance === null ? ' Está todo pago.' : ` Resta ${balance}.`}`,
    ].join('\n'),
  paymentPending: ({ unit, stay }) =>
    `Tu pago por *${unit}* ${stay} está en proceso. Apenas Mercado Pago lo acredite te confirmo la reserva.`,
  paymentRejected: ({ unit, stay, url, until }) =>
    url === null
      ? `El pago por *${unit}* ${stay} fue rechazado y el link ya venció. ¿Querés que lo intentemos de nuevo?`
      : `El pago por *${unit}* ${stay} fue rechazado. Podés probar de nuevo o con otro medio hasta las ${until}:\n${url}`,
  holdExpired: ({ unit, stay }) =>
    `Se cumplió el tiempo para pagar la seña y liberé *${unit}* ${stay}. Si todavía te interesa, la busco de nuevo.`,
  tryAgain: 'Intentar de nuevo',
  otherDates: 'Otras fechas',
  talkToPerson: 'Hablar con alguien',
  paymentTooLate: ({ unit, stay }) =>
    `Recibimos tu pago por *${unit}* ${stay}, pero llegó después de que venciera la reserva. Lo estamos revisando con el alojamiento y te avisamos por acá.`,
  paymentInsufficient: ({ unit, stay, received, deposit }) =>
    `Recibimos ${received} por *${unit}* ${stay}, pero la seña es de ${deposit}, así que todavía no quedó confirmada. Lo estamos revisando con el alojamiento y te avisamos por acá.`,
  refundPending: ({ unit, stay }) =>
    `Recibimos tu pago por *${unit}* ${stay}. Lo estamos revisando con el alojamiento y te avisamos por acá.`,
  cancelledByLodging: ({ unit, stay, code, refund }) =>
    [
      `El alojamiento canceló tu reserva *${code}* de *${unit}* ${stay}. Lamentamos el cambio.`,
      ...(refund === null ? [] : [`Te devolvemos ${refund}; te aviso cuando esté hecho.`]),
      'Si querés, buscamos otras fechas.',
    ].join('\n'),
  apology: 'Perdón, tuve un problema y no pude responder tu mensaje 😕 ¿Me lo escribís de nuevo?',
  holdReminder: ({ unit, stay, until, minutes, deposit, url }) =>
    [
      `⏳ ${minutes === 1 ? 'Queda 1 minuto' : `Quedan ${minutes} minutos`} (hasta las ${until}) para pagar la seña de ${deposit} de *${unit}* ${stay}.`,
      ...(url === null ? [] : [url]),
    ].join('\n'),
  checkinReminder: ({ lodging, unit, checkIn, code, checkInFrom, address, mapUrl, balance }) =>
    [
      `¡Ya casi! Te esperamos en *${lodging}* el ${checkIn}, desde las ${checkInFrom} 😊`,
      `*${unit}* (${code})`,
      ...(address === null ? [] : [`📍 ${address}`]),
      ...(mapUrl === null ? [] : [mapUrl]),
      ...(balance === null ? [] : [`Resta pagar ${balance}.`]),
    ].join('\n'),
  thanksAfterStay: ({ lodging }) =>
    `¡Gracias por elegir *${lodging}*! Ojalá la hayan pasado muy bien. Los esperamos de nuevo 😊`,
  stayMoved: ({ unit, stay, nights, party, code, total }) =>
    `Tu reserva *${code}* cambió: ahora es *${unit}* ${stay} (${nights}), ${party}. Total: ${total}. Si algo no te queda bien, escribime.`,
  releasedForOther: ({ unit, stay }) =>
    `Lo siento: *${unit}* ${stay} se vendió por otro canal antes de que llegara tu seña, así que tuve que liberarla. No pagues el link anterior. ¿Te busco otra opción?`,
  seeAvailability: 'Ver disponibilidad',
};
