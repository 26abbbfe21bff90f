import { expect } from 'chai';
import { isPlainYes } from '#shared/domain/conversations/plain-yes.ts';

const known = ['cabana', 'lenga', '10', '14', '4'];

describe('a plain yes', () => {
  const yes = [
    'sí',
    'Si!',
    'dale',
    'Dale, perfecto',
    'sí, confirmo la cabaña Lenga',
    'dale, a nombre de Ana',
    'si por favor, reservala',
    'listo, confirmala nomás',
    'sí, para 4',
    'ok',
    'Sí, gracias',
    'de una',
    '👍',
    '👍🏽',
    'sim, pode reservar',
    'pode confirmar, obrigado',
    'yes please, book it',
    'sounds good, go ahead',
  ];
  for (const text of yes) it(`is "${text}"`, () => expect(isPlainYes(text, known)).to.equal(true));

  const others = [
    'y si fuéramos 3?',
    'si fueramos 3',
    'si me das un descuento',
    'ok, te aviso',
    'dale, lo pienso',
    'bueno, después te confirmo',
    'ok gracias',
    'sí pero a qué hora es el check in',
    'si, y se puede pagar en efectivo?',
    'dale, mañana lo confirmo',
    'sí, para 5',
    'si puedo llegar tarde',
    'dale dejame consultarlo con mi marido',
    'sí, la otra',
    'sim, mas antes preciso ver',
    'vou pensar',
    'yes, but for 3',
    "I don't know",
    'ok thanks',
    'let me think',
    'yes if there is a pool',
    '😂',
    '',
  ];
  for (const text of others) it(`is not "${text}"`, () => expect(isPlainYes(text, known)).to.equal(false));
});
