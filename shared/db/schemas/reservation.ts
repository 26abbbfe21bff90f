import { EntitySchema } from 'typeorm';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import {
  at,
  bigId,
  bigint,
  cents,
  date,
  daterange,
  integer,
  json,
  now,
  nullable,
  references,
  small,
  text,
  uuid,
  uuidId,
} from './columns.ts';

export type ReservationRow = Reservation & {
  expiredAt: Date | null;
  cancelledBy: string | null;
  completedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
};

export const reservations = new EntitySchema<ReservationRow>({
  name: 'reservations',
  columns: {
    id: uuidId(),
    code: text('code'),
    accommodationId: integer('accommodation_id'),
    contactId: bigint('contact_id', nullable),
    status: text('status'),
    channel: text('channel', { default: 'whatsapp' }),
    checkIn: date('check_in'),
    checkOut: date('check_out'),
    adults: small('adults'),
    children: small('children', { default: 0 }),
    currency: text('currency'),
    totalCents: cents('total_cents'),
    depositCents: cents('deposit_cents'),
    quote: json('quote'),
    holdExpiresAt: at('hold_expires_at'),
    releaseAt: at('release_at'),
    graceGivenAt: at('grace_given_at', nullable),
    linkDelayGivenAt: at('link_delay_given_at', nullable),
    confirmedAt: at('confirmed_at', nullable),
    expiredAt: at('expired_at', nullable),
    cancelledAt: at('cancelled_at', nullable),
    cancelledBy: text('cancelled_by', nullable),
    completedAt: at('completed_at', nullable),
    createdAt: at('created_at', now),
    updatedAt: at('updated_at', now),
  },
  uniques: [{ name: 'reservation_code', columns: ['code'] }],
  indices: [
    { name: 'due_holds', columns: ['releaseAt'], where: `status = 'held'` },
    { name: 'holds_of_accommodation', columns: ['accommodationId', 'releaseAt'], where: `status = 'held'` },
    { name: 'reservations_of_contact', columns: ['contactId', 'checkIn'] },
    { name: 'confirmed_stays', columns: ['checkOut'], where: `status = 'confirmed'` },
    { name: 'stays_by_check_out', columns: ['checkOut'], where: `status IN ('confirmed', 'completed')` },
    { name: 'reservations_by_check_in', columns: ['checkIn', 'id'] },
    { name: 'reservations_by_creation', columns: ['createdAt', 'id'] },
  ],
  checks: [
    {
      name: 'reservation_status',
      expression: `status IN ('held', 'confirmed', 'expired', 'cancelled', 'completed', 'no_show')`,
    },
    { name: 'reservation_channel', expression: `channel IN ('whatsapp', 'api', 'cli', 'owner')` },
    { name: 'adults_positive', expression: 'adults > 0' },
    { name: 'children_not_negative', expression: 'children >= 0' },
    { name: 'reservation_currency', expression: `currency ~ '^[A-Z]{3}$'` },
    { name: 'total_positive', expression: 'total_cents > 0' },
    { name: 'deposit_within_total', expression: 'deposit_cents > 0 AND deposit_cents <= total_cents' },
    { name: 'release_after_expiry', expression: 'release_at >= hold_expires_at' },
    { name: 'stay_has_nights', expression: 'check_in < check_out' },
  ],
  foreignKeys: [
    references('reservation_accommodation', 'accommodations', 'accommodationId'),
    references('reservation_contact', 'contacts', 'contactId'),
  ],
});

export type ReservationEventRow = {
  id: string;
  reservationId: string;
  at: Date;
  actor: string;
  /** The operator's, where one acted. */
  account: string | null;
  type: string;
  data: object;
};

export const reservationEvents = new EntitySchema<ReservationEventRow>({
  name: 'reservation_events',
  columns: {
    id: bigId(),
    reservationId: uuid('reservation_id'),
    at: at('at', now),
    actor: text('actor'),
    account: text('account', nullable),
    type: text('type'),
    data: json('data', { default: {} }),
  },
  indices: [{ name: 'events_of_reservation', columns: ['reservationId', 'id'] }],
  foreignKeys: [references('event_reservation', 'reservations', 'reservationId')],
});

