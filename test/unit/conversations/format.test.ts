import { expect } from 'chai';
import {
  formatDate,
  formatMoney,
  formatNights,
  formatParty,
  formatStay,
  formatStayShort,
  formatTime,
} from '#shared/domain/conversations/format.ts';
import { addDays } from '#shared/domain/stay.ts';

const today = '2026-11-24';

describe('format', () => {
  it('writes money as a person in Argentina does', () => {
    expect(formatMoney(4_800_000, 'ARS', 'es')).to.equal('$ 48.000');
    expect(formatMoney(1_440_050, 'ARS', 'es')).to.equal('$ 14.400,50');
    expect(formatMoney(1_440_005, 'ARS', 'es')).to.equal('$ 14.400,05');
    expect(formatMoney(0, 'ARS', 'es')).to.equal('$ 0');
    expect(formatMoney(99_900, 'ARS', 'es')).to.equal('$ 999');
    expect(formatMoney(123_456_789_00, 'ARS', 'es')).to.equal('$ 123.456.789');
    expect(formatMoney(12_000, 'USD', 'es')).to.equal('US$ 120');
    expect(formatMoney(12_000, 'CLP', 'es')).to.equal('CLP 120');
    expect(formatMoney(-100, 'ARS', 'es')).to.equal('-$ 1');
  });

  it('does not let foreigners take pesos for dollars', () => {
    expect(formatMoney(1_440_050, 'ARS', 'pt')).to.equal('AR$ 14.400,50');
    expect(formatMoney(1_440_050, 'ARS', 'en')).to.equal('ARS 14,400.50');
    expect(formatMoney(12_000, 'BRL', 'pt')).to.equal('R$ 120');
  });

  it('says the year only when it is neither this nor the next', () => {
    expect(formatDate('2027-01-01', today, 'es')).to.equal('vie 1 de enero');
    expect(formatDate('2028-01-03', today, 'es')).to.equal('lun 3 de enero de 2028');
    expect(formatDate('2025-12-31', today, 'pt')).to.equal('qua 31 de dezembro de 2025');
    expect(formatDate('2028-02-29', today, 'en')).to.equal('Tue 29 February 2028');
    expect(formatDate('2026-12-05', today, 'en')).to.equal('Sat 5 December');
  });

  it('says the month once when both dates share it', () => {
    expect(formatStay({ checkIn: '2027-01-10', checkOut: '2027-01-14' }, today, 'es')).to.equal(
      'del dom 10 al jue 14 de enero',
    );
    expect(formatStay({ checkIn: '2026-12-30', checkOut: '2027-01-02' }, today, 'es')).to.equal(
      'del mié 30 de diciembre al sáb 2 de enero',
    );
    expect(formatStay({ checkIn: '2027-01-10', checkOut: '2027-01-14' }, today, 'pt')).to.equal(
      'de dom 10 a qui 14 de janeiro',
    );
    expect(formatStay({ checkIn: '2027-01-10', checkOut: '2027-01-14' }, today, 'en')).to.equal(
      'Sun 10 to Thu 14 January',
    );
  });

  it('keeps the short form within the title of a row, for every day of a year and language', () => {
    for (let day = 0; day < 366; day++)
      for (const language of ['es', 'pt', 'en'] as const) {
        const checkIn = addDays(today, day);
        const short = formatStayShort({ checkIn, checkOut: addDays(checkIn, 13) }, language);
        expect(Array.from(short).length, short).to.be.at.most(24);
      }
    expect(formatStayShort({ checkIn: '2026-12-30', checkOut: '2027-01-02' }, 'es')).to.equal('mié 30 dic – sáb 2 ene');
    expect(formatStayShort({ checkIn: '2027-01-08', checkOut: '2027-01-10' }, 'es')).to.equal('vie 8 – dom 10 ene');
  });

  it('tells the time of the lodging, not of the server', () => {
    expect(formatTime(new Date('2026-11-24T17:30:00Z'), 'America/Argentina/Buenos_Aires')).to.equal('14:30');
    expect(formatTime(new Date('2026-11-24T03:05:00Z'), 'America/Argentina/Buenos_Aires')).to.equal('00:05');
  });

  it('counts people and nights', () => {
    expect(formatParty({ adults: 2, children: 1, total: 3 }, 'es')).to.equal('2 adultos y 1 menor');
    expect(formatParty({ adults: 1, children: 0, total: 1 }, 'es')).to.equal('1 persona');
    expect(formatParty({ adults: 1, children: 2, total: 3 }, 'pt')).to.equal('1 adulto e 2 crianças');
    expect(formatParty({ adults: 2, children: 2, total: 4 }, 'en')).to.equal('2 adults and 2 children');
    expect(formatNights(1, 'es')).to.equal('1 noche');
    expect(formatNights(3, 'pt')).to.equal('3 noites');
    expect(formatNights(1, 'en')).to.equal('1 night');
  });
});
