import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';
import { readable } from './check-limits.ts';
import { buildMessage, createWorld, takeTurn, toUnderstandOptions, type World } from './world.ts';

async function say(world: World, text: string): Promise<string> {
  const understanding = understand(text, toUnderstandOptions(world.state, world.language, '2026-11-24'));
  const turn = await takeTurn(world, [{ ...buildMessage(), text, understanding }]);
  expect(turn.decision.act, text).to.equal(null);
  return turn.replies.map(readable).join('\n');
}

describe('a doubtful reading is asked about and never taken', () => {
  for (const text of [
    'para el finde que viene',
    'el finde que viene no, el otro',
    'dentro de dos semanas, de viernes a domingo',
    'el 8 y 9 de febrero',
    '10 11 12 de enero',
    'del 10 al 15 o del 12 al 17 de enero',
    'para carnaval, del 20 al 23',
    'el lunes 7 de diciembre es feriado, vamos del sábado al martes',
    'viernes 12 de enero',
    'del 5 al 9 de enero, dos noches',
    'desde el 10 de enero por 4 días',
    'semana santa',
    'el 29 de febrero',
    'del 30 al 31 de febrero',
    'del 15 al 10 de febrero de 2027',
  ])
    it(`"${text}"`, async () => {
      const world = createWorld();
      await say(world, 'quiero la lenga para 2');
      expect(await say(world, text)).to.match(/\?/);
      expect([world.state.checkOut, world.state.summary]).to.deep.equal([undefined, undefined]);
    });

  for (const text of ['capaz somos 5', 'somos 4 pero quizá 5', 'dos parejas con dos chicos cada una', 'somos 4 o 5'])
    it(`"${text}"`, async () => {
      const world = createWorld();
      await say(world, 'quiero la lenga del 10 al 14 de enero');
      expect(await say(world, text)).to.match(/\?/);
      expect([world.state.party, world.state.summary]).to.deep.equal([undefined, undefined]);
    });
});
