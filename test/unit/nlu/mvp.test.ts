import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';

/** What the first version of the desk was asked, and what it should have understood. */
const today = '2026-11-24';

describe('the utterances of the first version', () => {
  for (const [text, intent, checkIn, checkOut, guests] of [
    ['¿Hay disponibilidad para el 15?', 'availability', '2026-12-15', null, null],
    ['Cuál es el precio por noche?', 'price', null, null, null],
    ['Quiero reservar del 10 al 12', 'book', '2026-12-10', '2026-12-12', null],
    ['Tienen wifi y qué servicios incluyen?', 'amenities', null, null, null],
    ['Necesito saber precio para 15/01/2026', 'price', '2026-01-15', null, null],
    ['Quiero el fin de semana próximo', 'availability', '2026-11-27', '2026-11-29', null],
    ['Hola', 'greeting', null, null, null],
    ['Del 20 al 22 de octubre', 'availability', '2027-10-20', '2027-10-22', null],
    ['Hay disponibilidad?', 'availability', null, null, null],
    ['hay disponibilidad', 'availability', null, null, null],
    ['fin de semana próximo', 'availability', '2026-11-27', '2026-11-29', null],
    ['Hay libre 25/12 al 28/12 para 4 personas?', 'availability', '2026-12-25', '2026-12-28', 4],
    ['Hola, quisiera info', 'help', null, null, null],
    ['Hola, hay disponibilidad?', 'availability', null, null, null],
    ['disponible el finde?', 'availability', '2026-11-27', '2026-11-29', null],
    ['Quiero reservar para el 15/12 al 18/12 para 4 personas', 'book', '2026-12-15', '2026-12-18', 4],
    ['Hay disponibilidad para mañana?', 'availability', '2026-11-25', null, null],
    ['Cuánto sale la cabaña?', 'price', null, null, null],
    ['Quiero reservar', 'book', null, null, null],
    ['Qué servicios incluye?', 'amenities', null, null, null],
    ['Cuánto sale la cabaña para 2 personas?', 'price', null, null, 2],
    ['Del 20/11 al 23/11', 'availability', '2027-11-20', '2027-11-23', null],
    ['Para este fin de semana', 'availability', '2026-11-27', '2026-11-29', null],
    ['El 15 de diciembre', 'availability', '2026-12-15', null, null],
    ['Somos 4 personas', 'availability', null, null, 4],
    ['Para 2 pax', 'availability', null, null, 2],
    ['6 huéspedes', 'availability', null, null, 6],
    ['4 personas', 'availability', null, null, 4],
    ['para 4 pax', 'availability', null, null, 4],
    ['2 huespedes', 'availability', null, null, 2],
    ['disponibilidad', 'availability', null, null, null],
    ['DISPONIBILIDAD', 'availability', null, null, null],
    ['disponib', 'availability', null, null, null],
    ['está disponible', 'availability', null, null, null],
    ['15/12/2026', 'availability', '2026-12-15', null, null],
    ['15-12-2026', 'availability', '2026-12-15', null, null],
    ['15/12', 'availability', '2026-12-15', null, null],
    ['15-12', 'availability', '2026-12-15', null, null],
    ['', 'unknown', null, null, null],
    [`${'palabra '.repeat(200)} reservar 15/12`, 'book', '2026-12-15', null, null],
    ['Hola! Quiero reservar 😊', 'book', null, null, null],
    ['Precio??? $$$', 'price', null, null, null],
    ['Disponibilidad @#$%', 'availability', null, null, null],
    ['15/12 -> 18/12', 'availability', '2026-12-15', '2026-12-18', null],
    ['Quiero saber si hay disponibilidad y cuánto sale para reservar', 'availability', null, null, null],
    ['Hola, quiero información', 'help', null, null, null],
    ['Quiero reservar una cabaña', 'book', null, null, null],
    ['Para 4 personas', 'availability', null, null, 4],
    ['Quiero reservar el finde', 'book', '2026-11-27', '2026-11-29', null],
    ['Reserva para el finde', 'book', '2026-11-27', '2026-11-29', null],
    ['del 20 al 22 de octubre para 2-3 personas', 'availability', '2027-10-20', '2027-10-22', 3],
    ['somos 4', 'availability', null, null, 4],
    ['para 2 adultos y 1 niño', 'availability', null, null, 3],
    ['finde largo para dos', 'availability', '2026-12-04', '2026-12-08', 2],
    ['mañana hay lugar?', 'availability', '2026-11-25', null, null],
    ['quiero cancelar mi reserva', 'cancel', null, null, null],
    ['5/1-8/1', 'availability', '2027-01-05', '2027-01-08', null],
    ['31/02 al 03/03', 'availability', null, '2027-03-03', null],
    ['15/01 al 10/01', 'availability', null, null, null],
  ] as const)
    it(`understands "${text.slice(0, 60)}"`, () => {
      const read = understand(text, { today });
      expect([read.intent, read.checkIn, read.checkOut, read.guests?.total ?? null]).to.deep.equal([
        intent,
        checkIn,
        checkOut,
        guests,
      ]);
    });

  it('names what cannot be', () => {
    expect(understand('15/01 al 10/01', { today }).dateProblem?.kind).to.equal('reversed');
    expect(understand('31/02 al 03/03', { today }).dateProblem).to.deep.equal({ kind: 'impossible', text: '31/02' });
    expect(understand('Necesito saber precio para 15/01/2026', { today }).dateProblem?.kind).to.equal('past');
  });

  it('remembers nothing from one message to the next', () => {
    const first = understand('Quiero reservar', { today });
    understand('Para 4 personas', { today });
    expect(understand('Quiero reservar', { today })).to.deep.equal(first);
  });
});
