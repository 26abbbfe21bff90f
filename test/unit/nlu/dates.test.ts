import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';
import type { Language } from '#shared/domain/conversations/understanding.ts';

/** A Tuesday. */
const today = '2026-11-24';
type Row = readonly [text: string, checkIn: string | null, checkOut?: string | null];

function check(rows: readonly Row[], language: Language = 'es'): void {
  for (const [text, checkIn, checkOut = null] of rows) {
    it(`reads "${text}"`, () => {
      const read = understand(text, { today, language });
      expect([read.checkIn, read.checkOut]).to.deep.equal([checkIn, checkOut]);
    });
  }
}

describe('dates in Spanish: one day', () => {
  check([
    ['llegamos el 9/1', '2027-01-09'],
    ['seria el 9-1-27', '2027-01-09'],
    ['para el 09.01', '2027-01-09'],
    ['nueve de enero', '2027-01-09'],
    ['ENERO 9', '2027-01-09'],
    ['el viernes 8', '2027-01-08'],
    ['hay lugar el 30?', '2026-11-30'],
    ['para el 1ro de febrero', '2027-02-01'],
    ['el primero de febrero', '2027-02-01'],
    ['el veintidós de marzo de dos mil veintisiete', '2027-03-22'],
    ['9 ene 2027', '2027-01-09'],
    ['el 9 de enro', '2027-01-09'],
    ['el 3 de dicimbre', '2026-12-03'],
    ['viernez', '2026-11-27'],
    ['hoy mismo', '2026-11-24'],
    ['para mañana', '2026-11-25'],
    ['pasado mañana', '2026-11-26'],
    ['en tres días', '2026-11-27'],
    ['dentro de dos semanas', '2026-12-08'],
    ['el jueves de la semana que viene', '2026-12-03'],
    ['el último viernes de enero', '2027-01-29'],
    ['el último día de febrero', '2027-02-28'],
    ['una semana después del 10 de enero', '2027-01-17'],
    ['dos semanas antes de navidad', '2026-12-11'],
    ['el 10 de diciembre del año que viene', '2027-12-10'],
    ['el 13 de enero (miércoles)', '2027-01-13'],
    ['la semana que viene, el jueves', '2026-12-03'],
    ['15 dec', '2026-12-15'],
  ]);
});

