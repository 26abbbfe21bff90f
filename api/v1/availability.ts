import { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import { minNightsFor, quote } from '#shared/domain/pricing.ts';
import { listAvailability } from '#shared/domain/reservations/list-availability.ts';
import { daysBetween } from '#shared/domain/stay.ts';
import { route } from './route.ts';
import { accommodationId, accommodationIdText, calendarDate, quoteSchema } from './schemas.ts';

const guests = z.coerce.number().pipe(z.int().min(1).max(100));
const unit = z.object({ id: accommodationId, name: z.string(), capacity: z.int() });
const stayProblems = ['invalid_dates', 'date_in_past', 'too_far_ahead', 'stay_too_long', 'invalid_guests'] as const;

/** What is free and what it costs, by the functions that the chat asks too. */
export const availabilityRoutes = [
  route({
    method: 'GET',
    path: '/availability',
    name: 'getAvailability',
    summary: 'What is free for these nights and fits so many guests, with the whole price; and why the others are not.',
    query: z.strictObject({ checkIn: calendarDate, checkOut: calendarDate, guests }),
    answer: z.object({
      checkIn: calendarDate,
      checkOut: calendarDate,
      nights: z.int(),
      guests: z.int(),
      items: z.array(z.object({ accommodation: unit, quote: quoteSchema })),
      unavailable: z.array(
        z.object({ accommodation: unit, reason: z.string(), data: z.record(z.string(), z.unknown()) }),
      ),
    }),
    problems: [...stayProblems],
    handle: ({ query, transact }) =>
      transact(async (stores) => {
        const { guests: total, ...stay } = query;
        const units = await listAvailability(stay, total, stores);
        return {
          ...stay,
          nights: daysBetween(stay.checkIn, stay.checkOut),
          guests: total,
          items: units.flatMap((found) =>
            found.isFree ? [{ accommodation: toUnit(found.accommodation), quote: found.quote }] : [],
          ),
          unavailable: units.flatMap((found) =>
            found.isFree
              ? []
              : [{ accommodation: toUnit(found.accommodation), reason: found.reason, data: found.data }],
          ),
        };
      }),
  }),
  route({
    method: 'GET',
    path: '/quotes',
    name: 'getQuote',
    summary: 'The price of a stay in one unit, whether it is free or not.',
    query: z.strictObject({
      accommodationId: accommodationIdText,
      checkIn: calendarDate,
      checkOut: calendarDate,
      guests,
    }),
    answer: z.object({
      accommodation: unit,
      checkIn: calendarDate,
      checkOut: calendarDate,
      guests: z.int(),
      quote: quoteSchema,
      isFree: z.boolean(),
      fits: z.boolean(),
      minNights: z.int(),
    }),
    problems: ['accommodation_not_found', 'invalid_dates', 'invalid_guests', 'stay_too_long'],
    handle: ({ query, transact }) =>
      transact(async (stores) => {
        const { accommodationId: id, guests: total, ...stay } = query;
        // No stay is longer: a quote over centuries would be a way to keep the house busy.
        if (daysBetween(stay.checkIn, stay.checkOut) > 366) throw new DomainError('stay_too_long', { maxNights: 366 });
        if (daysBetween(stay.checkIn, stay.checkOut) < 1) throw new DomainError('invalid_dates');
        const found = await stores.lodging.getAccommodation(id);
        return {
          accommodation: toUnit(found),
          ...stay,
          guests: total,
          quote: quote(found.prices, stay, total),
          isFree: !(await stores.occupancies.listTaken(stay)).has(id),
          fits: total <= found.capacity,
          minNights: minNightsFor(found.prices.seasons, found.minNights, stay.checkIn),
        };
      }),
  }),
];

function toUnit({ id, name, capacity }: z.output<typeof unit>): z.output<typeof unit> {
  return { id, name, capacity };
}
