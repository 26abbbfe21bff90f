import { expect } from 'chai';
import {
  findNamedUnits,
  findOrdinal,
  saysBookIt,
  wantsAnother,
  wantsCheapest,
} from '#shared/domain/conversations/pick-unit.ts';
import { buildUnit, units } from './world.ts';

describe('pick a unit', () => {
  it('knows a unit by its name or by its own word, with and without accents', () => {
    expect(findNamedUnits('quiero la Cabaña Ñire', units)).to.deep.equal([2]);
    expect(findNamedUnits('la nire', units)).to.deep.equal([2]);
    expect(findNamedUnits('ARRAYAN!!', units)).to.deep.equal([4]);
    expect(findNamedUnits('una cabaña', units)).to.deep.equal([]);
    expect(findNamedUnits('la lenga y el coihue', units)).to.deep.equal([1, 3]);
  });

  it('forgives a letter only while a name is expected', () => {
    expect(findNamedUnits('arrayn', units, true)).to.deep.equal([4]);
    expect(findNamedUnits('arrayn', units)).to.deep.equal([]);
  });

  it('prefers the longest name that fits', () => {
    const twins = [buildUnit({ id: 1, name: 'Lenga' }), buildUnit({ id: 2, name: 'Lenga Chica' })];
    expect(findNamedUnits('la lenga chica', twins)).to.deep.equal([2]);
    expect(findNamedUnits('la lenga', twins)).to.deep.equal([1]);
  });

  it('counts only what is nothing but an ordinal', () => {
    for (const text of [
      'la segunda',
      'la 2',
      '2',
      'opción 2',
      'quiero la segunda por favor',
      'the second one',
      'a segunda',
      '#2',
    ])
      expect(findOrdinal(text, 3), text).to.equal(1);
    expect(findOrdinal('la última', 3)).to.equal(2);
    for (const text of ['segunda-feira', 'somos 2', '2 noches', 'la quinta', '9', '', 'la segunda semana'])
      expect(findOrdinal(text, 3), text).to.equal(undefined);
  });

  it('hears wishes and orders', () => {
    expect(wantsCheapest('la más económica')).to.equal(true);
    expect(wantsAnother('no tenés otra?')).to.equal(true);
    expect(wantsAnother('nosotros dos')).to.equal(false);
    for (const text of ['reservala', 'la reservo', 'confirmo', 'book it please', 'pode reservar'])
      expect(saysBookIt(text), text).to.equal(true);
    for (const text of ['cómo hago para reservar?', 'quiero reservar otra', 'no confirmo'])
      expect(saysBookIt(text), text).to.equal(false);
  });
});