describe('dates in Spanish: check-in and check-out', () => {
  check([
    ['del 5 al 9 de enero', '2027-01-05', '2027-01-09'],
    ['desde el 5 de enero hasta el 9', '2027-01-05', '2027-01-09'],
    ['entre el 5 y el 9 de enero', '2027-01-05', '2027-01-09'],
    ['5-9 enero', '2027-01-05', '2027-01-09'],
    ['5/1 -> 9/1', '2027-01-05', '2027-01-09'],
    ['5/1-9/1', '2027-01-05', '2027-01-09'],
    ['5/1 al 9', '2027-01-05', '2027-01-09'],
    ['5 al 9/1', '2027-01-05', '2027-01-09'],
    ['del 29 de diciembre al 3 de enero', '2026-12-29', '2027-01-03'],
    ['del 30 al 2 de febrero', '2027-01-30', '2027-02-02'],
    ['del 30 de enero al 2', '2027-01-30', '2027-02-02'],
    ['28 12 2026 al 03 01 2027', '2026-12-28', '2027-01-03'],
    ['check-in 5/1 check-out 9/1', '2027-01-05', '2027-01-09'],
    ['ingreso el 5 de enero, egreso el 9', '2027-01-05', '2027-01-09'],
    ['entrada: 5/1 salida: 9/1', '2027-01-05', '2027-01-09'],
    ['llegamos el viernes 8 de enero y nos vamos el lunes', '2027-01-08', '2027-01-11'],
    ['del jueves al domingo', '2026-11-26', '2026-11-29'],
    ['de viernes a domingo de la semana que viene', '2026-12-04', '2026-12-06'],
    ['de hoy al viernes', '2026-11-24', '2026-11-27'],
    ['de mañana a pasado', '2026-11-25', '2026-11-26'],
    ['2 noches desde el 5 de enero', '2027-01-05', '2027-01-07'],
    ['el 5 de enero por tres noches', '2027-01-05', '2027-01-08'],
    ['una semana a partir del 5 de enero', '2027-01-05', '2027-01-12'],
    ['las noches del 5 y 6 de enero', '2027-01-05', '2027-01-07'],
    ['el 5, 6 y 7 de enero, tres noches', '2027-01-05', '2027-01-08'],
    ['en enero, del 5 al 9', '2027-01-05', '2027-01-09'],
    ['del 28 hasta año nuevo', '2026-12-28', '2027-01-01'],
    ['quiero cambiar del 5 al 9 de enero por el 12 al 15 de enero', '2027-01-12', '2027-01-15'],
    ['hasta el 15', null, '2026-12-15'],
    ['viernes, sábado y domingo', '2026-11-27', '2026-11-29'],
    ['5/6/7 de enero', '2027-01-05', '2027-01-07'],
    ['2027-01-05/2027-01-09', '2027-01-05', '2027-01-09'],
    ['entre navidad y año nuevo', '2026-12-25', '2027-01-01'],
    ['la primera quincena de enero', '2027-01-01', '2027-01-15'],
    ['el 10 llegamos y el 13 nos vamos', '2026-12-10', '2026-12-13'],
    ['llegamos el 10 y el 13 nos vamos', '2026-12-10', '2026-12-13'],
    ['el 10 entrada, el 13 salida', '2026-12-10', '2026-12-13'],
    ['10/1 entrada 13/1 salida', '2027-01-10', '2027-01-13'],
    ['10 de enero (ingreso) 13 de enero (egreso)', '2027-01-10', '2027-01-13'],
    ['el 13 nos vamos', null, '2026-12-13'],
    ['el 10 de enero salimos de Córdoba', '2027-01-10'],
    ['hoy no, mañana', '2026-11-25'],
    ['el 10 no, el 12', '2026-12-12'],
    ['no el día 10, el 12', '2026-12-12'],
    ['por qué no el 10?', '2026-12-10'],
  ]);

  it('asks when a list of days may mean nights', () => {
    expect(understand('10, 11 y 12 de febrero', { today }).ambiguous).to.deep.equal(['checkOut']);
  });

  it('counts the nights of a range', () => {
    expect(understand('del 5 al 9 de enero', { today }).nights).to.equal(4);
  });

  it('keeps nights and asks when they disagree with the dates', () => {
    const read = understand('del 5 al 9 de enero, dos noches', { today });
    expect(read.nights).to.equal(2);
    expect(read.ambiguous).to.include('checkOut');
  });
});

describe('dates in Spanish: weekends and holidays', () => {
  check([
    ['el finde', '2026-11-27', '2026-11-29'],
    ['este fin de semana', '2026-11-27', '2026-11-29'],
    ['el finde del 12 de diciembre', '2026-12-11', '2026-12-13'],
    ['el primer finde de marzo', '2027-03-05', '2027-03-07'],
    ['el finde largo', '2026-12-04', '2026-12-08'],
    ['semana santa', '2027-03-25', '2027-03-28'],
    ['carnaval', '2027-02-05', '2027-02-09'],
    ['navidad', '2026-12-25'],
    ['año nuevo', '2027-01-01'],
    ['el día después de navidad', '2026-12-26'],
    ['el lunes más cercano al 7 de enero', '2027-01-04'],
    ['el último finde del año', '2026-12-25', '2026-12-27'],
  ]);

  it('takes a Saturday as it is', () => {
    const read = understand('este finde', { today: '2026-11-28' });
    expect([read.checkIn, read.checkOut]).to.deep.equal(['2026-11-28', '2026-11-29']);
  });

  it('reads no date in a habit', () => {
    expect(understand('¿atienden los fines de semana?', { today }).checkIn).to.equal(null);
  });

  for (const text of [
    'navidad',
    'semana santa',
    'el finde largo',
    'el finde que viene',
    'el viernes que viene',
    'el martes',
  ])
    it(`asks about "${text}"`, () => {
      expect(understand(text, { today }).ambiguous).to.include('checkIn');
    });
});

