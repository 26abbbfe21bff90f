import type { MoneyMessages, RefundWords } from './money-messages.ts';

function where({ isByHand }: RefundWords): string {
  return isByHand ? '' : ' Conforme o meio de pagamento, pode levar alguns dias para aparecer na sua conta.';
}

export const pt: MoneyMessages = {
  offer: ({ unit, stay, amount, until }) =>
    `Recebemos seu pagamento de *${amount}*, mas ele chegou quando *${unit}* ${stay} já estava ocupada. Seu dinheiro está seguro: você pode usá-lo em outra opção até ${until}, ou devolvemos tudo. Se não escolher nada, ele volta sozinho.`,
  offerChoose: 'Isto é o que está livre:',
  offerUnits: 'Mesmas datas',
  offerDates: 'Outras datas',
  offerAgain: ({ amount, unit, stay, until }) =>
    `Seu crédito de *${amount}* continua disponível: não chegamos a completar *${unit}* ${stay}. Você pode escolher outra opção até ${until}, ou devolvemos.`,
  seeOptions: 'Ver opções',
  giveBack: 'Devolver o dinheiro',
  giveBackHint: 'Devolvemos o valor inteiro',
  offerRow: ({ total, missing, returned }) =>
    `Total ${total}${missing === null ? '' : ` · faltam ${missing}`}${returned === null ? '' : ` · voltam ${returned}`}`,
  creditNote: ({ amount }) => `Você tem *${amount}* de crédito: o valor é descontado do sinal.`,
  differenceDue: ({ unit, stay, credit, missing, until }) =>
    `Pronto! Guardei *${unit}* ${stay} com seus ${credit} de crédito. Falta completar *${missing}* até as ${until}: já mando o link.`,
  differenceLink: ({ unit, stay, party, code, credit, missing, until, url }) =>
    [
      `*${unit}* ${stay}, ${party}`,
      `Reserva ${code} · Já temos ${credit} seus`,
      '',
      `Para garantir, complete *${missing}* até as *${until}*:`,
      url,
    ].join('\n'),
  askGiveBack: ({ amount }) => `Devolvemos os *${amount}*? Você também pode usá-los em outra data ou outra unidade.`,
  keepLooking: 'Ver outra opção',
  givingBack: ({ amount }) => `Certo: pedimos a devolução de *${amount}*. Aviso por aqui quando estiver feita.`,
  offerOver: 'Essa opção já terminou. Se ainda falta devolver dinheiro, aviso por aqui quando estiver feito.',
  refundDone: {
    duplicate: (w) =>
      `Devolvemos *${w.amount}*: *${w.unit}* ${w.stay} já estava paga e entrou um pagamento a mais.${where(w)}`,
    late: (w) =>
      `Devolvemos *${w.amount}*: seu pagamento por *${w.unit}* ${w.stay} chegou quando já não dava para reservar.${where(w)}`,
    cancelled: (w) => `Devolvemos *${w.amount}*: a reserva de *${w.unit}* ${w.stay} está cancelada.${where(w)}`,
    offer_declined: (w) => `Pronto: devolvemos *${w.amount}*.${where(w)}`,
    offer_expired: (w) => `O prazo para escolher outra opção terminou e devolvemos *${w.amount}*.${where(w)}`,
    difference: (w) => `Devolvemos *${w.amount}*, a diferença em relação ao sinal de *${w.unit}* ${w.stay}.${where(w)}`,
    owner: (w) => `A hospedagem devolveu *${w.amount}* por *${w.unit}* ${w.stay}.${where(w)}`,
  },
  refundStuck: ({ unit, stay }) =>
    `Estamos devolvendo o dinheiro de *${unit}* ${stay} e o Mercado Pago ainda não permitiu. A hospedagem já sabe e está resolvendo; avisamos por aqui.`,
};
