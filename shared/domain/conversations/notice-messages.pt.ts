import type { NoticeMessages } from './notice-messages.ts';

export const pt: NoticeMessages = {
  paymentLinkReady: ({ unit, stay, nights, party, code, total, deposit, until, url }) =>
    [
      `*${unit}* ${stay} (${nights}), ${party}`,
      `Reserva ${code} · Total: ${total}`,
      '',
      `Para garantir, pague o sinal de *${deposit}* até as *${until}*:`,
      url,
    ].join('\n'),
  linkIsLate: ({ unit, stay }) =>
    `O link para pagar o sinal de *${unit}* ${stay} está demorando mais do que o normal. Sua vaga continua guardada: mando assim que sair e você terá o tempo completo para pagar.`,
  bookingConfirmed: ({ unit, stay, party, code, checkInFrom, checkOutUntil, address, mapUrl, paid, balance }) =>
    [
      'Reserva confirmada! 🎉',
      `*${unit}* ${stay}, ${party}`,
      `Código: *${code}*`,
      `Entrada a partir das ${checkInFrom}, saída até as ${checkOutUntil}.`,
      ...(address === null ? [] : [`📍 ${address}`]),
      ...(mapUrl === null ? [] : [mapUrl]),
      `Recebemos ${paid}.${balance === null ? ' Está tudo pago.' : ` Falta pagar ${balance}.`}`,
    ].join('\n'),
  paymentPending: ({ unit, stay }) =>
    `Seu pagamento por *${unit}* ${stay} está em processamento. Assim que o Mercado Pago liberar, confirmo a reserva.`,
  paymentRejected: ({ unit, stay, url, until }) =>
    url === null
      ? `O pagamento por *${unit}* ${stay} foi recusado e o link já venceu. Quer tentar de novo?`
      : `O pagamento por *${unit}* ${stay} foi recusado. Você pode tentar de novo ou com outro meio até as ${until}:\n${url}`,
  holdExpired: ({ unit, stay }) =>
    `O tempo para pagar o sinal acabou e liberei *${unit}* ${stay}. Se ainda tiver interesse, procuro de novo.`,
  tryAgain: 'Tentar de novo',
  otherDates: 'Outras datas',
  talkToPerson: 'Falar com alguém',
  paymentTooLate: ({ unit, stay }) =>
    `Recebemos o seu pagamento por *${unit}* ${stay}, mas ele chegou depois que a reserva venceu. Estamos vendo com a pousada e avisamos por aqui.`,
  paymentInsufficient: ({ unit, stay, received, deposit }) =>
    `Recebemos ${received} por *${unit}* ${stay}, mas o sinal é de ${deposit}, então ainda não está confirmada. Estamos vendo com a pousada e avisamos por aqui.`,
  refundPending: ({ unit, stay }) =>
    `Recebemos o seu pagamento por *${unit}* ${stay}. Estamos vendo com a pousada e avisamos por aqui.`,
  cancelledByLodging: ({ unit, stay, code, refund }) =>
    [
      `A hospedagem cancelou sua reserva *${code}* de *${unit}* ${stay}. Lamentamos a mudança.`,
      ...(refund === null ? [] : [`Vamos devolver ${refund}; aviso quando estiver feito.`]),
      'Se quiser, procuramos outras datas.',
    ].join('\n'),
  apology: 'Desculpe, tive um problema e não consegui responder a sua mensagem 😕 Pode escrever de novo?',
  holdReminder: ({ unit, stay, until, minutes, deposit, url }) =>
    [
      `⏳ ${minutes === 1 ? 'Falta 1 minuto' : `Faltam ${minutes} minutos`} (até as ${until}) para pagar o sinal de ${deposit} de *${unit}* ${stay}.`,
      ...(url === null ? [] : [url]),
    ].join('\n'),
  checkinReminder: ({ lodging, unit, checkIn, code, checkInFrom, address, mapUrl, balance }) =>
    [
      `Está chegando! Esperamos você em *${lodging}* em ${checkIn}, a partir das ${checkInFrom} 😊`,
      `*${unit}* (${code})`,
      ...(address === null ? [] : [`📍 ${address}`]),
      ...(mapUrl === null ? [] : [mapUrl]),
      ...(balance === null ? [] : [`Falta pagar ${balance}.`]),
    ].join('\n'),
  thanksAfterStay: ({ lodging }) => `Obrigado por escolher *${lodging}*! Espero que tenha sido ótimo. Até a próxima 😊`,
  stayMoved: ({ unit, stay, nights, party, code, total }) =>
    `Sua reserva *${code}* mudou: agora é *${unit}* ${stay} (${nights}), ${party}. Total: ${total}. Se algo não servir, é só me escrever.`,
  releasedForOther: ({ unit, stay }) =>
    `Sinto muito: *${unit}* ${stay} foi vendida por outro canal antes de chegar o seu sinal, e tive que liberá-la. Não pague o link anterior. Procuro outra opção?`,
  seeAvailability: 'Ver disponibilidade',
};
