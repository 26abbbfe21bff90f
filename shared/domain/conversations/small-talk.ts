import { foldWords } from './pick-unit.ts';

const later =
  /\b(?:(?:te|les|le) (?:aviso|avisamos|digo|decimos|escribo|confirmo|confirmamos)|lo (?:pienso|pensamos|charlo|hablo|consulto|vemos|veo)|dejame (?:pensar|ver|consultar|charlar)\w*|(?:tengo|tenemos|quiero) que (?:pensar|consultar|hablar|charlar)\w*|depois (?:te|lhe) \w+|vou (?:pensar|ver|falar)|deixa eu (?:ver|pensar|falar)|let me (?:think|check|ask|see)|i ll (?:think|check|get back|let you)|we ll (?:think|let you|get back))\b/;

/** "Lo consulto con mi mujer y te aviso", "let me think about it": the guest will come back; a question besides is none. */
export function saysLater(text: string): boolean {
  return !/[?¿]/.test(text) && later.test(foldWords(text));
}

const haggling =
  /\b(?:(?:muy|re|tan|demasiado|medio|bastante|muito|too|so|very) (?:car[ao]s?|expensive|pricey)|carisim[ao]s?|descuentos?|rebajas?|desconto|discounts?|mejor precio|(?:algo|nada|otra cosa|alguna|hay|tenes|tienen|something|anything|algum|alguma|tem) (?:un poco )?(?:mas (?:barat|economic)|cheaper|mais (?:barat|em conta))\w*)\b/;

/** "Es muy caro", "¿no hay algo más barato?", "¿hacen descuento?" */
export function haggles(text: string): boolean {
  return haggling.test(foldWords(text));
}

/** "jajaja", "haha", "kkk": nothing but laughing. */
export function isLaughter(text: string): boolean {
  return /^(?:(?:[jh]?[aei]?(?:[jh][aei])+[jh]?|k{2,}|(?:rs){1,8}) ?)+$/.test(foldWords(text).slice(0, 80));
}

/** "Una persona" while no party is asked for: who was told that a person can be had. */
export function asksForPerson(text: string): boolean {
  return /^(?:con )?(?:una persona|uma pessoa|a person)(?: por favor| porfa| please)?$/.test(foldWords(text));
}
