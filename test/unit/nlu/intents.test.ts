import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';
import type { Intent, Language } from '#shared/domain/conversations/understanding.ts';

const today = '2026-11-24';
const intent = (text: string, language?: Language): Intent =>
  understand(text, { today, ...(language ? { language } : {}) }).intent;

describe('intents', () => {
  for (const [text, wanted] of [
    ['Hola, buenas tardes', 'greeting'],
    ['chau, hasta luego', 'greeting'],
    ['¿tenés lugar para el finde?', 'availability'],
    ['hay disponibilidad y cuánto sale?', 'availability'],
    ['busco una cabaña', 'availability'],
    ['¿cuánto está la noche?', 'price'],
    ['pasame precios porfa', 'price'],
    ['quiero reservar', 'book'],
    ['me la quedo', 'book'],
    ['quiero cambiar la fecha', 'change'],
    ['queremos quedarnos una noche más', 'change'],
    ['necesito cancelar', 'cancel'],
    ['no podemos ir', 'cancel'],
    ['quiero ver mi reserva', 'my_bookings'],
    ['¿cómo pago?', 'payment'],
    ['te transferí la seña', 'payment'],
    ['¿tienen pileta y wifi?', 'amenities'],
    ['¿dónde queda?', 'location'],
    ['mandame fotos', 'photos'],
    ['¿a qué hora es el check-in?', 'checkin_info'],
    ['¿puedo dejar la cabaña más tarde, late checkout?', 'checkin_info'],
    ['¿aceptan perros?', 'pets'],
    ['¿cuáles son las reglas de la casa?', 'policies'],
    ['¿se puede fumar?', 'policies'],
    ['quiero hablar con una persona', 'human'],
    ['pasame con el dueño', 'human'],
    ['muchas gracias', 'thanks'],
    ['sí, dale', 'yes'],
    ['no, gracias', 'no'],
    ['ayuda', 'help'],
    ['empecemos de nuevo', 'start_over'],
    ['xkcd qwerty', 'unknown'],
    ['contame un chiste', 'unknown'],
    ['', 'unknown'],
    ['oi, tudo bem?', 'greeting'],
    ['quanto custa a diária?', 'price'],
    ['tem vaga para o carnaval?', 'availability'],
    ['quero falar com um atendente', 'human'],
    ['onde vocês ficam?', 'location'],
    ['não, obrigado', 'no'],
    ['how much per night?', 'price'],
    ['do you have any rooms available?', 'availability'],
    ["I'd like to book", 'book'],
    ['can I speak to a human?', 'human'],
    ['where are you located?', 'location'],
    ['yes please', 'yes'],
  ] as const)
    it(`hears ${wanted} in "${text}"`, () => {
      expect(intent(text)).to.equal(wanted);
    });

  it('puts the question before the greeting and the thanks', () => {
    expect(understand('Hola! cuánto sale? gracias', { today }).intents).to.deep.equal(['price', 'thanks', 'greeting']);
  });

  for (const [text, denied] of [
    ['no quiero cancelar', 'cancel'],
    ['no quiero hablar con nadie, no quiero una persona', 'human'],
    ["I don't want to cancel", 'cancel'],
    ['não quero cancelar', 'cancel'],
  ] as const)
    it(`does not hear ${denied} in "${text}"`, () => {
      expect(understand(text, { today }).intents).not.to.include(denied);
    });

  it('hears what comes after a denial', () => {
    expect(intent('no quiero cancelar, quiero cambiar la fecha')).to.equal('change');
  });

  it('always hears a person asked for', () => {
    expect(intent('hola, quiero cancelar y hablar con una persona')).to.equal('human');
  });

  it('takes dates alone for a question about them', () => {
    expect(intent('del 5 al 9 de enero')).to.equal('availability');
  });

  it('puts a whole stay before a question about the place', () => {
    const read = understand('queremos ir del 2/1 al 9/1. ¿Tienen pileta?', { today });
    expect(read.intents).to.deep.equal(['availability', 'amenities']);
  });

  it('hears yes first when a yes was asked for', () => {
    const read = understand('perfecto, gracias', { today, expecting: 'confirmation' });
    expect(read.intent).to.equal('yes');
  });

  it('forgives typos', () => {
    expect(intent('hay disponibiliad?')).to.equal('availability');
    expect(intent('quiero reserbar')).to.equal('book');
  });
});

describe('languages', () => {
  for (const [text, wanted] of [
    ['hola, tenés lugar?', 'es'],
    ['olá, tem vaga?', 'pt'],
    ['do you have a room?', 'en'],
    ['quero reservar um quarto', 'pt'],
    ['hola do you have rooms para el 15 de enero?', 'es'],
  ] as const)
    it(`reads "${text}" as ${wanted}`, () => {
      expect(understand(text, { today }).language).to.equal(wanted);
    });

  it('follows the hint when the text does not tell', () => {
    expect(understand('10/1', { today, language: 'pt' }).language).to.equal('pt');
    expect(understand('👍', { today, language: 'en' }).language).to.equal('en');
  });

  it('lets the text win over the hint', () => {
    expect(understand('quiero una habitación para dos noches', { today, language: 'en' }).language).to.equal('es');
  });

  it('understands a message in two languages', () => {
    const read = understand('hola, quiero book a room del 5 al 9 de enero', { today });
    expect([read.intent, read.checkIn, read.checkOut]).to.deep.equal(['book', '2027-01-05', '2027-01-09']);
  });
});
