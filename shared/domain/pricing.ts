import { DomainError } from './errors.ts';
import { divideHalfUp, percentOf, type Cents } from './money.ts';
import { nightsOf, weekday, type CalendarDate, type Stay } from './stay.ts';

/** A span of nights with its own price; both dates are nights that it covers. */
export type Season = {
  name: string;
  firstNight: CalendarDate;
  lastNight: CalendarDate;
  priceCents: Cents;
  minNights: number | null;
};

/** What a price is made of; set per accommodation. Percentages are whole numbers (150 = ×1.5). */
export type PriceList = {
  currency: string;
  basePriceCents: Cents;
  weekendPercent: number;
  /** Weekdays (0 = Sunday) whose nights cost the weekend price. */
  weekendDays: readonly number[];
  includedGuests: number;
  extraGuestCents: Cents;
  /** From this many nights the long-stay discount applies; null = never. */
  longStayNights: number | null;
  longStayDiscountPercent: number;
  depositPercent: number;
  seasons: readonly Season[];
};

/** A whole price, stored with the reservation: what was quoted is what is charged. */
export type Quote = {
  currency: string;
  nights: { date: CalendarDate; cents: Cents }[];
  totalCents: Cents;
  depositCents: Cents;
};

/** Which season a night falls in, if any. */
export function seasonOf(seasons: readonly Season[], night: CalendarDate): Season | undefined {
  return seasons.find((season) => season.firstNight <= night && night <= season.lastNight);
}

/** The shortest stay that a check-in allows: its season's minimum, else the unit's. */
export function minNightsFor(seasons: readonly Season[], unitMinimum: number, checkIn: CalendarDate): number {
  return seasonOf(seasons, checkIn)?.minNights ?? unitMinimum;
}

/**
 * The one price function, behind every door (rules.md, Price). Amounts in cents of `list.currency`; each night is rounded
 * half up once. Throws `invalid_dates` for a stay without nights and `invalid_guests` below one guest.
 */
export function quote(list: PriceList, stay: Stay, guests: number): Quote {
  const dates = nightsOf(stay);
  if (dates.length === 0) throw new DomainError('invalid_dates');
  if (!Number.isInteger(guests) || guests < 1) throw new DomainError('invalid_guests');
  const isLong = list.longStayNights !== null && dates.length >= list.longStayNights;
  const discount = isLong ? list.longStayDiscountPercent : 0;
  const extra = list.extraGuestCents * Math.max(0, guests - list.includedGuests);
  const nights = dates.map((date) => {
    const base = seasonOf(list.seasons, date)?.priceCents ?? list.basePriceCents;
    const percent = list.weekendDays.includes(weekday(date)) ? list.weekendPercent : 100;
    const hundredths = BigInt(base) * BigInt(percent) + BigInt(extra) * 100n;
    return { date, cents: divideHalfUp(hundredths * BigInt(100 - discount), 10_000n) };
  });
  const totalCents = nights.reduce((sum, night) => sum + night.cents, 0);
  return { currency: list.currency, nights, totalCents, depositCents: percentOf(totalCents, list.depositPercent) };
}
