import type { Messages } from './messages.ts';

/** Spanish as it is spoken on the River Plate: voseo, short and warm. */
export const es: Messages = {
  hello: '¡Hola! 👋',
  helloAgain:
    '¡Acá estoy! 😊 Escribime qué necesitás, por ejemplo *del 10 al 14 de enero para 4*, o te paso con alguien.',
  welcome: (lodging) =>
    `¡Hola! 👋 Soy el asistente de *${lodging}*.\nContame qué fechas buscás y cuántos son, o elegí una opción:`,
  menuAvailability: 'Ver disponibilidad',
  menuBookings: 'Mis reservas',
  menuHelp: 'Ayuda',
  talkToPerson: 'Hablar con alguien',
  help: [
    'Te puedo ayudar con esto:',
    '• Buscar lugar y reservar: decime fechas y cuántos son, por ejemplo *del 10 al 14 de enero para 4*',
    '• Ver o cancelar tus reservas: *mis reservas*',
    '• Contarte de servicios, ubicación, fotos, mascotas, horarios y formas de pago',
    '• Empezar de cero: *empezar de nuevo*',
    '• Pasarte con alguien del lugar: *persona*',
  ].join('\n'),
  thanks: '¡De nada! Cualquier cosa, acá estoy 😊',
  forThePrice: 'Para darte el precio me falta un dato.',
  later: '¡Dale, sin apuro! Cuando quieras seguimos por acá 😊',
  cheapest: ({ unit, total }) =>
    `Para esas fechas lo más accesible es *${unit}*: ${total} en total. Con otras fechas o menos noches puede salir menos; si querés hablar del precio con alguien, escribí *persona*.`,
  goodbye: '¡Hasta luego! Cualquier cosa, escribime 👋',
  okay: '¡Dale! ¿Te ayudo con algo más?',
  unknown: [
    'Perdón, no te entendí. Podés escribirme, por ejemplo:',
    '• *del 10 al 14 de enero para 4*',
    '• *mis reservas*',
    '• *¿tienen wifi?*',
  ].join('\n'),
  notUnderstood: 'Perdón, no te entendí.',
  offerPerson: 'Si preferís hablar con alguien, escribí *persona*.',
  startedOver: '¡Listo! Empezamos de nuevo.',
  lateMessage: 'Sobre tu mensaje anterior, que me llegó tarde:',
  understood: (what) => `Entendí: ${what}.`,
  shallILook: 'Si querés que te busque lugar, decime fechas y cuántos son.',
  voiceProblems: {
    silent: 'Tu audio me llegó muy cortito o sin sonido 😕 ¿Me lo grabás de nuevo o me lo escribís?',
    too_long: 'Tu audio dura más de 3 minutos y no llego a escucharlo. ¿Me lo mandás más corto o me lo escribís?',
    too_large: 'Tu audio es demasiado pesado (más de 16 MB). ¿Me lo mandás más corto o me lo escribís?',
    unreadable: 'No pude abrir tu audio 😕 ¿Me lo grabás de nuevo o me lo escribís?',
    unclear: 'No llegué a entender tu audio 😕 ¿Me lo repetís o me lo escribís?',
    not_received: 'Tu audio no me llegó bien 😕 ¿Me lo mandás de nuevo o me lo escribís?',
    unavailable: 'Perdón, en este momento no puedo escuchar audios 😕 ¿Me lo escribís, por favor?',
  },
  media: {
    audio: 'No pude escuchar tu audio 😕 ¿Me lo escribís, por favor?',
    image:
      'Me llegó tu imagen, pero no puedo verla. Si es un comprobante, no hace falta: apenas se acredita el pago te aviso yo.',
    video: 'Me llegó tu video, pero no puedo verlo. ¿Me lo contás por escrito?',
    document:
      'Me llegó tu archivo, pero no puedo abrirlo. Si es un comprobante, no hace falta: apenas se acredita el pago te aviso yo.',
    location: '¡Gracias por la ubicación! Si querés saber cómo llegar, preguntame *dónde queda*.',
    contacts: 'Recibí el contacto, gracias. ¿En qué te ayudo?',
    other: 'Ese tipo de mensaje no lo puedo leer. ¿Me lo escribís, por favor?',
  },

  askDates: '¿Para qué fechas? Decime llegada y salida, por ejemplo *del 10 al 14 de enero*.',
  askCheckIn: ({ until, nights }) =>
    until === null
      ? `${nights === null ? '' : `${nights}, anotado. `}¿Qué día llegarían?`
      : `Con salida el ${until}, ¿qué día llegarían?`,
  askCheckOut: (checkIn) => `Llegando el ${checkIn}, ¿hasta qué día o cuántas noches?`,
  askParty: '¿Cuántas personas son?',
  askPartyFor: (stay) => `${capital(stay)}, ¿cuántas personas son?`,
  askPartyNumber: 'Decime cuántos son, por ejemplo *3* o *2 adultos y 1 menor*.',
  otherNumber: 'Otra cantidad',
  askWhetherDates: (dates) => `¿Querés decir ${dates}?`,
  arrivingOn: (date) => `llegada el ${date}`,
  leavingOn: (date) => `salida el ${date}`,
  yes: 'Sí',
  otherDates: 'Otras fechas',
  unclearDates: 'No me quedaron claras las fechas. ¿Me las decís con día y mes? Por ejemplo *del 10 al 14 de enero*.',
  unclearParty: 'No me quedó claro cuántos son. ¿Me decís el número?',

  problems: {
    impossible: (text) => `La fecha *${text}* no existe. ¿Me la pasás de nuevo?`,
    reversed: (text) => `En *${text}* la salida queda antes que la llegada. ¿Me decís las fechas de nuevo?`,
    past: (text) => `*${text}* ya pasó. ¿Para qué fechas sería?`,
    tooManyDates: 'Me pasaste varias fechas. ¿Cuál es la llegada y cuál la salida?',
    datesReversed: ({ checkIn, checkOut }) =>
      `La salida (${checkOut}) tiene que ser después de la llegada (${checkIn}). ¿Me decís las fechas de nuevo?`,
    tooLateToday: (hour) =>
      `Para hoy ya es tarde: recibimos hasta las ${hour}:00. Si es urgente te puede responder una persona, o decime otra fecha.`,
    tooFarAhead: (months) =>
      `Todavía no tomamos reservas con tanta anticipación (hasta ${months} meses). ¿Qué otras fechas te sirven?`,
    tooLong: (nights) => `Por acá puedo reservar hasta ${nights} noches. ¿Qué fechas busco?`,
    minNights: ({ nights, stay }) => `${capital(stay)} la estadía mínima es de ${nights} noches.`,
    minNightsOfUnit: ({ unit, nights, stay }) => `En *${unit}*, ${stay} la estadía mínima es de ${nights} noches.`,
    tooManyGuests: ({ guests, capacity }) =>
      `Para ${guests} no me alcanza un solo alojamiento: el más grande es para ${capacity}.`,
    notAParty: '¿Cuántas personas serían? Necesito al menos una 😊',
  },
  splitIdea: ({ stay, lines, total }) =>
    `${capital(stay)} podrían repartirse así:\n${lines.map((line) => `• ${line}`).join('\n')}\nEn total: ${total}`,
  splitWithoutDates: 'Pueden repartirse en más de uno: decime las fechas y te digo cuáles están libres.',
  splitNext: 'Las reservamos de a una: decime para cuántos busco la primera, o te paso con alguien.',

  offers: ({ stay, nights, party, count }) =>
    `${capital(stay)} (${nights}), para ${party}, ${count === 1 ? 'tengo este lugar' : 'tengo estos lugares'}:`,
  offerLine: ({ name, capacity, total }) => `• *${name}* (hasta ${capacity}): ${total}`,
  chooseFromList: 'Es el total por toda la estadía. ¿Cuál te gusta?',
  chooseOne: 'Es el total por toda la estadía. ¿Te interesa?',
  choiceAgain: '¿Cuál te gusta?',
  seeOptions: 'Ver opciones',
  unitRow: ({ total, perNight, nights, capacity }) =>
    nights === 1 ? `${total} la noche · hasta ${capacity}` : `${total} total · ${perNight}/noche · hasta ${capacity}`,
  choose: 'Elegir',
  takeIt: (unit) => `Elegir ${unit}`,
  moreThanShown: (hidden) => `Hay ${hidden} más; si ninguno te convence, preguntame por *otro*.`,
  noneFree: ({ stay, party }) => `${capital(stay)} no me queda lugar para ${party} 😕`,
  unitTaken: ({ unit, stay }) => `*${unit}* no está libre ${stay} 😕`,
  unitTooSmall: ({ name, capacity }) => `*${name}* es para ${capacity} como máximo.`,
  alternatives: 'Mirá estas opciones:',
  noAlternatives: 'Tampoco encontré en los días cercanos. Decime otras fechas o, si querés, te paso con alguien.',
  otherUnits: 'Mismas fechas',
  nearDates: 'Otras fechas',
  inTwoUnits: 'Cambiando de lugar',
  dateRow: ({ from, units }) => `desde ${from} total · ${units === 1 ? '1 libre' : `${units} libres`}`,
  unitDateRow: ({ unit, total }) => `${unit} · ${total} total`,
  windowOptions: ({ nights, party, isExample }) =>
    `Para ${party}, ${isExample ? 'por ejemplo ' : ''}${nights}, tengo libre:`,
  windowAsk: 'Elegí una o decime otras fechas.',
  windowNone: 'En esos días no me queda lugar 😕 ¿Probamos con otras fechas?',
  oneAtATime: 'Los reservamos de a uno: elegí el primero y después seguimos con el otro.',
  sharedOut: ({ units, party, share }) =>
    `${party} en ${units} lugares: los reservamos de a uno. Busco el primero para ${share}; si se reparten distinto, decime.`,
  nextUnit: (party) => `Vamos por el siguiente, para ${party}.`,

  summary: ({ unit, stay, nights, party, total, deposit, holdMinutes, until }) =>
    [
      `*${unit}*`,
      `📅 ${capital(stay)} (${nights})`,
      `👥 ${capital(party)}`,
      `Total: *${total}*`,
      `Seña para reservar: *${deposit}*`,
      '',
      `Si confirmás, te la guardo ${holdMinutes} minutos (hasta las ${until}) para que pagues la seña. ¿Confirmo?`,
    ].join('\n'),
  stillHeldElsewhere: ({ unit, stay, until }) => `Ojo: seguís teniendo *${unit}* ${stay} guardada hasta las ${until}.`,
  confirm: 'Confirmar',
  changeSomething: 'Cambiar algo',
  priceChanged: 'El precio cambió desde que te lo mostré. Ahora queda así:',
  staleButton: 'Ese botón era de un resumen anterior. Así está ahora:',
  summaryReminder: ({ unit, stay, total }) => `¿Confirmo *${unit}* ${stay}, por ${total}?`,
  alreadyHeld: ({ unit, stay, until, url }) =>
    `Ya tenés *${unit}* ${stay} guardada hasta las ${until}. ${url === null ? 'En un ratito te llega el link para pagar la seña.' : `Para asegurarla, pagá la seña acá:\n${url}`}`,
  alreadyConfirmed: ({ unit, stay, code }) => `*${unit}* ${stay} ya está confirmada a tu nombre (${code}) ✅`,

  askWhatToChange: '¿Qué querés cambiar?',
  changeDates: 'Fechas',
  changeParty: 'Personas',
  changeUnit: 'Alojamiento',
  changeBooked: 'Las reservas ya hechas las cambia una persona del lugar. ¿Te paso, o buscamos algo nuevo?',

  noBookings: 'No tenés reservas activas. ¿Buscamos fechas?',
  bookings: (count) => (count === 1 ? 'Tu reserva:' : 'Tus reservas:'),
  heldLine: ({ unit, stay, party, code, until, minutes, deposit, url }) =>
    [
      `*${unit}* ${stay}, ${party} (${code})`,
      `⏳ Guardada hasta las ${until} (${minutes === 1 ? 'queda 1 minuto' : `quedan ${minutes} minutos`}). Seña: ${deposit}`,
      url ?? 'El link para pagar te llega en un ratito.',
    ].join('\n'),
  heldAndOver: ({ unit, stay, code }) =>
    `*${unit}* ${stay} (${code})\n⌛ Se cumplió el tiempo para pagar la seña; estoy revisando si llegó un pago.`,
  confirmedLine: ({ unit, stay, party, code, checkInFrom }) =>
    `*${unit}* ${stay}, ${party} (${code})\n✅ Confirmada. Ingreso desde las ${checkInFrom}.`,
  cancelBooking: 'Cancelar reserva',
  cancelWhich: '¿Cuál querés cancelar?',
  chooseBooking: 'Elegir reserva',
  cancelHeld: ({ unit, stay }) => `¿Cancelo *${unit}* ${stay}? Todavía no pagaste nada, así que no tiene costo.`,
  cancelFree: ({ unit, stay, hours }) =>
    `¿Cancelo *${unit}* ${stay}? Faltan más de ${hours} horas para el ingreso, así que es sin cargo.`,
  cancelKeepsDeposit: ({ unit, stay, hours, deposit }) =>
    `¿Cancelo *${unit}* ${stay}? Faltan menos de ${hours} horas para el ingreso, así que la seña (${deposit}) no se devuelve.`,
  cancelYes: 'Sí, cancelar',
  cancelNo: 'No, mantener',
  kept: ({ unit, stay }) => `Perfecto, tu reserva de *${unit}* ${stay} sigue en pie 👍`,
  paymentAwaited: '¡Gracias! Apenas Mercado Pago acredite el pago te confirmo la reserva por acá.',
  nothingToCancel: 'No tenés reservas activas para cancelar.',
  summaryDropped: 'Listo, lo dejo sin efecto. No te queda ninguna reserva activa.',

  held: ({ unit, stay, until, deposit }) =>
    `¡Listo! Te guardo *${unit}* ${stay} hasta las ${until} ⏳\nYa te mando el link para pagar la seña de ${deposit}.`,
  justTaken: ({ unit, stay }) => `¡Uy! Alguien acaba de tomar *${unit}* ${stay}.`,
  soonFree: ({ unit, stay }) =>
    `*${unit}* ${stay} la tiene guardada otra persona, pero está por liberarse en unos minutos si no la confirma: volvé a probar en un ratito.`,
  refused: 'No pude tomar la reserva. ¿Probamos con otras fechas?',
  cancelledHeld: ({ unit, stay }) =>
    `Listo, cancelé *${unit}* ${stay}. El link de pago ya no sirve, así que no lo uses.`,
  cancelledFree: ({ unit, stay }) =>
    `Listo, cancelé *${unit}* ${stay} sin cargo. Te avisamos por acá cuando salga la devolución de la seña.`,
  cancelledKeepsDeposit: ({ unit, stay }) =>
    `Listo, cancelé *${unit}* ${stay}. Por la política de cancelación la seña no se devuelve.`,
  handedOver: {
    asked: 'Le aviso a alguien del lugar para que te responda por acá 🙌',
    no_progress:
      'No te estoy pudiendo ayudar bien, así que le aviso a alguien del lugar para que te responda por acá 🙌',
  },

  facts: {
    amenities: ({ of, list }) => (of === null ? `Tenemos: ${list}.` : `*${of}* tiene: ${list}.`),
    notListed: (what) =>
      `No tengo anotado que haya *${what}*; si querés que te lo confirme alguien, escribí *persona*.`,
    refund:
      'Si cancelás a tiempo, la seña vuelve por Mercado Pago al mismo medio con el que pagaste y te avisamos por acá cuando sale.',
    wifi: (text) => `Wifi: ${text}`,
    parking: (text) => `Cochera: ${text}`,
    address: ({ address, mapUrl }) => `📍 Estamos en ${address}.${mapUrl === null ? '' : `\n${mapUrl}`}`,
    hours: ({ checkInFrom, checkOutUntil, lastArrivalHour }) =>
      `El ingreso es desde las ${checkInFrom}${lastArrivalHour < 24 ? ` (recibimos hasta las ${lastArrivalHour}:00)` : ''} y la salida hasta las ${checkOutUntil}.`,
    pets: (text) => `🐾 Mascotas: ${text}`,
    policies: (text) => text,
    freeCancellation: (hours) =>
      `Podés cancelar sin cargo hasta ${hours} horas antes del ingreso; después de eso la seña no se devuelve.`,
    payment: (text) => text,
    depositByLink: (percent) =>
      `La seña ${percent === null ? '' : `es del ${percent} % del total y `}se paga con un link de Mercado Pago que te mando al confirmar.`,
    photos: 'Acá van las fotos 📷',
    missing: 'Ese dato no lo tengo. Si querés que te lo confirme alguien del lugar, escribí *persona*.',
  },
};

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
