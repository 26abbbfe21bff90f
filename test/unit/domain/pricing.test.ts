import { expect } from 'chai';
import { divideHalfUp, parseMoney, percentOf } from '#shared/domain/money.ts';
import { minNightsFor, quote, type PriceList } from '#shared/domain/pricing.ts';

const list: PriceList = {
  currency: 'ARS',
  basePriceCents: 12_000_00,
  weekendPercent: 150,
  weekendDays: [6, 0],
  includedGuests: 2,
  extraGuestCents: 0,
  longStayNights: null,
  longStayDiscountPercent: 0,
  depositPercent: 30,
  seasons: [],
};
const price = (overrides: Partial<PriceList>, checkIn: string, checkOut: string, guests = 2) =>
  quote({ ...list, ...overrides }, { checkIn, checkOut }, guests);

describe('quote', () => {
  it('charges a Friday plainly and Saturday and Sunday as a weekend', () => {
    const quoted = price({}, '2025-01-03', '2025-01-06');
    expect(quoted.nights).to.deep.equal([
      { date: '2025-01-03', cents: 12_000_00 },
      { date: '2025-01-04', cents: 18_000_00 },
      { date: '2025-01-05', cents: 18_000_00 },
    ]);
    expect(quoted).to.include({ totalCents: 48_000_00, depositCents: 14_400_00 });
  });

  it('lets each unit say which nights are its weekend', () => {
    expect(price({ weekendDays: [5, 6] }, '2025-01-03', '2025-01-06').totalCents).to.equal(48_000_00);
    expect(price({ weekendDays: [] }, '2025-01-03', '2025-01-06').totalCents).to.equal(36_000_00);
  });

  it('takes the price of the season for each night that lies in it, first and last included', () => {
    const seasons = [
      { name: 'Fiestas', firstNight: '2026-12-31', lastNight: '2027-01-01', priceCents: 20_000_00, minNights: 3 },
    ];
    const cents = price({ seasons }, '2026-12-30', '2027-01-03').nights.map((night) => night.cents);
    expect(cents).to.deep.equal([12_000_00, 20_000_00, 20_000_00, 18_000_00]);
    expect(minNightsFor(seasons, 1, '2026-12-31')).to.equal(3);
    expect(minNightsFor(seasons, 2, '2026-12-30')).to.equal(2);
  });

  it('adds the extra guests after the weekend factor and before the discount', () => {
    const overrides = { extraGuestCents: 1_000_00, longStayNights: 7, longStayDiscountPercent: 10 };
    expect(price(overrides, '2025-01-04', '2025-01-05', 4).totalCents).to.equal(20_000_00);
    expect(price(overrides, '2025-01-06', '2025-01-13', 4).nights[0]!.cents).to.equal(12_600_00);
  });

  it('rounds each night half up, once, and the deposit half up', () => {
    // 101 × 1.5 = 151.5 → 152 on each weekend night; 30 % of 304 = 91.2 → 91; of 305 = 91.5 → 92.
    expect(price({ basePriceCents: 101 }, '2025-01-04', '2025-01-06')).to.include({
      totalCents: 304,
      depositCents: 91,
    });
    expect(percentOf(305, 30)).to.equal(92);
    expect(
      price({ basePriceCents: 1, longStayNights: 1, longStayDiscountPercent: 50 }, '2025-01-06', '2025-01-07')
        .totalCents,
    ).to.equal(1);
  });

  it('refuses stays without nights and parties without guests', () => {
    expect(() => price({}, '2025-01-06', '2025-01-06'))
      .to.throw()
      .with.property('code', 'invalid_dates');
    expect(() => price({}, '2025-01-06', '2025-01-08', 0))
      .to.throw()
      .with.property('code', 'invalid_guests');
    expect(() => price({}, '2025-01-06', '2025-01-08', 1.5))
      .to.throw()
      .with.property('code', 'invalid_guests');
  });
});

describe('money', () => {
  it('divides half up without floats', () => {
    expect(divideHalfUp(5n, 2n)).to.equal(3);
    expect(divideHalfUp(7n, 3n)).to.equal(2);
    expect(() => divideHalfUp(-1n, 2n))
      .to.throw()
      .with.property('code', 'invalid_money');
  });

  it('reads amounts as people write them and refuses the doubtful', () => {
    const read = {
      '48.000': 4_800_000,
      '48000': 4_800_000,
      '48.000,50': 4_800_050,
      '48000.5': 4_800_050,
      '1,234.56': 123_456,
      '0,01': 1,
    };
    for (const [text, cents] of Object.entries(read)) expect(parseMoney(text), text).to.equal(cents);
    for (const text of ['', '-5', '1.2.3', '12,345,6', '1e5', '$ 100', '48.00.0', '9'.repeat(20)])
      expect(() => parseMoney(text), text)
        .to.throw()
        .with.property('code', 'invalid_money');
  });
});
