import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';

const today = '2026-11-24';

describe('the party', () => {
  for (const [text, adults, children] of [
    ['somos 4', 4, 0],
    ['somos cuatro personas', 4, 0],
    ['para dos', 2, 0],
    ['para 6 pax', 6, 0],
    ['3 huéspedes', 3, 0],
    ['2 adultos y 1 menor', 2, 1],
    ['dos adultos, dos nenes de 5 y 8 años', 2, 2],
    ['2 grandes y 2 chicos (4 y 6)', 2, 2],
    ['una pareja', 2, 0],
    ['una pareja con un bebé de 6 meses', 2, 1],
    ['pareja + bebé', 2, 1],
    ['mi marido y yo', 2, 0],
    ['mi esposo, mi hija de 6 y yo', 2, 1],
    ['voy con mi novia', 2, 0],
    ['voy con mi hijo de 8', 1, 1],
    ['viajo sola', 1, 0],
    ['matrimonio con dos hijos', 2, 2],
    ['familia de 5', 5, 0],
    ['tres parejas', 6, 0],
    ['5 en 3 habitaciones', 5, 0],
    ['somos 3: 2 adultos y 1 menor', 2, 1],
    ['del 10 al 12 de enero para 4', 4, 0],
    ['10/1 al 12/1 x 2', 2, 0],
    ['um casal com duas crianças', 2, 2],
    ['para 3 pessoas', 3, 0],
    ['two adults and one kid', 2, 1],
    ['my wife and I', 2, 0],
    ['we are 5', 5, 0],
    ['there are two of us', 2, 0],
    ['vamos los 4', 4, 0],
    ['nós dois', 2, 0],
    ['una cabaña para los 8', 8, 0],
    ['para las 8 personas', 8, 0],
    ['es para uno', 1, 0],
  ] as const)
    it(`counts "${text}"`, () => {
      expect(understand(text, { today }).guests).to.deep.equal({ adults, children, total: adults + children });
    });

  for (const [text, total] of [
    ['2-3 personas', 3],
    ['seríamos 2 o 3', 3],
    ['seremos entre 4 y 6', 6],
  ] as const)
    it(`takes the larger number of "${text}" and asks`, () => {
      const read = understand(text, { today });
      expect(read.guests?.total).to.equal(total);
      expect(read.ambiguous).to.deep.equal(['guests']);
    });

  for (const text of [
    '3 noches',
    '$4 mil',
    'a las 4',
    '4 de enero',
    'cama matrimonial',
    'una habitación',
    'hotel 3 estrellas',
    'a four-star place',
    'for 12 whole days',
    'two hotel rooms',
    'llego para las 8',
    'yo quiero saber',
  ])
    it(`counts nobody in "${text}"`, () => {
      expect(understand(text, { today }).guests).to.equal(null);
    });

  it('counts units apart from people', () => {
    const read = understand('dos cabañas para 8 personas', { today });
    expect([read.units, read.guests?.total]).to.deep.equal([2, 8]);
  });

  for (const [text, units] of [
    ['necesito 2 habitaciones', 2],
    ['two smoking rooms', 2],
    ['una sola cabaña', 1],
    ['una cabaña', null],
    ['una cabaña con 2 habitaciones', null],
    ['a two room cabin', null],
    ['depto de 2 ambientes', null],
  ] as const)
    it(`counts the units of "${text}"`, () => {
      expect(understand(text, { today }).units).to.equal(units);
    });

  for (const [text, has] of [
    ['vamos con perro', true],
    ['puedo llevar a mi gato?', true],
    ['we have a dog', true],
    ['¿aceptan mascotas?', false],
    ['sin perro', false],
  ] as const)
    it(`${has ? 'sees' : 'sees no'} animal in "${text}"`, () => {
      expect(understand(text, { today }).hasPet).to.equal(has);
    });
});
