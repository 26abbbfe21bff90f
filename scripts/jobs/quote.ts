import { minNightsFor, quote } from '#shared/domain/pricing.ts';
import { isCalendarDate } from '#shared/domain/stay.ts';
import { findAccommodation } from './find-accommodation.ts';
import { Misuse, required, type Command } from './command.ts';

/** The price of a stay by the same function as every other door. */
export const command: Command = {
  usage: '<accommodation> <in> <out> <guests>',
  summary: 'the price of a stay; accommodation by number or name, dates YYYY-MM-DD',
  needs: 'office',
  async run({ args }, office) {
    const checkIn = toDate(required(args, 1, 'in'));
    const checkOut = toDate(required(args, 2, 'out'));
    const guests = Number(required(args, 3, 'guests'));
    if (!Number.isInteger(guests)) throw new Misuse('<guests> is not a whole number');
    const stay = { checkIn, checkOut };
    return office.inTransaction(async (stores) => {
      const unit = await findAccommodation(required(args, 0, 'accommodation'), stores);
      const price = quote(unit.prices, stay, guests);
      const data = {
        accommodation: { id: unit.id, name: unit.name },
        ...stay,
        guests,
        ...price,
        isFree: !(await stores.occupancies.listTaken(stay)).has(unit.id),
        fits: guests <= unit.capacity,
        minNights: minNightsFor(unit.prices.seasons, unit.minNights, checkIn),
      };
      const pesos = (cents: number) => `${price.currency} ${(cents / 100).toFixed(2)}`;
      const nights = price.nights.map((night) => `  ${night.date}  ${pesos(night.cents)}`);
      const text = [
        `${unit.name}, ${checkIn} to ${checkOut}, ${guests} guests${data.isFree ? '' : ' (not free)'}`,
        ...nights,
        `total ${pesos(price.totalCents)}, deposit ${pesos(price.depositCents)}`,
      ].join('\n');
      return { data, text };
    });
  },
};

function toDate(text: string): string {
  if (!isCalendarDate(text)) throw new Misuse(`"${text}" is not a date (YYYY-MM-DD)`);
  return text;
}
