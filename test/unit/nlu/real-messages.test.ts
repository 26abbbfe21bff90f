import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';
import type { Intent, Language, Understanding } from '#shared/domain/conversations/understanding.ts';

/** A Tuesday. Sentences as guests type and dictate them; each stands for a class that was once read wrongly. */
const today = '2026-11-24';
const read = (text: string, language?: Language): Understanding =>
  understand(text, { today, ...(language ? { language } : {}) });

describe('real messages: dates', () => {
  for (const [text, checkIn, checkOut, language] of [
    ['desde el viernes 18 x 2 noches', '2026-12-18', '2026-12-20'],
    ['el 10 por 3 noches', '2026-12-10', '2026-12-13'],
    ['del uno al cinco', '2026-12-01', '2026-12-05'],
    ['do dia primeiro ao dia cinco de fevereiro', '2027-02-01', '2027-02-05', 'pt'],
    ['17 18 y 19 de julio, 3 noches', '2027-07-17', '2027-07-20'],
    ['entrada 1 y 2 de febrero salida el 3 febrero', '2027-02-01', '2027-02-03'],
    ['in 10 out 14 de enero', '2027-01-10', '2027-01-14'],
    ['entrada 10 salida 14 enero', '2027-01-10', '2027-01-14'],
    ['el 20 del 1', '2027-01-20', null],
    ['del 20 del 12 al 3 del 1', '2026-12-20', '2027-01-03'],
    ['somos 4 del 10 al 12 de enero', '2027-01-10', '2027-01-12'],
    ['10.1 al 14.1', '2027-01-10', '2027-01-14'],
    ['enero 2da quincena', '2027-01-15', '2027-01-31'],
    ['2da semana de febrero, del 8 al 12', '2027-02-08', '2027-02-12'],
    ['la segunda semana de enero, más o menos del 8 al 15', '2027-01-08', '2027-01-15'],
    ['del viernes a la tarde al domingo a la tarde', '2026-11-27', '2026-11-29'],
    ['el lunes 7 de diciembre es feriado, vamos del sábado al martes', '2026-12-05', '2026-12-08'],
    ['para pasar año nuevo, del 30 al 2', '2026-12-30', '2027-01-02'],
    ['para carnaval, llegando el 5', '2027-02-05', null],
    ['dentro de dos semanas, de viernes a domingo', '2026-12-11', '2026-12-13'],
    ['el finde que viene no, el otro', '2026-12-04', '2026-12-06'],
    ['not this weekend, the next one', '2026-12-04', '2026-12-06', 'en'],
    ['checking in on the 12th, out on the 15th', '2026-12-12', '2026-12-15', 'en'],
    ['el día después de mañana', '2026-11-26', null],
    ['de acá a dos semanas', '2026-12-08', null],
    ['para esta misma noche', '2026-11-24', null],
    ['del 28 de este mes al 2 del que viene', '2026-11-28', '2026-12-02'],
    ['três diárias a partir do dia 10 de janeiro', '2027-01-10', '2027-01-13', 'pt'],
    ['hola q tal, necesito dsd el 10 hasta el 14 d enero', '2027-01-10', '2027-01-14'],
  ] as const)
    it(`reads "${text}"`, () => {
      const said = read(text, language);
      expect([said.checkIn, said.checkOut]).to.deep.equal([checkIn, checkOut]);
    });

  for (const [text, from, to] of [
    ['para las dos primeras semanas de febrero', '2027-02-01', '2027-02-14'],
    ['los primeros diez días de enero', '2027-01-01', '2027-01-10'],
    ['las dos últimas semanas de enero', '2027-01-18', '2027-01-31'],
    ['primeros días de marzo', '2027-03-01', '2027-03-10'],
    ['first two weeks of february', '2027-02-01', '2027-02-14'],
    ['esta semana no, la otra', '2026-11-30', '2026-12-06'],
    ['el mes q viene', '2026-12-01', '2026-12-31'],
  ] as const)
    it(`reads "${text}" as a window, and no party in it`, () => {
      const said = read(text);
      expect([said.window, said.guests]).to.deep.equal([{ from, to }, null]);
    });

  for (const text of [
    'puede ser del 10 al 15 o del 12 al 17 de enero',
    '10 14 de enero',
    '10 11 12 de enero',
    'para el 8 y 9 de febrero tenes?',
    'dentro de dos semanas, de viernes a domingo',
    'el finde que viene no, el otro',
    'para carnaval, del 20 al 23',
    'el lunes 7 de diciembre es feriado, vamos del sábado al martes',
    'el 29 de febrero',
  ])
    it(`asks about "${text}"`, () => {
      expect(read(text).ambiguous).not.to.deep.equal([]);
    });

  it('lends the month of what is only talked about, and no check-in', () => {
    const near = '2027-01-01';
    expect(understand('desde el 18', { today, near }).checkIn).to.equal('2027-01-18');
    expect(understand('segunda quincena', { today, near }).window).to.deep.equal({
      from: '2027-01-15',
      to: '2027-01-31',
    });
    expect(understand('la segunda semana', { today, near }).window).to.deep.equal({
      from: '2027-01-08',
      to: '2027-01-14',
    });
    const after = understand('mejor el finde siguiente', {
      today,
      known: { checkIn: '2027-02-12', checkOut: '2027-02-14' },
    });
    expect([after.checkIn, after.checkOut]).to.deep.equal(['2027-02-19', '2027-02-21']);
    const week = understand('una semana', { today, near, expecting: 'dates' });
    expect([week.checkIn, week.checkOut, week.nights]).to.deep.equal([null, null, 7]);
  });
});

