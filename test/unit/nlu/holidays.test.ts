import { expect } from 'chai';
import { easter } from '#shared/nlu/calendar-math.ts';
import { daysOff, longWeekends, winterHolidays } from '#shared/nlu/days-off.ts';
import { understand } from '#shared/nlu/understand.ts';

const today = '2026-11-24';

describe('Easter', () => {
  for (const date of ['2016-03-27', '2019-04-21', '2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2038-04-25'])
    it(`is on ${date}`, () => {
      expect(easter(Number(date.slice(0, 4)))).to.equal(date);
    });
});

describe('days off as they were', () => {
  const known: [Parameters<typeof daysOff>[0], number, string][] = [
    [
      'AR',
      2024,
      '01-01 02-12 02-13 03-24 03-28 03-29 04-01 04-02 05-01 05-25 06-17 06-20 06-21 07-09 08-17 10-11 10-12 11-18 12-08 12-25',
    ],
    [
      'AR',
      2025,
      '01-01 03-03 03-04 03-24 04-02 04-17 04-18 05-01 05-02 05-25 06-16 06-20 07-09 08-15 08-17 10-10 11-21 11-24 12-08 12-25',
    ],
    [
      'AR',
      2026,
      '01-01 02-16 02-17 03-23 03-24 04-02 04-03 05-01 05-25 06-15 06-20 07-09 07-10 08-17 10-12 11-23 12-07 12-08 12-25',
    ],
    ['BR', 2026, '01-01 01-02 02-16 02-17 04-03 04-20 04-21 05-01 06-04 06-05 09-07 10-12 11-02 11-15 11-20 12-25'],
    [
      'UY',
      2023,
      '01-01 01-06 02-20 02-21 04-03 04-04 04-05 04-06 04-07 04-17 05-01 05-22 06-19 07-18 08-25 10-16 11-02 12-25',
    ],
    [
      'UY',
      2024,
      '01-01 01-06 02-12 02-13 03-25 03-26 03-27 03-28 03-29 04-22 05-01 05-18 06-19 07-18 08-25 10-12 11-02 12-25',
    ],
  ];
  for (const [country, year, days] of known)
    it(`of ${country} in ${year}`, () => {
      expect(daysOff(country, year).map((date) => date.slice(5))).to.deep.equal([...new Set(days.split(' '))]);
    });

  it('gives every year its days, whatever the year', () => {
    for (const country of ['AR', 'BR', 'UY'] as const)
      for (let year = 2000; year < 2100; year++) {
        const days = daysOff(country, year);
        expect(days.length).to.be.within(12, 26);
        expect(days.every((date) => date.startsWith(`${year}-`))).to.equal(true);
      }
  });
});

describe('long weekends', () => {
  it('of Argentina in 2026', () => {
    const found = longWeekends('AR', '2026-01-01').map(({ checkIn, checkOut }) => `${checkIn} ${checkOut}`);
    expect(found).to.include.members([
      '2026-02-13 2026-02-17',
      '2026-03-20 2026-03-24',
      '2026-04-01 2026-04-05',
      '2026-04-30 2026-05-03',
      '2026-05-22 2026-05-25',
      '2026-06-12 2026-06-15',
      '2026-07-08 2026-07-12',
      '2026-08-14 2026-08-17',
      '2026-10-09 2026-10-12',
      '2026-11-20 2026-11-23',
      '2026-12-04 2026-12-08',
    ]);
  });

  it('of Brazil and Uruguay are their own', () => {
    expect(longWeekends('BR', '2026-04-10')[0]).to.deep.equal({ checkIn: '2026-04-17', checkOut: '2026-04-21' });
    expect(longWeekends('UY', '2027-04-10')[0]).to.deep.equal({ checkIn: '2027-04-16', checkOut: '2027-04-19' });
  });
});

describe('winter holidays', () => {
  for (const [country, year, from, to] of [
    ['AR', 2024, '2024-07-06', '2024-07-28'],
    ['AR', 2025, '2025-07-05', '2025-08-03'],
    ['AR', 2026, '2026-07-04', '2026-08-02'],
    ['BR', 2027, '2027-07-01', '2027-07-31'],
  ] as const)
    it(`of ${country} in ${year}`, () => {
      expect(winterHolidays(country, year)).to.deep.equal({ from, to });
    });
});

describe('feasts as guests of three countries say them', () => {
  for (const [text, language, checkIn, checkOut] of [
    ['feriadão', 'pt', '2026-12-24', '2026-12-27'],
    ['feriadão de Tiradentes', 'pt', '2027-04-21', null],
    ['feriado prolongado de 7 de setembro', 'pt', '2027-09-03', '2027-09-07'],
    ['corpus christi', 'pt', '2027-05-27', null],
    ['dia dos namorados', 'pt', '2027-06-12', null],
    ['no carnaval', 'pt', '2027-02-05', '2027-02-09'],
    ['réveillon', 'pt', '2026-12-31', null],
    ['semana de turismo', 'es', '2027-03-22', '2027-03-28'],
    ['el finde largo de Uruguay', 'es', '2026-12-24', '2026-12-27'],
    ['el feriado de Uruguay, dia de la independencia', 'es', '2027-08-25', null],
    ['día de la madre en Uruguay', 'es', '2027-05-09', null],
    ['la noche de la nostalgia', 'es', '2027-08-24', null],
    ['el finde largo de carnaval', 'es', '2027-02-05', '2027-02-09'],
    ['finde largo de octubre', 'es', '2027-10-08', '2027-10-11'],
    ['el finde largo del 12 de octubre', 'es', '2027-10-08', '2027-10-11'],
    ['feriado de San Martín', 'es', '2027-08-16', null],
    ['día de la madre', 'es', '2027-10-17', null],
    ['Christmas Eve', 'en', '2026-12-24', null],
  ] as const)
    it(`reads "${text}" and asks`, () => {
      const read = understand(text, { today, language });
      expect([read.checkIn, read.checkOut]).to.deep.equal([checkIn, checkOut]);
      expect(read.ambiguous).to.include('checkIn');
    });
});
