import { z } from 'zod';
import { isCalendarDate } from '#shared/domain/stay.ts';

/** A day of the calendar that exists; the rules of the business (not in the past, …) are the domain's. */
export const calendarDate = z.iso.date().refine(isCalendarDate, 'must be a date');
export const instant = z.iso.datetime();
export const nullableInstant = instant.nullable();
export const cents = z.int();
export const rowId = z.string().regex(/^\d{1,18}$/, 'must be an id');
export const accommodationId = z.int().positive().max(2_147_483_647);
/** The same in an address or a query. */
export const accommodationIdText = z.coerce.number().pipe(accommodationId);
export const currency = z.string().regex(/^[A-Z]{3}$/);

/** A party in a request: either how many in all, or adults and children. */
export const partyShape = {
  guests: z.int().min(1).max(100).optional(),
  adults: z.int().min(1).max(100).optional(),
  children: z.int().min(0).max(100).optional(),
};
/** Adults and children of such a party; undefined when it says neither or both. */
export function readParty(party: {
  guests?: number | undefined;
  adults?: number | undefined;
  children?: number | undefined;
}) {
  const { guests, adults, children = 0 } = party;
  if ((guests === undefined) === (adults === undefined)) return undefined;
  if (adults !== undefined) return { adults, children };
  return guests! > children ? { adults: guests! - children, children } : undefined;
}

/** A comma-separated list of known words in a query, as a set without doubles. */
export function wordList<const W extends readonly [string, ...string[]]>(words: W) {
  return z
    .string()
    .transform((text) => [...new Set(text.split(',').map((word) => word.trim()))])
    .pipe(z.array(z.enum(words)).min(1));
}

export const statuses = ['held', 'confirmed', 'expired', 'cancelled', 'completed', 'no_show'] as const;

export const quoteSchema = z
  .object({
    currency,
    nights: z.array(z.object({ date: calendarDate, cents })),
    totalCents: cents,
    depositCents: cents,
  })
  .meta({ id: 'Quote' });

/** A reservation without its guest: what acts answer with. */
export const reservationShape = {
  id: z.uuid(),
  code: z.string(),
  status: z.enum(statuses),
  channel: z.string(),
  accommodation: z.object({ id: accommodationId, name: z.string() }),
  checkIn: calendarDate,
  checkOut: calendarDate,
  nights: z.int(),
  adults: z.int(),
  children: z.int(),
  currency,
  totalCents: cents,
  depositCents: cents,
  /** What the guest was told; the nights are freed a little later. */
  holdExpiresAt: instant,
  confirmedAt: nullableInstant,
  cancelledAt: nullableInstant,
};
export const reservationSchema = z.object(reservationShape).meta({ id: 'Reservation' });

export const contactSchema = z
  .object({ id: z.string(), name: z.string().nullable(), phone: z.string().nullable(), bsuid: z.string().nullable() })
  .meta({ id: 'Contact' });

export const listedReservationSchema = z
  .object({
    ...reservationShape,
    contact: contactSchema.nullable(),
    /** Deposit and balance received. */
    paidCents: cents,
    createdAt: instant,
    expiredAt: nullableInstant,
    completedAt: nullableInstant,
  })
  .meta({ id: 'ListedReservation' });

export const timelineEventSchema = z
  .looseObject({
    at: instant,
    actor: z.string(),
    /** Of an operator: whose login it was. */
    account: z.string().optional(),
    type: z.string(),
  })
  .meta({ id: 'TimelineEvent' });

export const codeParams = z.object({ code: z.string().min(1).max(40) });
export const idParams = z.object({ id: rowId });

/** How many, and where to go on: `nextCursor` of the page before. */
export const pageShape = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional(),
};
/** One page: the next one by `nextCursor`, null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
