import { expect } from 'chai';
import { understand } from '#shared/nlu/understand.ts';

const today = '2026-11-24';

describe('answers to the question that was asked', () => {
  it('reads a bare number as the day that was asked for', () => {
    expect(understand('12', { today, expecting: 'checkIn' }).checkIn).to.equal('2026-12-12');
    expect(understand('12', { today, expecting: 'guests' }).checkIn).to.equal(null);
  });

  it('reads a bare number as the party that was asked for', () => {
    expect(understand('4', { today, expecting: 'guests' }).guests?.total).to.equal(4);
    expect(understand('dos', { today, expecting: 'guests' }).guests?.total).to.equal(2);
    expect(understand('4', { today }).guests).to.equal(null);
  });

  it('reads a bare range when dates were asked for', () => {
    const read = understand('10 a 12', { today, expecting: 'dates' });
    expect([read.checkIn, read.checkOut]).to.deep.equal(['2026-12-10', '2026-12-12']);
  });

  it('puts a day after the known check-in', () => {
    const read = understand('el 3', { today, expecting: 'checkOut', known: { checkIn: '2027-01-28' } });
    expect([read.checkIn, read.checkOut]).to.deep.equal([null, '2027-02-03']);
  });

  it('adds nights to the known check-in', () => {
    const read = understand('3 noches', { today, expecting: 'checkOut', known: { checkIn: '2027-01-28' } });
    expect([read.checkIn, read.checkOut, read.nights]).to.deep.equal([null, '2027-01-31', 3]);
  });

  it('keeps to the month that is talked about', () => {
    const known = { checkIn: '2027-02-10', checkOut: '2027-02-13' };
    expect(understand('mejor el 12', { today, known }).checkIn).to.equal('2027-02-12');
    expect(understand('hasta el 15', { today, known }).checkOut).to.equal('2027-02-15');
  });
});