describe('real messages: the party', () => {
  for (const [text, adults, children] of [
    ['voy con mi hermano y mi cuñada', 3, 0],
    ['seríamos mis viejos, mi mujer y yo', 4, 0],
    ['mi esposo, mi suegra, los chicos (2) y yo', 3, 2],
    ['2 adultos 2 menores 1 bebe', 2, 3],
    ['2 adultos, 1 niño de 5 y 1 bebé de 8 meses', 2, 2],
    ['Ingreso: 10 de enero. Egreso: 14 de enero. Pasajeros: 4', 4, 0],
    ['Adultos: 2 Menores: 1', 2, 1],
    ['2ad 2 men', 4, 0],
    ['y si fuéramos 3?', 3, 0],
    ['what if we were 3?', 3, 0],
    ['somos 6 al final', 6, 0],
    ['me and my wife', 2, 0],
    ['4 amigos y yo', 5, 0],
    ['eu e mais três amigos', 4, 0],
    ['me, my husband and our two kids', 2, 2],
    ['my wife, me and our 3 year old', 2, 1],
    ['party of 8', 8, 0],
    ['para mí solo', 1, 0],
  ] as const)
    it(`"${text}"`, () => {
      const { guests, ambiguous } = read(text);
      expect([guests?.adults, guests?.children, ambiguous.includes('guests')]).to.deep.equal([adults, children, false]);
    });

  for (const text of [
    'in a couple of days',
    'lo consulto con mi marido y te digo',
    'mi teléfono es 11 5555 4444',
    'para las dos primeras semanas de febrero',
  ])
    it(`none in "${text}"`, () => {
      expect(read(text).guests).to.equal(null);
    });

  for (const text of [
    'somos 4 pero quizá 5',
    'capaz somos 5',
    'somos 2 pero capaz viene mi hermana',
    'nosotros dos y el bebé',
    'dos parejas con dos chicos cada una',
    'mi marido dice que sí',
  ])
    it(`asks about "${text}"`, () => {
      expect(read(text).ambiguous).to.include('guests');
    });

  it('reads no day as a party, whatever was asked', () => {
    expect(understand('desde el 18', { today, expecting: 'guests' }).guests).to.equal(null);
    expect(understand('al 4', { today, expecting: 'guests' }).guests).to.equal(null);
  });

  it('counts the rooms inside a cabin as no cabins', () => {
    expect(read('cabaña para 4 con 2 habitaciones').units).to.equal(null);
  });
});

describe('real messages: what is wanted', () => {
  for (const [text, intent, language] of [
    ['jajaja dale', 'yes'],
    ['jaja no', 'no'],
    ['después te confirmo', 'no'],
    ['let me think about it', 'no', 'en'],
    ['deixa eu ver com minha esposa', 'no', 'pt'],
    ['a cuánto está el dólar', 'unknown'],
    ['toman dólares?', 'payment'],
    ['me devuelven la seña si cancelo?', 'policies'],
    ['hasta cuándo puedo cancelar sin cargo?', 'policies'],
    ['what if I need to cancel?', 'policies', 'en'],
    ['se eu cancelar devolvem o dinheiro?', 'policies', 'pt'],
    ['cancelá la reserva', 'cancel'],
    ['al final no viajamos', 'cancel'],
    ['no me llegó el link', 'payment'],
    ['se puede dejar el auto?', 'amenities'],
    ['dónde se pueden dejar las valijas?', 'checkin_info'],
    ['quiero hacer un reclamo', 'human'],
    ['llamame por favor', 'human'],
    ['me quedo con la más barata', 'book'],
    ['quiero la primera', 'book'],
    ['me confirmás mi reserva?', 'my_bookings'],
    ["where's my booking?", 'my_bookings', 'en'],
    ['es muy caro', 'price'],
    ['mil gracias, nos vemos', 'thanks'],
    ['cómo sigo?', 'help'],
    ['a cuánto están del centro?', 'location'],
    ['cuánto tiempo tengo para pagar?', 'payment'],
    ['posso cancelar sem multa?', 'policies', 'pt'],
    ['qual a chave pix?', 'payment', 'pt'],
  ] as readonly (readonly [string, Intent, Language?])[])
    it(`"${text}" is ${intent}`, () => {
      expect(read(text, language).intent).to.equal(intent);
    });

  it('hears no cancellation in a question about it', () => {
    expect(read('puedo cancelar si me enfermo?').intents).not.to.include('cancel');
    expect(read('cancelame la reserva por favor').intent).to.equal('cancel');
  });

  it('hears no yes in an if', () => {
    expect(read('y si fuéramos 3?').intents).not.to.include('yes');
  });

  it('knows the language of short texts, and keeps a talk in its own', () => {
    for (const [text, language] of [
      ['aceita pet?', 'pt'],
      ['vlw', 'pt'],
      ['chegada 10/01 saída 15/01', 'pt'],
      ['nah', 'en'],
      ['too expensive', 'en'],
      ['no', 'es'],
    ] as const)
      expect(read(text).language, text).to.equal(language);
    expect(read('el coihue por favor', 'pt').language).to.equal('pt');
    expect(read('hola, hay lugar?', 'pt').language).to.equal('es');
    expect(read('oi', 'es').language).to.equal('pt');
  });
});
