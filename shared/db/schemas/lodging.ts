import { EntitySchema } from 'typeorm';
import type { Facts, Lodging } from '#shared/domain/lodging/accommodation.ts';
import { bool, cents, daterange, integer, intId, json, nullable, references, small, text } from './columns.ts';

export type LodgingRow = {
  id: number;
  name: string;
  address: string | null;
  mapUrl: string | null;
  checkInFrom: string;
  checkOutUntil: string;
  lastArrivalHour: number;
  freeCancellationHours: number;
  facts: Lodging['facts'];
};

export const lodgings = new EntitySchema<LodgingRow>({
  name: 'lodgings',
  columns: {
    id: { type: 'smallint', primary: true, default: 1 },
    name: text('name'),
    address: text('address', nullable),
    mapUrl: text('map_url', nullable),
    checkInFrom: text('check_in_from', { default: '14:00' }),
    checkOutUntil: text('check_out_until', { default: '10:00' }),
    lastArrivalHour: small('last_arrival_hour', { default: 20 }),
    freeCancellationHours: integer('free_cancellation_hours', { default: 48 }),
    facts: json('facts', { default: {} }),
  },
  checks: [
    { name: 'one_lodging', expression: 'id = 1' },
    { name: 'hour_of_day', expression: 'last_arrival_hour BETWEEN 0 AND 24' },
    { name: 'cancellation_hours', expression: 'free_cancellation_hours >= 0' },
  ],
});

export type AccommodationRow = {
  id: number;
  name: string;
  kind: string;
  description: string;
  capacity: number;
  includedGuests: number;
  basePriceCents: number;
  weekendPercent: number;
  weekendDays: number[];
  extraGuestCents: number;
  longStayNights: number | null;
  longStayDiscountPercent: number;
  depositPercent: number;
  minNights: number;
  lastArrivalHour: number | null;
  facts: Facts;
  isActive: boolean;
  position: number;
};

export const accommodations = new EntitySchema<AccommodationRow>({
  name: 'accommodations',
  columns: {
    id: intId(),
    name: text('name'),
    kind: text('kind', { default: 'cabin' }),
    description: text('description', { default: '' }),
    capacity: small('capacity'),
    includedGuests: small('included_guests'),
    basePriceCents: cents('base_price_cents'),
    weekendPercent: integer('weekend_percent', { default: 100 }),
    weekendDays: small('weekend_days', { array: true, default: [6, 0] }),
    extraGuestCents: cents('extra_guest_cents', { default: 0 }),
    longStayNights: small('long_stay_nights', nullable),
    longStayDiscountPercent: small('long_stay_discount_percent', { default: 0 }),
    depositPercent: small('deposit_percent', { default: 30 }),
    minNights: small('min_nights', { default: 1 }),
    lastArrivalHour: small('last_arrival_hour', nullable),
    facts: json('facts', { default: {} }),
    isActive: bool('is_active', { default: true }),
    position: integer('position', { default: 0 }),
  },
  uniques: [{ name: 'accommodation_name', columns: ['name'] }],
  checks: [
    { name: 'capacity_positive', expression: 'capacity > 0' },
    { name: 'included_guests_positive', expression: 'included_guests > 0' },
    { name: 'base_price_positive', expression: 'base_price_cents > 0' },
    { name: 'weekend_percent_positive', expression: 'weekend_percent > 0' },
    { name: 'extra_guest_not_negative', expression: 'extra_guest_cents >= 0' },
    { name: 'discount_percent', expression: 'long_stay_discount_percent BETWEEN 0 AND 100' },
    { name: 'deposit_percent_range', expression: 'deposit_percent BETWEEN 1 AND 100' },
    { name: 'min_nights_positive', expression: 'min_nights > 0' },
    { name: 'accommodation_hour_of_day', expression: 'last_arrival_hour BETWEEN 0 AND 24' },
  ],
});

export type SeasonRow = {
  id: number;
  accommodationId: number;
  name: string;
  nights: string;
  priceCents: number;
  minNights: number | null;
};

export const seasons = new EntitySchema<SeasonRow>({
  name: 'seasons',
  columns: {
    id: intId(),
    accommodationId: integer('accommodation_id'),
    name: text('name'),
    nights: daterange('nights'),
    priceCents: cents('price_cents'),
    minNights: small('min_nights', nullable),
  },
  checks: [
    { name: 'season_nights', expression: 'NOT isempty(nights) AND NOT lower_inf(nights) AND NOT upper_inf(nights)' },
    { name: 'season_price_positive', expression: 'price_cents > 0' },
    { name: 'season_min_nights', expression: 'min_nights > 0' },
  ],
  exclusions: [{ name: 'one_season_per_night', expression: 'USING gist (accommodation_id WITH =, nights WITH &&)' }],
  foreignKeys: [references('season_accommodation', 'accommodations', 'accommodationId', 'CASCADE')],
});
