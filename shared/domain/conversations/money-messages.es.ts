import type { MoneyMessages, RefundWords } from './money-messages.ts';

/** Where the money is to be looked for. */
function where({ isByHand }: RefundWords): string {
  return isByHand ? '' : ' Según el medio de pago, puede tardar unos días en verse en tu cuenta.';
}

export const es: MoneyMessages = {
  offer: ({ unit, stay, amount, until }) =>
    `Recibimos tu pago de *${amount}*, pero llegó cuando *${unit}* ${stay} ya se había ocupado. Tu dinero está a salvo: podés usarlo para otra opción hasta el ${until}, o te lo devolvemos entero. Si no elegís nada, vuelve solo.`,
  offerChoose: 'Esto es lo que hay libre:',
  offerUnits: 'Mismas fechas',
  offerDates: 'Otras fechas',
  offerAgain: ({ amount, unit, stay, until }) =>
    `Tu crédito de *${amount}* sigue disponible: no llegamos a completar *${unit}* ${stay}. Podés elegir otra opción hasta el ${until}, o te lo devolvemos.`,
  seeOptions: 'Ver opciones',
  giveBack: 'Devolver el dinero',
  giveBackHint: 'Te lo devolvemos entero',
  offerRow: ({ total, missing, returned }) =>
    `Total ${total}${missing === null ? '' : ` · completás ${missing}`}${returned === null ? '' : ` · te vuelven ${returned}`}`,
  creditNote: ({ amount }) => `Tenés *${amount}* a favor: se descuentan de la seña.`,
  differenceDue: ({ unit, stay, credit, missing, until }) =>
    `¡Listo! Guardé *${unit}* ${stay} con tus ${credit} a favor. Falta completar *${missing}* antes de las ${until}: ya te mando el link.`,
  differenceLink: ({ unit, stay, party, code, credit, missing, until, url }) =>
    [
      `*${unit}* ${stay}, ${party}`,
      `Reserva ${code} · Ya tenemos ${credit} tuyos`,
      '',
      `Para asegurarla completá *${missing}* antes de las *${until}*:`,
      url,
    ].join('\n'),
  askGiveBack: ({ amount }) => `¿Te devolvemos los *${amount}*? También podés usarlos para otra fecha u otra unidad.`,
  keepLooking: 'Ver otra opción',
  givingBack: ({ amount }) => `De acuerdo: pedimos la devolución de *${amount}*. Te aviso por acá cuando esté hecha.`,
  offerOver: 'Esa opción ya terminó. Si falta devolverte dinero, te aviso por acá cuando esté hecho.',
  refundDone: {
    duplicate: (w) =>
      `Te devolvimos *${w.amount}*: *${w.unit}* ${w.stay} ya estaba paga y entró un pago de más.${where(w)}`,
    late: (w) =>
      `Te devolvimos *${w.amount}*: tu pago por *${w.unit}* ${w.stay} llegó cuando ya no se podía reservar.${where(w)}`,
    cancelled: (w) => `Te devolvimos *${w.amount}*: la reserva de *${w.unit}* ${w.stay} está cancelada.${where(w)}`,
    offer_declined: (w) => `Listo: te devolvimos *${w.amount}*.${where(w)}`,
    offer_expired: (w) => `Se cumplió el plazo para elegir otra opción y te devolvimos *${w.amount}*.${where(w)}`,
    difference: (w) =>
      `Te devolvimos *${w.amount}*, la diferencia con lo que cuesta la seña de *${w.unit}* ${w.stay}.${where(w)}`,
    owner: (w) => `El alojamiento te devolvió *${w.amount}* por *${w.unit}* ${w.stay}.${where(w)}`,
  },
  refundStuck: ({ unit, stay }) =>
    `Estamos devolviéndote el dinero de *${unit}* ${stay} y Mercado Pago todavía no lo permitió. El alojamiento ya lo sabe y lo está resolviendo; te avisamos por acá.`,
};
