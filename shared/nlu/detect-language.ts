import type { Language } from '#shared/domain/conversations/understanding.ts';

const set = (line: string): Set<string> => new Set(line.split(' '));

/** Words (without accents) that tell one of the three languages from the other two. */
const tell: Record<Language, Set<string>> = {
  es: set(
    'hola buenas buenos buen dias tardes noches noche el la los las del al y en con por una unas unos quiero quisiera quisieramos queremos queria hay tienen tenes tienes tiene tenemos cuanto cuantos cuanta cual cuales donde cuando como estan sos somos seriamos vamos soy gracias habitacion habitaciones hab cabana cabanas disponibilidad disponible libre reservar reserva precio precios sale cuesta personas persona ninos nenes mascotas perro desde hasta entre viernes lunes martes miercoles jueves enero febrero mayo junio julio septiembre setiembre octubre noviembre diciembre hoy manana pasado semana fin finde estoy puedo puede pueden podes podria podrian me nos necesito busco llego llegamos dale bueno chau si pero para que viene adultos mejor perdon seria serian fecha fechas cambiar cancelar pagar ubicacion direccion servicios incluye ayuda ahora mes proximo este esta ese muy bien otra otro cuatro dos cinco seis siete ocho diez quince ano anos senia sena alguien hablar horario desayuno mas tarde despues antes noche finde feriado un dos tres no sale cuestan tenian queria gracia sisi dale listo joya barbaro che bue jaja jajaja aceptan pasame pasas mandame',
  ),
  pt: set(
    'ola oi bom boa dia noite tarde o os um uma uns do da dos das no na nos nas em com e ou voce voces quero queria gostaria tem temos ha quanto quantos custa qual quais onde quando obrigado obrigada quarto quartos chale disponivel disponiveis disponibilidade reservar reserva preco precos pessoas pessoa criancas crianca cachorro ate entre segunda terca quarta quinta sexta feira sexta janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro hoje amanha depois semana fim preciso posso pode podem sim nao mas para pra que vem adultos melhor desculpe seria datas cancelar pagar localizacao endereco servicos inclui ajuda mes proximo proxima este esta esse essa muito outra outro quatro dois duas cinco seis sete oito dez quinze ano anos alguem falar horario cafe manha noites diaria diarias gostariamos estamos somos minha meu meus minhas seu sua seus nosso estou isso tenho fica chego meia eu mais tarde depois voltarei estarei fora desde deste desta dessa deste daqui reveillon natal ao aos pela pelo feriado aceita aceitam obg vlw valeu blz beleza oie opa kkk kkkk rs rsrs vcs vc qto qdo tb tbm pfv pernoite pernoites quantas nos somos seriam fosse gente pet por agora daqui chego verdade chover vai chegada saida tchau feriadao sou chegar sair ai pelo nessa nesse fim criancinha vaga vagas conta fazer faz dinheiro tudo bem',
  ),
  en: set(
    'hello hi hey good morning evening afternoon the an of and in on at for with from to until till is are am do does did have has had you your we i my our it this that there any what when where how much many room rooms cabin available availability free book booking reserve reservation price cost night nights people person guests adults kids children dog friday monday tuesday wednesday thursday saturday sunday january february march april may june july august september october november december today tomorrow week weekend next please thanks thank yes no not would like want need can could will looking stay check change cancel pay payment location address photos help one two three four five six seven eight nine ten later days months weeks first second third ll be out back go just me tonight dec apr aug eve thanksgiving christmas easter valentine new year st nd rd th weeks arriving leaving between nah yeah yep yup nope cheers sure bye mate got anything does us kids wife husband guys hows whats pets bring jan too expensive cheap cheaper start over party send pictures were make speak english never mind',
  ),
};
/** Words that count double: nobody writes them in another of our languages. */
const strong: Record<Language, Set<string>> = {
  es: set(
    'hola y el los las del hay tienen tenes cuanto gracias habitacion noches manana quiero quisiera con una viernes lunes martes miercoles jueves hasta dale somos enero febrero junio julio septiembre setiembre octubre noviembre diciembre',
  ),
  pt: set(
    'voce voces nao obrigado obrigada quarto ola oi quero um uma amanha hoje ate noites com quanto gostaria preciso em tem do da ao das daqui chegar madrugada sexta terca feira janeiro fevereiro maio junho julho setembro outubro novembro dezembro',
  ),
  en: set(
    'the and you for with from have how what i we is are would room night nights next week hello hi please thanks thank january february march june july september october november december',
  ),
};

/** The language a text is written in; the hint, else Spanish, when the text does not tell. */
export function detectLanguage(original: string, words: readonly string[], hint?: Language): Language {
  const score: Record<Language, number> = { es: 0, pt: 0, en: 0 };
  for (let i = 0; i < words.length && i < 200; i++) {
    const word = words[i]!;
    if ((word === 'in' || word === 'out') && words[i - 1] === 'check') continue;
    for (const language of ['es', 'pt', 'en'] as const) {
      if (tell[language].has(word))
        score[language] += decisive[language].has(word) ? 3 : strong[language].has(word) ? 2 : 1;
    }
  }
  const start = original.length > 600 ? original.slice(0, 600) : original;
  if (/[ãõçêôà]/i.test(start)) score.pt += 3;
  if (/[ñ¿¡]/i.test(start)) score.es += 3;
  if (/[áéíóú]/i.test(start)) {
    score.es += 1;
    score.pt += 0.5;
  }
  if (hint) score[hint] += hintWeight(words.length);
  const order: Language[] = ['es', 'pt', 'en'];
  const fallback = hint ?? 'es';
  let best: Language = fallback;
  for (const language of order) if (score[language] > score[best]) best = language;
  return best;
}

/** A hint decides short texts ("el coihue por favor" in a talk in Portuguese) and only ties of long ones. */
const hintWeight = (words: number): number => (words <= 5 ? 2.5 : 1);

/** Words that nobody borrows: one of them alone changes the language of a talk. */
const decisive: Record<Language, Set<string>> = {
  es: set('hola buenas gracias'),
  pt: set('oi ola voce voces nao obrigado obrigada'),
  en: set('hello hi hey thanks thank'),
};
