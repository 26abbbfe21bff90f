import type { Understanding, UnderstandOptions } from '#shared/domain/conversations/understanding.ts';

/** Messages that together walk most of the rules. */
const samples = [
  'hola! tienen lugar del 10 al 12 de enero para 2 adultos y un nene de 5 años? cuánto sale?',
  'el finde largo, 3 noches, somos 4 con perro; mejor el viernes 15/01 hasta el domingo',
  'a principios de febrero o en semana santa, mi marido y yo, no quiero cancelar',
  'oi, tem quarto de sexta a domingo para duas pessoas na semana que vem? qual o preço',
  'hi, do you have a room from Jan 5th to the 9th for two adults, or any weekend in March?',
  'in two weeks and 3 days, check in on 2027-01-10, 2 cabins for a group of 5, thanks',
];

/**
 * Reads a few messages once, so that the first guest after a start does not wait for code that the engine has not compiled
 * yet: the first long text would take about eight times as long as later ones.
 */
export function warmUp(understand: (text: string, options: UnderstandOptions) => Understanding): void {
  const long = samples.join(' ').repeat(6);
  for (let round = 0; round < 4; round++)
    for (const text of [...samples, long.slice(40 * round, 40 * round + 2500)])
      understand(text, { today: '2026-11-24', expecting: 'dates' });
}