export type BlockRow = {
  id: string;
  accommodationId: number;
  nights: string;
  reason: string;
  createdAt: Date;
  removedAt: Date | null;
};

export const blocks = new EntitySchema<BlockRow>({
  name: 'blocks',
  columns: {
    id: bigId(),
    accommodationId: integer('accommodation_id'),
    nights: daterange('nights'),
    reason: text('reason', { default: '' }),
    createdAt: at('created_at', now),
    removedAt: at('removed_at', nullable),
  },
  // A GiST index is beyond what the ORM can declare; the migration makes it.
  indices: [{ name: 'live_blocks', synchronize: false }],
  checks: [
    { name: 'block_nights', expression: 'NOT isempty(nights) AND NOT lower_inf(nights) AND NOT upper_inf(nights)' },
  ],
  foreignKeys: [references('block_accommodation', 'accommodations', 'accommodationId')],
});

export type OccupancyRow = {
  id: string;
  accommodationId: number;
  nights: string;
  kind: 'reservation' | 'block';
  reservationId: string | null;
  calendarEventId: string | null;
  blockId: string | null;
  takenAt: Date;
};

export const occupancies = new EntitySchema<OccupancyRow>({
  name: 'occupancies',
  columns: {
    id: bigId(),
    accommodationId: integer('accommodation_id'),
    nights: daterange('nights'),
    kind: text('kind'),
    reservationId: uuid('reservation_id', nullable),
    calendarEventId: bigint('calendar_event_id', nullable),
    blockId: bigint('block_id', nullable),
    takenAt: at('taken_at', now),
  },
  indices: [
    {
      name: 'one_occupancy_per_reservation',
      columns: ['reservationId'],
      unique: true,
      where: 'reservation_id IS NOT NULL',
    },
    { name: 'occupancies_of_block', columns: ['blockId'], where: 'block_id IS NOT NULL' },
    { name: 'occupancies_of_event', columns: ['calendarEventId'], where: 'calendar_event_id IS NOT NULL' },
  ],
  checks: [
    {
      name: 'bounded_nights',
      expression:
        'NOT isempty(nights) AND NOT lower_inf(nights) AND NOT upper_inf(nights) AND lower_inc(nights) AND NOT upper_inc(nights)',
    },
    { name: 'occupancy_kind', expression: `kind IN ('reservation', 'block')` },
    {
      name: 'one_reason',
      expression: `num_nonnulls(reservation_id, calendar_event_id, block_id) = 1 AND (kind = 'reservation') = (reservation_id IS NOT NULL)`,
    },
  ],
  exclusions: [
    {
      name: 'no_double_booking',
      expression: `USING gist (accommodation_id WITH =, nights WITH &&) WHERE (kind = 'reservation')`,
    },
    { name: 'no_booking_over_block', expression: 'USING gist (accommodation_id WITH =, nights WITH &&, kind WITH <>)' },
  ],
  foreignKeys: [
    references('occupancy_reservation', 'reservations', 'reservationId'),
    references('occupancy_block', 'blocks', 'blockId'),
    references('occupancy_event', 'calendar_events', 'calendarEventId'),
  ],
});

export type RefusedHoldRow = {
  id: string;
  at: Date;
  accommodationId: number;
  refusedBy: 'courtesy_lock' | 'occupancy';
};

export const refusedHolds = new EntitySchema<RefusedHoldRow>({
  name: 'refused_holds',
  columns: {
    id: bigId(),
    at: at('at', now),
    accommodationId: integer('accommodation_id'),
    refusedBy: text('refused_by'),
  },
  checks: [{ name: 'refused_by_whom', expression: `refused_by IN ('courtesy_lock', 'occupancy')` }],
  foreignKeys: [references('refused_accommodation', 'accommodations', 'accommodationId', 'CASCADE')],
});
