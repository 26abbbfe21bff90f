import { z } from 'zod';
import {
  checkSeasons,
  type AccommodationDraft,
  type ListedAccommodation,
} from '#shared/domain/lodging/edit-accommodation.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { dropUndefined } from './answers.ts';
import { route } from './route.ts';
import { accommodationId, accommodationIdText, calendarDate, cents, currency } from './schemas.ts';

const seasonShape = {
  name: z.string().trim().min(1).max(100),
  firstNight: calendarDate,
  /** The last night at this price, not the day after. */
  lastNight: calendarDate,
  priceCents: cents.positive(),
  minNights: z.int().min(1).max(60).nullable(),
};
const season = z.object(seasonShape).meta({ id: 'Season' });

const facts = z.strictObject({
  amenities: z.array(z.string().max(100)).max(50).optional(),
  wifi: z.string().max(1_000).optional(),
  parking: z.string().max(1_000).optional(),
  pets: z.string().max(1_000).optional(),
  photos: z
    .array(
      z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_000), caption: z.string().max(1_000).optional() }),
    )
    .max(50)
    .optional(),
  notes: z.string().max(4_000).optional(),
});

const hour = z.int().min(0).max(24);
const percent = z.int().min(0).max(100);

const draftShape = {
  name: z.string().trim().min(1).max(100),
  kind: z.string().trim().min(1).max(50),
  description: z.string().max(4_000),
  capacity: z.int().min(1).max(100),
  includedGuests: z.int().min(1).max(100),
  basePriceCents: cents.positive(),
  weekendPercent: z.int().min(1).max(1_000),
  weekendDays: z.array(z.int().min(0).max(6)).max(7),
  extraGuestCents: cents.min(0),
  longStayNights: z.int().min(2).max(60).nullable(),
  longStayDiscountPercent: percent,
  depositPercent: z.int().min(1).max(100),
  minNights: z.int().min(1).max(60),
  lastArrivalHour: hour.nullable(),
  facts,
  isActive: z.boolean(),
  position: z.int().min(0).max(10_000),
};

/** What a new unit has unless told otherwise; the same as the tables'. */
const newUnit = z.strictObject({
  ...draftShape,
  kind: draftShape.kind.default('cabin'),
  description: draftShape.description.default(''),
  weekendPercent: draftShape.weekendPercent.default(100),
  weekendDays: draftShape.weekendDays.default([6, 0]),
  extraGuestCents: draftShape.extraGuestCents.default(0),
  longStayNights: draftShape.longStayNights.default(null),
  longStayDiscountPercent: draftShape.longStayDiscountPercent.default(0),
  depositPercent: draftShape.depositPercent.default(30),
  minNights: draftShape.minNights.default(1),
  lastArrivalHour: draftShape.lastArrivalHour.default(null),
  facts: draftShape.facts.default({}),
  isActive: draftShape.isActive.default(true),
  position: draftShape.position.default(0),
});

const accommodation = z
  .object({
    id: accommodationId,
    name: z.string(),
    kind: z.string(),
    description: z.string(),
    capacity: z.int(),
    minNights: z.int(),
    lastArrivalHour: z.int(),
    isActive: z.boolean(),
    position: z.int(),
    facts: z.looseObject({}),
    prices: z.object({
      currency,
      basePriceCents: cents,
      weekendPercent: z.int(),
      weekendDays: z.array(z.int()),
      includedGuests: z.int(),
      extraGuestCents: cents,
      longStayNights: z.int().nullable(),
      longStayDiscountPercent: z.int(),
      depositPercent: z.int(),
      seasons: z.array(season),
    }),
  })
  .meta({ id: 'Accommodation' });

const params = z.object({ id: accommodationIdText });

async function find(id: number, stores: Stores): Promise<z.input<typeof accommodation>> {
  return toAnswer((await stores.lodging.getAccommodation(id)) as ListedAccommodation);
}

function toAnswer(unit: ListedAccommodation): z.input<typeof accommodation> {
  const { prices, facts: known, ...rest } = unit;
  const { weekendDays, seasons, ...others } = prices;
  return { ...rest, facts: { ...known }, prices: { ...others, weekendDays: [...weekendDays], seasons: [...seasons] } };
}

/** The units: what they are, what they cost. A unit is never deleted, so that its bookings and payments keep their place. */
export const accommodationRoutes = [
  route({
    method: 'GET',
    path: '/accommodations',
    name: 'listAccommodations',
    summary: 'The units in the owner’s order, with prices and seasons; those no longer let only with all=true.',
    query: z.strictObject({ all: z.stringbool().optional() }),
    answer: z.object({ items: z.array(accommodation) }),
    handle: ({ query, transact }) =>
      transact(async (stores) => {
        const units = await stores.lodging.listEveryAccommodation();
        return { items: units.filter((unit) => query.all || unit.isActive).map(toAnswer) };
      }),
  }),
  route({
    method: 'POST',
    path: '/accommodations',
    name: 'createAccommodation',
    summary: 'Adds a unit.',
    body: newUnit,
    status: 201,
    answer: accommodation,
    problems: ['name_taken'],
    handle: ({ body, transact }) =>
      transact(async (stores) =>
        find(await stores.lodging.insertAccommodation(dropUndefined(body) as AccommodationDraft), stores),
      ),
  }),
  route({
    method: 'GET',
    path: '/accommodations/:id',
    name: 'getAccommodation',
    summary: 'One unit.',
    params,
    answer: accommodation,
    problems: ['accommodation_not_found'],
    handle: ({ params: { id }, transact }) => transact((stores) => find(id, stores)),
  }),
  route({
    method: 'PATCH',
    path: '/accommodations/:id',
    name: 'updateAccommodation',
    summary: 'Changes what is given. What was quoted and booked before keeps its price.',
    params,
    body: z.strictObject(draftShape).partial(),
    answer: accommodation,
    problems: ['accommodation_not_found', 'name_taken'],
    handle: ({ params: { id }, body, transact }) =>
      transact(async (stores) => {
        await stores.lodging.updateAccommodation(id, dropUndefined(body) as Partial<AccommodationDraft>);
        return find(id, stores);
      }),
  }),
  route({
    method: 'PUT',
    path: '/accommodations/:id/seasons',
    name: 'replaceSeasons',
    summary: 'The seasons of a unit, all of them: those that are not given go.',
    params,
    body: z.strictObject({ seasons: z.array(z.strictObject(seasonShape)).max(200) }),
    answer: accommodation,
    problems: ['accommodation_not_found', 'invalid_dates', 'seasons_overlap'],
    handle: ({ params: { id }, body, transact }) =>
      transact(async (stores) => {
        checkSeasons(body.seasons);
        await stores.lodging.getAccommodation(id);
        await stores.lodging.replaceSeasons(id, body.seasons);
        return find(id, stores);
      }),
  }),
];
