import { expect } from 'chai';
import type { ModelAnswer } from '#shared/domain/conversations/model-answer.ts';
import { applyModelAnswer } from '#shared/nlu/apply-model-answer.ts';
import { needsModel } from '#shared/nlu/needs-model.ts';
import { understand } from '#shared/nlu/understand.ts';
import { buildUnderstanding } from '../conversations/world.ts';

const options = { today: '2026-11-24', language: 'es' } as const;
const nothing: ModelAnswer = {
  intent: null,
  checkIn: null,
  checkOut: null,
  nights: null,
  adults: null,
  children: null,
};
/** As if the rules had read nothing at all. */
const believe = (text: string, answer: Partial<ModelAnswer>) =>
  applyModelAnswer(text, buildUnderstanding(), { ...nothing, ...answer }, options);

describe('what is believed of a model', () => {
  for (const [text, answer, checkIn, checkOut, total] of [
    ['caeríamos tipo 10 de enero', { checkIn: '2027-01-10' }, '2027-01-10', null, null],
    [
      'cayendo el diez y rajando el doce de enero',
      { checkIn: '2027-01-10', checkOut: '2027-01-12' },
      '2027-01-10',
      '2027-01-12',
      null,
    ],
    ['onda 10/1 ponele', { checkIn: '2027-01-10' }, '2027-01-10', null, null],
    ['caemos mañana', { checkIn: '2026-11-25' }, '2026-11-25', null, null],
    ['el sábado caemos', { checkIn: '2026-11-28' }, '2026-11-28', null, null],
    ['10 de enero, dos noches nomás', { checkIn: '2027-01-10', nights: 2 }, '2027-01-10', '2027-01-12', null],
    [
      '10 de enero, una semana',
      { checkIn: '2027-01-10', checkOut: '2027-01-17', nights: 7 },
      '2027-01-10',
      '2027-01-17',
      null,
    ],
    ['una banda de 6 almas', { adults: 6 }, null, null, 6],
    ['el 4 de enero una banda de 6 almas', { checkIn: '2027-01-04', adults: 6 }, '2027-01-04', null, 6],
    ['3 almas y un pibe', { adults: 3, children: 1 }, null, null, 4],
  ] as const)
    it(`takes from "${text}" what it says`, () => {
      const read = believe(text, answer);
      expect([read.checkIn, read.checkOut, read.guests?.total ?? null]).to.deep.equal([checkIn, checkOut, total]);
      expect(read.intent).to.equal('availability');
      // Shown back before anything is held.
      if (checkIn) expect(read.ambiguous).to.include('checkIn');
    });

  for (const [text, answer] of [
    ['caeríamos el 10 de enero', { checkIn: '2027-02-10' }],
    ['caeríamos el 10 de enero', { checkIn: '2027-01-11' }],
    ['caeríamos el 10 de enero', { checkIn: '2028-01-10' }],
    ['caeríamos el 10 de enero', { adults: 10 }],
    ['sale $10 por persona', { adults: 10, checkIn: '2026-12-10' }],
    ['llego a las 10 hs', { checkIn: '2026-12-10', adults: 10 }],
    ['mi número es 11 4567-8901', { checkIn: '2026-12-11', adults: 11 }],
    ['2 noches nomás', { adults: 2, checkIn: '2026-12-02' }],
    ['en algún momento del verano', { checkIn: '2027-01-10', checkOut: '2027-01-15', nights: 5 }],
    ['somos unos cuantos', { adults: 5, children: 2 }],
    ['el 31 de febrero', { checkIn: '2027-02-31' }],
    ['10 de enero de 2025', { checkIn: '2025-01-10' }],
  ] as const)
    it(`takes nothing of ${JSON.stringify(answer)} from "${text}"`, () => {
      const read = believe(text, answer);
      expect([read.checkIn, read.checkOut, read.nights, read.guests]).to.deep.equal([null, null, null, null]);
    });

  it('leaves out a departure that the text does not name', () => {
    const read = believe('caeríamos el 10 de enero', { checkIn: '2027-01-10', checkOut: '2027-01-20', nights: 10 });
    expect([read.checkIn, read.checkOut, read.nights]).to.deep.equal(['2027-01-10', null, null]);
  });

  it('never touches what the rules read', () => {
    const text = 'del 10 al 12 de enero para 4, no el 20 con 6';
    const said = understand(text, options);
    const read = applyModelAnswer(
      text,
      said,
      { intent: 'photos', checkIn: '2027-01-20', checkOut: '2027-01-22', nights: 2, adults: 6, children: 0 },
      options,
    );
    expect(read).to.deep.equal({ ...said, confidence: read.confidence });
  });

  it('takes a harmless wish where the rules found none', () => {
    expect(believe('se ve lindo ahí adentro?', { intent: 'photos' }).intents).to.deep.equal(['photos']);
  });
});

describe('when a model is asked', () => {
  for (const [text, isAsked] of [
    ['tenés lugar del 10 al 12 de enero?', false],
    ['somos 4', false],
    ['hola', false],
    ['asdf', false],
    ['el finde que viene', false],
    ['caeríamos tipo cuando cumple años la abuela', true],
    ['x'.repeat(1_001), false],
  ] as const)
    it(`${isAsked ? 'for' : 'not for'} "${text.slice(0, 50)}"`, () => {
      expect(needsModel(text, understand(text, options))).to.equal(isAsked);
    });
});
