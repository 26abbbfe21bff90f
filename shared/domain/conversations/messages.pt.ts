import type { Messages } from './messages.ts';

/** Brazilian Portuguese, as the neighbours who come on holiday write it. */
export const pt: Messages = {
  hello: 'Olá! 👋',
  helloAgain:
    'Estou aqui! 😊 Escreva o que precisa, por exemplo *de 10 a 14 de janeiro para 4*, ou chamo alguém da casa.',
  welcome: (lodging) =>
    `Olá! 👋 Sou o assistente de *${lodging}*.\nMe conte as datas e quantas pessoas são, ou escolha uma opção:`,
  menuAvailability: 'Ver disponibilidade',
  menuBookings: 'Minhas reservas',
  menuHelp: 'Ajuda',
  talkToPerson: 'Falar com alguém',
  help: [
    'Posso ajudar com isto:',
    '• Procurar vaga e reservar: me diga as datas e quantas pessoas, por exemplo *de 10 a 14 de janeiro para 4*',
    '• Ver ou cancelar suas reservas: *minhas reservas*',
    '• Falar de comodidades, localização, fotos, animais, horários e formas de pagamento',
    '• Começar do zero: *começar de novo*',
    '• Passar você para alguém da casa: *pessoa*',
  ].join('\n'),
  thanks: 'De nada! Qualquer coisa, estou aqui 😊',
  forThePrice: 'Para dizer o preço, falta um dado.',
  later: 'Sem pressa! Quando quiser, continuamos por aqui 😊',
  cheapest: ({ unit, total }) =>
    `Para essas datas o mais em conta é *${unit}*: ${total} no total. Com outras datas ou menos noites pode sair menos; se quiser falar do preço com alguém, escreva *pessoa*.`,
  goodbye: 'Até logo! Qualquer coisa, me escreva 👋',
  okay: 'Combinado! Posso ajudar com mais alguma coisa?',
  unknown: [
    'Desculpe, não entendi. Você pode escrever, por exemplo:',
    '• *de 10 a 14 de janeiro para 4*',
    '• *minhas reservas*',
    '• *tem wifi?*',
  ].join('\n'),
  notUnderstood: 'Desculpe, não entendi.',
  offerPerson: 'Se preferir falar com alguém, escreva *pessoa*.',
  startedOver: 'Pronto! Começamos de novo.',
  lateMessage: 'Sobre a sua mensagem anterior, que chegou atrasada:',
  understood: (what) => `Entendi: ${what}.`,
  shallILook: 'Se quiser que eu procure vaga, me diga as datas e quantas pessoas são.',
  voiceProblems: {
    silent: 'Seu áudio chegou muito curtinho ou sem som 😕 Pode gravar de novo ou escrever?',
    too_long: 'Seu áudio tem mais de 3 minutos e não consigo ouvir. Pode mandar um mais curto ou escrever?',
    too_large: 'Seu áudio é pesado demais (mais de 16 MB). Pode mandar um mais curto ou escrever?',
    unreadable: 'Não consegui abrir seu áudio 😕 Pode gravar de novo ou escrever?',
    unclear: 'Não consegui entender seu áudio 😕 Pode repetir ou escrever?',
    not_received: 'Seu áudio não chegou direito 😕 Pode mandar de novo ou escrever?',
    unavailable: 'Desculpe, neste momento não consigo ouvir áudios 😕 Pode escrever, por favor?',
  },
  media: {
    audio: 'Não consegui ouvir o seu áudio 😕 Pode escrever, por favor?',
    image:
      'Recebi a sua imagem, mas não consigo vê-la. Se for um comprovante, não precisa: assim que o pagamento cair eu aviso.',
    video: 'Recebi o seu vídeo, mas não consigo vê-lo. Pode me contar por escrito?',
    document:
      'Recebi o seu arquivo, mas não consigo abri-lo. Se for um comprovante, não precisa: assim que o pagamento cair eu aviso.',
    location: 'Obrigado pela localização! Se quiser saber como chegar, pergunte *onde fica*.',
    contacts: 'Recebi o contato, obrigado. Em que posso ajudar?',
    other: 'Não consigo ler esse tipo de mensagem. Pode escrever, por favor?',
  },

  askDates: 'Para quais datas? Me diga a chegada e a saída, por exemplo *de 10 a 14 de janeiro*.',
  askCheckIn: ({ until, nights }) =>
    until === null
      ? `${nights === null ? '' : `${nights}, anotado. `}Em que dia vocês chegam?`
      : `Com saída em ${until}, em que dia vocês chegam?`,
  askCheckOut: (checkIn) => `Chegando em ${checkIn}, até que dia ou quantas noites?`,
  askParty: 'Quantas pessoas são?',
  askPartyFor: (stay) => `${capital(stay)}, quantas pessoas são?`,
  askPartyNumber: 'Me diga quantas pessoas são, por exemplo *3* ou *2 adultos e 1 criança*.',
  otherNumber: 'Outro número',
  askWhetherDates: (dates) => `Você quer dizer ${dates}?`,
  arrivingOn: (date) => `chegada em ${date}`,
  leavingOn: (date) => `saída em ${date}`,
  yes: 'Sim',
  otherDates: 'Outras datas',
  unclearDates: 'Não ficou claro quais são as datas. Pode dizer com dia e mês? Por exemplo *de 10 a 14 de janeiro*.',
  unclearParty: 'Não ficou claro quantas pessoas são. Pode dizer o número?',

  problems: {
    impossible: (text) => `A data *${text}* não existe. Pode mandar de novo?`,
    reversed: (text) => `Em *${text}* a saída fica antes da chegada. Pode dizer as datas de novo?`,
    past: (text) => `*${text}* já passou. Para quais datas seria?`,
    tooManyDates: 'Você mandou várias datas. Qual é a chegada e qual é a saída?',
    datesReversed: ({ checkIn, checkOut }) =>
      `A saída (${checkOut}) precisa ser depois da chegada (${checkIn}). Pode dizer as datas de novo?`,
    tooLateToday: (hour) =>
      `Para hoje já é tarde: recebemos até as ${hour}:00. Se for urgente, uma pessoa pode responder, ou me diga outra data.`,
    tooFarAhead: (months) =>
      `Ainda não aceitamos reservas com tanta antecedência (até ${months} meses). Que outras datas servem?`,
    tooLong: (nights) => `Por aqui posso reservar até ${nights} noites. Que datas procuro?`,
    minNights: ({ nights, stay }) => `${capital(stay)} a estadia mínima é de ${nights} noites.`,
    minNightsOfUnit: ({ unit, nights, stay }) => `Em *${unit}*, ${stay} a estadia mínima é de ${nights} noites.`,
    tooManyGuests: ({ guests, capacity }) => `Para ${guests} uma só acomodação não basta: a maior é para ${capacity}.`,
    notAParty: 'Quantas pessoas seriam? Preciso de pelo menos uma 😊',
  },
  splitIdea: ({ stay, lines, total }) =>
    `${capital(stay)} vocês poderiam se dividir assim:\n${lines.map((line) => `• ${line}`).join('\n')}\nNo total: ${total}`,
  splitWithoutDates: 'Vocês podem se dividir em mais de uma: me diga as datas e digo quais estão livres.',
  splitNext: 'Reservamos uma de cada vez: me diga para quantas pessoas procuro a primeira, ou passo você para alguém.',

  offers: ({ stay, nights, party, count }) =>
    `${capital(stay)} (${nights}), para ${party}, ${count === 1 ? 'tenho esta opção' : 'tenho estas opções'}:`,
  offerLine: ({ name, capacity, total }) => `• *${name}* (até ${capacity}): ${total}`,
  chooseFromList: 'É o total pela estadia inteira. De qual você gosta?',
  chooseOne: 'É o total pela estadia inteira. Interessa?',
  choiceAgain: 'De qual você gosta?',
  seeOptions: 'Ver opções',
  unitRow: ({ total, perNight, nights, capacity }) =>
    nights === 1 ? `${total} a noite · até ${capacity}` : `${total} total · ${perNight}/noite · até ${capacity}`,
  choose: 'Escolher',
  takeIt: (unit) => `Escolher ${unit}`,
  moreThanShown: (hidden) => `Há mais ${hidden}; se nenhuma agradar, pergunte por *outra*.`,
  noneFree: ({ stay, party }) => `${capital(stay)} não tenho mais vaga para ${party} 😕`,
  unitTaken: ({ unit, stay }) => `*${unit}* não está livre ${stay} 😕`,
  unitTooSmall: ({ name, capacity }) => `*${name}* é para no máximo ${capacity}.`,
  alternatives: 'Veja estas opções:',
  noAlternatives: 'Também não achei nos dias próximos. Me diga outras datas ou, se quiser, passo você para alguém.',
  otherUnits: 'Mesmas datas',
  nearDates: 'Outras datas',
  inTwoUnits: 'Trocando de lugar',
  dateRow: ({ from, units }) => `a partir de ${from} total · ${units === 1 ? '1 livre' : `${units} livres`}`,
  unitDateRow: ({ unit, total }) => `${unit} · ${total} total`,
  windowOptions: ({ nights, party, isExample }) =>
    `Para ${party}, ${isExample ? 'por exemplo ' : ''}${nights}, tenho livre:`,
  windowAsk: 'Escolha uma ou me diga outras datas.',
  windowNone: 'Nesses dias não tenho mais vaga 😕 Tentamos outras datas?',
  oneAtATime: 'Reservamos uma de cada vez: escolha a primeira e depois seguimos com a outra.',
  sharedOut: ({ units, party, share }) =>
    `${party} em ${units} acomodações: reservamos uma de cada vez. Procuro a primeira para ${share}; se a divisão for outra, me diga.`,
  nextUnit: (party) => `Vamos à próxima, para ${party}.`,

  summary: ({ unit, stay, nights, party, total, deposit, holdMinutes, until }) =>
    [
      `*${unit}*`,
      `📅 ${capital(stay)} (${nights})`,
      `👥 ${capital(party)}`,
      `Total: *${total}*`,
      `Sinal para reservar: *${deposit}*`,
      '',
      `Se você confirmar, guardo por ${holdMinutes} minutos (até as ${until}) para pagar o sinal. Confirmo?`,
    ].join('\n'),
  stillHeldElsewhere: ({ unit, stay, until }) => `Atenção: você ainda tem *${unit}* ${stay} guardada até as ${until}.`,
  confirm: 'Confirmar',
  changeSomething: 'Mudar algo',
  priceChanged: 'O preço mudou desde que mostrei. Agora fica assim:',
  staleButton: 'Esse botão era de um resumo anterior. Agora está assim:',
  summaryReminder: ({ unit, stay, total }) => `Confirmo *${unit}* ${stay}, por ${total}?`,
  alreadyHeld: ({ unit, stay, until, url }) =>
    `Você já tem *${unit}* ${stay} guardada até as ${until}. ${url === null ? 'Daqui a pouco chega o link para pagar o sinal.' : `Para garantir, pague o sinal aqui:\n${url}`}`,
  alreadyConfirmed: ({ unit, stay, code }) => `*${unit}* ${stay} já está confirmada em seu nome (${code}) ✅`,

  askWhatToChange: 'O que você quer mudar?',
  changeDates: 'Datas',
  changeParty: 'Pessoas',
  changeUnit: 'Acomodação',
  changeBooked: 'Reservas já feitas são mudadas por uma pessoa da casa. Passo você, ou procuramos algo novo?',

  noBookings: 'Você não tem reservas ativas. Procuramos datas?',
  bookings: (count) => (count === 1 ? 'Sua reserva:' : 'Suas reservas:'),
  heldLine: ({ unit, stay, party, code, until, minutes, deposit, url }) =>
    [
      `*${unit}* ${stay}, ${party} (${code})`,
      `⏳ Guardada até as ${until} (${minutes === 1 ? 'falta 1 minuto' : `faltam ${minutes} minutos`}). Sinal: ${deposit}`,
      url ?? 'O link para pagar chega daqui a pouco.',
    ].join('\n'),
  heldAndOver: ({ unit, stay, code }) =>
    `*${unit}* ${stay} (${code})\n⌛ O tempo para pagar o sinal acabou; estou vendo se chegou um pagamento.`,
  confirmedLine: ({ unit, stay, party, code, checkInFrom }) =>
    `*${unit}* ${stay}, ${party} (${code})\n✅ Confirmada. Entrada a partir das ${checkInFrom}.`,
  cancelBooking: 'Cancelar reserva',
  cancelWhich: 'Qual você quer cancelar?',
  chooseBooking: 'Escolher reserva',
  cancelHeld: ({ unit, stay }) => `Cancelo *${unit}* ${stay}? Você ainda não pagou nada, então não tem custo.`,
  cancelFree: ({ unit, stay, hours }) =>
    `Cancelo *${unit}* ${stay}? Faltam mais de ${hours} horas para a entrada, então é sem custo.`,
  cancelKeepsDeposit: ({ unit, stay, hours, deposit }) =>
    `Cancelo *${unit}* ${stay}? Faltam menos de ${hours} horas para a entrada, então o sinal (${deposit}) não é devolvido.`,
  cancelYes: 'Sim, cancelar',
  cancelNo: 'Não, manter',
  kept: ({ unit, stay }) => `Perfeito, sua reserva de *${unit}* ${stay} continua de pé 👍`,
  paymentAwaited: 'Obrigado! Assim que o Mercado Pago liberar o pagamento, confirmo a reserva por aqui.',
  nothingToCancel: 'Você não tem reservas ativas para cancelar.',
  summaryDropped: 'Pronto, deixei sem efeito. Você não tem nenhuma reserva ativa.',

  held: ({ unit, stay, until, deposit }) =>
    `Pronto! Guardo *${unit}* ${stay} até as ${until} ⏳\nJá mando o link para pagar o sinal de ${deposit}.`,
  justTaken: ({ unit, stay }) => `Poxa! Alguém acabou de pegar *${unit}* ${stay}.`,
  soonFree: ({ unit, stay }) =>
    `*${unit}* ${stay} está guardada para outra pessoa, mas deve ser liberada em alguns minutos se ela não confirmar: tente de novo daqui a pouco.`,
  refused: 'Não consegui fazer a reserva. Tentamos outras datas?',
  cancelledHeld: ({ unit, stay }) => `Pronto, cancelei *${unit}* ${stay}. O link de pagamento não vale mais, não use.`,
  cancelledFree: ({ unit, stay }) =>
    `Pronto, cancelei *${unit}* ${stay} sem custo. Avisamos por aqui quando sair a devolução do sinal.`,
  cancelledKeepsDeposit: ({ unit, stay }) =>
    `Pronto, cancelei *${unit}* ${stay}. Pela política de cancelamento o sinal não é devolvido.`,
  handedOver: {
    asked: 'Aviso alguém da casa para responder por aqui 🙌',
    no_progress: 'Não estou conseguindo ajudar bem, então aviso alguém da casa para responder por aqui 🙌',
  },

  facts: {
    amenities: ({ of, list }) => (of === null ? `Temos: ${list}.` : `*${of}* tem: ${list}.`),
    notListed: (what) => `Não tenho anotado que haja *${what}*; se quiser que alguém confirme, escreva *pessoa*.`,
    refund:
      'Se você cancelar a tempo, o sinal volta pelo Mercado Pago ao mesmo meio de pagamento e avisamos por aqui quando sair.',
    wifi: (text) => `Wifi: ${text}`,
    parking: (text) => `Estacionamento: ${text}`,
    address: ({ address, mapUrl }) => `📍 Ficamos em ${address}.${mapUrl === null ? '' : `\n${mapUrl}`}`,
    hours: ({ checkInFrom, checkOutUntil, lastArrivalHour }) =>
      `A entrada é a partir das ${checkInFrom}${lastArrivalHour < 24 ? ` (recebemos até as ${lastArrivalHour}:00)` : ''} e a saída até as ${checkOutUntil}.`,
    pets: (text) => `🐾 Animais: ${text}`,
    policies: (text) => text,
    freeCancellation: (hours) =>
      `Você pode cancelar sem custo até ${hours} horas antes da entrada; depois disso o sinal não é devolvido.`,
    payment: (text) => text,
    depositByLink: (percent) =>
      `O sinal ${percent === null ? '' : `é de ${percent} % do total e `}é pago com um link do Mercado Pago que mando ao confirmar.`,
    photos: 'Aqui vão as fotos 📷',
    missing: 'Não tenho essa informação. Se quiser que alguém da casa confirme, escreva *pessoa*.',
  },
};

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