describe('windows', () => {
  for (const [text, from, to] of [
    ['en enero', '2027-01-01', '2027-01-31'],
    ['febrero 2028', '2028-02-01', '2028-02-29'],
    ['la semana que viene', '2026-11-30', '2026-12-06'],
    ['cualquier finde de febrero', '2027-02-01', '2027-02-28'],
    ['principios de enero, 3 noches', '2027-01-01', '2027-01-10'],
    ['2 noches a fines de febrero', '2027-02-21', '2027-02-28'],
    ['vacaciones de invierno', '2027-07-03', '2027-08-01'],
    ['un viernes de enero', '2027-01-01', '2027-01-31'],
    ['para las fiestas', '2026-12-23', '2027-01-02'],
    ['2 noches en febrero, cualquier finde', '2027-02-01', '2027-02-28'],
    ['any weekend in March', '2027-03-01', '2027-03-31'],
    ['no mês que vem', '2026-12-01', '2026-12-31'],
  ] as const)
    it(`keeps "${text}" open`, () => {
      const read = understand(text, { today });
      expect(read.window).to.deep.equal({ from, to });
      expect([read.checkIn, read.checkOut]).to.deep.equal([null, null]);
    });
});

describe('vague times: a window, and how it may be meant, asked about', () => {
  for (const [text, language, checkIn, checkOut] of [
    ['a principios de enero', 'es', '2027-01-01', '2027-01-10'],
    ['fines de febrero', 'es', '2027-02-21', '2027-02-28'],
    ['esta semana', 'es', '2026-11-24', '2026-11-29'],
    ['el resto del mes', 'es', '2026-11-24', '2026-11-30'],
    ['en menos de 3 días', 'es', '2026-11-24', '2026-11-27'],
    ['los próximos 15 días', 'es', '2026-12-09', null],
    ['01/2027', 'es', '2027-01-01', null],
    ['no meio de janeiro', 'pt', '2027-01-10', '2027-01-19'],
    ['resto da semana', 'pt', '2026-11-24', '2026-11-29'],
    ['early March', 'en', '2027-03-01', '2027-03-10'],
    ['mid-May', 'en', '2027-05-11', '2027-05-20'],
    ['late this month', 'en', '2026-11-21', '2026-11-30'],
    ['end of next week', 'en', '2026-12-04', '2026-12-06'],
    ['two upcoming days', 'en', '2026-11-26', null],
    ['next 2 weeks 3 days', 'en', '2026-12-11', null],
  ] as const)
    it(`reads "${text}"`, () => {
      const read = understand(text, { today, language });
      expect([read.checkIn, read.checkOut, read.nights]).to.deep.equal([checkIn, checkOut, null]);
      expect(read.window).to.not.equal(null);
      expect(read.ambiguous).to.deep.equal(checkOut ? ['checkIn', 'checkOut'] : ['checkIn']);
    });
});

describe('dates that cannot be', () => {
  for (const [text, kind, words] of [
    ['el 31/02', 'impossible', '31/02'],
    ['Para el 30 de Febrero', 'impossible', '30 de Febrero'],
    ['29/2/2027', 'impossible', '29/2/2027'],
    ['el 25/13', 'impossible', '25/13'],
    ['del 9 de enero al 5 de enero', 'reversed', '9 de enero al 5 de enero'],
    ['del 20/1 al 15/1', 'reversed', '20/1 al 15/1'],
    ['10 de enero de 2025', 'past', '10 de enero de 2025'],
  ] as const)
    it(`names "${text}"`, () => {
      expect(understand(text, { today }).dateProblem).to.deep.equal({ kind, text: words });
    });

  it('does not turn a reversed range around', () => {
    const read = understand('del 20/1 al 15/1', { today });
    expect([read.checkIn, read.checkOut]).to.deep.equal([null, null]);
  });

  it('finds the next 29 February', () => {
    expect(understand('29 de febrero', { today }).checkIn).to.equal('2028-02-29');
  });
});

