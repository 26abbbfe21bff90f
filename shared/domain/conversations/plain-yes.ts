import { foldWords } from './pick-unit.ts';

/** Words that a person may put around a yes without taking anything back. */
const yesWords = new Set(
  (
    'si sii siii sip sisi dale dalee ok oka okay okey okis listo perfecto perfeito genial joya barbaro buenisimo bueno bien buena ' +
    'claro obvio obviamente seguro excelente espectacular fantastico divino confirmo confirma confirmar confirmado confirmada ' +
    'confirmala confirmalo confirmame reservo reserva reservar reservala reservalo reservame reservamela reservado hacela hacelo ' +
    'mandale metele vamos adelante acepto aceptamos acuerdo quiero queremos gusta interesa esta estan ahi ya de una por favor porfa ' +
    'porfis gracias muchas la lo las los el esa ese esas esto eso me nos te le a y parece va queda quedo quedamos con ' +
    'sim isso beleza blz ta tudo certo combinado fechado pode podem quero queremos reserve obrigado obrigada favor bom boa otimo ' +
    'otima vou ficar fico essa esse com o os as um uma e ' +
    'yes yeah yep yup sure please confirm confirmed book booking it go ahead that this is fine great perfect sounds good i we ' +
    'd ll will like want take do lets let s thanks thank you so much absolutely course of alright right the one cabin'
  ).split(' '),
);

/** Words that put a yes off, tie it to something or turn it into another matter. */
const hedges =
  /\b(pero|mas|but|aunque|si (?:es|son|no|me|te|se|hay|puedo|puede|podemos|podes|tengo|tiene|tienen|llego|llegamos|fuer|fues|pudi|hubi|vini|quisi|vamos|voy|nos)\w*|se (?:for|puder|tiver|eu|nao)\w*|if|fuer\w*|fues\w*|pienso|pensar\w*|pensando|penso|think\w*|consult\w*|aviso|avisamos|avisar\w*|despues|luego|later|depois|manana|amanha|tomorrow|tarde|noche|rato|antes|primero|before|first|espera\w*|wait|todavia|aun|ainda|yet|creo|quizas?|talvez|maybe|capaz|cuando|quando|when|cambi\w*|mud\w*|chang\w*|otra|otro|outra|outro|another|cancel\w*|no|nao|not|dont|descuento|desconto|discount|solo|only|apenas|ni bien|cuanto|semana|(?:te|les|le) (?:confirmo|digo|escribo|contesto|respondo) (?:en|el|mas))\b/;

const thumbs = /^(?:[\s👍👌✅🙌💪🤝]|\p{Emoji_Modifier}|\u{FE0F}|\u{200D})+$/u;
const strongYes =
  /\b(si+|sisi|dale+|confirm\w*|reserv\w*|quiero|quero|queremos|acepto|sim|pode|yes|yeah|yep|sure|book)\b/;

/** "A nombre de Juan Pérez" takes nothing back. */
const inTheNameOf =
  /\b(?:a nombre de|em nome de|under the name(?: of)?|in the name of|mi nombre es|me llamo)(?: \p{L}+){1,4}$/u;

/** How many other words a yes may carry ("a mi nombre"); with more, something else is being said. */
const mostOthers = 2;

/**
 * Is this text nothing but a yes? A hold takes nights from everyone else, so what asks, hedges ("dale, después te aviso"),
 * imagines ("si fuéramos 3") or names a number that was not shown is not one: then the question is put again. `known`: words
 * of what was shown (the unit's name, numbers of its dates and party), which a yes may repeat; null when the text names slots
 * that were understood and are the ones shown.
 */
export function isPlainYes(text: string, known: readonly string[] | null): boolean {
  if (thumbs.test(text)) return true;
  if (/[?¿]/.test(text)) return false;
  const folded = foldWords(text);
  if (folded === '' || hedges.test(folded)) return false;
  // "Ok, gracias" may as well be a goodbye.
  if (/\b(gracias|obrigad[oa]|thanks|thank)\b/.test(folded) && !strongYes.test(folded)) return false;
  if (known === null) return true;
  const others = folded
    .replace(inTheNameOf, '')
    .split(' ')
    .filter((word) => !yesWords.has(word) && !known.includes(word));
  return others.length <= mostOthers && !others.some((word) => /\d/.test(word));
}

/** Only a thumb or the like: a yes that has no words. */
export function isThumb(text: string): boolean {
  return text.trim() !== '' && thumbs.test(text);
}