describe('dates in Portuguese', () => {
  check(
    [
      ['de 5 a 9 de janeiro', '2027-01-05', '2027-01-09'],
      ['chego dia 5 de janeiro e saio dia 9', '2027-01-05', '2027-01-09'],
      ['do dia 30 ao dia 2 de fevereiro', '2027-01-30', '2027-02-02'],
      ['na sexta-feira', '2026-11-27'],
      ['4ª feira dia 25', '2026-11-25'],
      ['de sexta a domingo', '2026-11-27', '2026-11-29'],
      ['depois de amanhã', '2026-11-26'],
      ['dia primeiro de março', '2027-03-01'],
      ['no fim de semana', '2026-11-27', '2026-11-29'],
      ['dia 5 de janeiro por 3 noites', '2027-01-05', '2027-01-08'],
      ['no natal', '2026-12-25'],
      ['um dia antes do natal', '2026-12-24'],
      ['a segunda mais próxima de 7 de janeiro', '2027-01-04'],
    ],
    'pt',
  );
});

describe('dates in English', () => {
  check(
    [
      ['from January 5 to January 9', '2027-01-05', '2027-01-09'],
      ['Jan 5th - 9th', '2027-01-05', '2027-01-09'],
      ['from the 5th to the 9th of January', '2027-01-05', '2027-01-09'],
      ['arriving Jan 5, leaving Jan 9', '2027-01-05', '2027-01-09'],
      ['3 nights starting 5 January', '2027-01-05', '2027-01-08'],
      ['next Friday', '2026-12-04'],
      ['this weekend', '2026-11-27', '2026-11-29'],
      ['tomorrow night', '2026-11-25'],
      ['in two weeks', '2026-12-08'],
      ['on 1/20', '2027-01-20'],
      ['20/1 to 23/1', '2027-01-20', '2027-01-23'],
      ['5/1 to 23/1', '2027-01-05', '2027-01-23'],
      ['the last Friday of January', '2027-01-29'],
      ['the closest Monday to Jan 7th', '2027-01-04'],
      ['the second closest Monday to Jan 7th', '2027-01-11'],
      ['in 2 weeks and 3 days', '2026-12-11'],
      ['in about 10 days', '2026-12-04'],
      ['the day after Christmas', '2026-12-26'],
      ['second to last day of January', '2027-01-30'],
      ['the weekend of January 9', '2027-01-08', '2027-01-10'],
      ['the last weekend of 2026', '2026-12-25', '2026-12-27'],
      ['this coming Friday', '2026-11-27'],
    ],
    'en',
  );

  it('asks when day and month can be swapped', () => {
    expect(understand('on 1/5', { today, language: 'en' }).ambiguous).to.include('checkIn');
  });

  it('prefers a stay of days over one of months', () => {
    const read = understand('arriving 5/1, leaving 8/1', { today, language: 'en' });
    expect([read.checkIn, read.checkOut]).to.deep.equal(['2027-01-05', '2027-01-08']);
    expect(read.ambiguous).to.include('checkIn');
  });
});

describe('what is no date', () => {
  for (const text of [
    'cuesta $10.500?',
    'son 120 mil la noche',
    'llegamos a las 10 de la noche',
    'entre las 10 y las 12 hs',
    'mi número es 11 4567-8901',
    '+54 9 351 555 1234',
    'somos 2-3 personas',
    'atienden 24/7?',
    'la cabaña 3',
    'reserva #10-12',
    'buenas noches',
    'qué lindo el mar',
    'el primero que conteste',
    'una ruta de 10 km',
    'tiene 2 camas y 1 baño',
    'ver www.posada.com/10/12',
    'I may come',
    'gracias por tu ayuda hoy',
    'hoy no puedo',
  ])
    it(`finds none in "${text}"`, () => {
      const read = understand(text, { today });
      expect([read.checkIn, read.checkOut, read.window]).to.deep.equal([null, null, null]);
    });
});
