import { z } from 'zod';
import { toIdentities } from '#shared/domain/contacts.ts';
import {
  bookingConfirmed,
  checkinReminder,
  holdExpired,
  paymentLinkReady,
} from '#shared/domain/conversations/notices.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { confirmByHand } from '#shared/domain/reservations/confirm-by-hand.ts';
import { findMoves } from '#shared/domain/calendars/find-moves.ts';
import { importIfStale } from '#shared/domain/calendars/import-feed.ts';
import { moveStay } from '#shared/domain/reservations/move-stay.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import type { Reservation } from '#shared/domain/reservations/reservation.ts';
import { tellGuest } from '#shared/domain/reservations/tell-guest.ts';
import type { Desk } from '../desk.ts';
import { dropUndefined, idOfCode, toReservation } from './answers.ts';
import { moveSchema, toMove } from './calendars.ts';
import { route } from './route.ts';
import {
  accommodationId,
  calendarDate,
  cents,
  codeParams,
  partyShape,
  readParty,
  reservationSchema,
} from './schemas.ts';

const contact = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    /** International form, with or without a plus. */
    phone: z
      .string()
      .trim()
      .regex(/^\+?[\d ()-]{8,25}$/, 'must be a phone number')
      .optional(),
    bsuid: z
      .string()
      .regex(/^[A-Z]{2}\.[\w.-]{1,120}$/, 'must be a business-scoped user id')
      .optional(),
  })
  .refine(({ name, phone, bsuid }) => name ?? phone ?? bsuid, 'must have a name, a phone or a business-scoped user id');

const holdBody = z
  .strictObject({
    accommodationId,
    checkIn: calendarDate,
    checkOut: calendarDate,
    ...partyShape,
    contact: contact.optional(),
  })
  .refine((body) => readParty(body), { path: ['guests'], message: 'give guests, or adults and children' });

async function toContactId(given: z.output<typeof contact> | undefined, stores: Stores): Promise<string | null> {
  if (!given) return null;
  const phone = given.phone?.replaceAll(/\D/g, '');
  return stores.conversations.ensureContact(toIdentities({ phone, bsuid: given.bsuid }), given.name);
}

const notifications = {
  payment_link: {
    fits: (status: string) => status === 'held',
    write: async (reservation: Reservation, stores: Stores) => {
      const link = await stores.payments.findLinkOf(reservation.id);
      if (link?.state !== 'open' || link.url === null)
        throw new DomainError('invalid_state', { link: link?.state ?? null });
      const { url, expiresAt } = link;
      await tellGuest(reservation, stores, 'payment_link', (context) => paymentLinkReady(context, { url, expiresAt }));
    },
  },
  booking_confirmed: {
    fits: (status: string) => status === 'confirmed',
    write: async (reservation: Reservation, stores: Stores) => {
      const paidCents = await paidFor(reservation, stores);
      await tellGuest(reservation, stores, 'booking_confirmed', (context) => bookingConfirmed(context, { paidCents }));
    },
  },
  checkin_reminder: {
    fits: (status: string) => status === 'confirmed',
    write: async (reservation: Reservation, stores: Stores) => {
      const paidCents = await paidFor(reservation, stores);
      await tellGuest(reservation, stores, 'checkin_reminder', (context) => checkinReminder(context, { paidCents }));
    },
  },
  hold_expired: {
    fits: (status: string) => status === 'expired',
    write: (reservation: Reservation, stores: Stores) => tellGuest(reservation, stores, 'hold_expired', holdExpired),
  },
} as const;

async function paidFor(reservation: Reservation, stores: Stores): Promise<number> {
  const payments = await stores.payments.listOf(reservation.id);
  return payments
    .filter(({ payment }) => payment.currency === reservation.currency)
    .reduce((sum, { allocations }) => sum + (allocations.deposit ?? 0) + (allocations.balance ?? 0), 0);
}

/** An expired hold takes its nights anew: what platforms sold meanwhile has to be known before. */
async function importForRescue(code: string, desk: Desk, signal: AbortSignal): Promise<void> {
  const seen = await desk.inTransaction((stores) => stores.reservations.findByCode(code));
  if (seen?.status === 'expired') await importIfStale(seen.accommodationId, desk, signal);
}

const stayProblems = [
  'invalid_dates',
  'date_in_past',
  'too_late_today',
  'too_far_ahead',
  'stay_too_long',
  'stay_too_short',
  'invalid_guests',
  'too_many_guests',
] as const;

/** What operators do with reservations, through the same functions as guests and workers. */
export const reservationActs = [
  route({
    method: 'POST',
    path: '/reservations',
    name: 'holdStay',
    summary: 'Holds a stay; its payment link is made at once. The contact is told by WhatsApp where there is a phone.',
    body: holdBody,
    status: 201,
    answer: reservationSchema,
    problems: [...stayProblems, 'accommodation_not_found', 'stay_unavailable', 'nights_busy'],
    handle: async ({ body, transact, signal }, desk) => {
      await importIfStale(body.accommodationId, desk, signal);
      return transact(async (stores) => {
        const accommodation = await stores.lodging.getAccommodation(body.accommodationId);
        const party = readParty(body);
        if (!party) throw new DomainError('invalid_guests');
        const listed = await stores.lodging.listAccommodations();
        if (!listed.some(({ id }) => id === accommodation.id)) throw new DomainError('accommodation_not_found');
        const contactId = await toContactId(body.contact, stores);
        const { checkIn, checkOut } = body;
        const wanted = {
          accommodation,
          contactId,
          checkIn,
          checkOut,
          ...party,
          channel: 'api',
          actor: 'operator',
        } as const;
        const outcome = await holdStay(wanted, stores, desk.courtesy);
        if (outcome.type === 'unavailable') return new DomainError('stay_unavailable', { soonFree: outcome.soonFree });
        return toReservation(outcome.reservation, stores);
      });
    },
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/confirm',
    name: 'confirmReservation',
    summary: 'Confirms a hold on your word, paid or not; an expired one takes its nights again where they are free.',
    params: codeParams,
    body: z.strictObject({}),
    answer: reservationSchema,
    problems: ['reservation_not_found', 'invalid_state', 'stay_unavailable', 'date_in_past', 'nights_busy'],
    handle: async ({ params: { code }, transact, signal }, desk) => {
      await importForRescue(code, desk, signal);
      return transact(async (stores) => {
        const outcome = await confirmByHand(await idOfCode(code, stores), stores, { actor: 'operator' });
        if (outcome.type === 'unavailable') return new DomainError('stay_unavailable');
        return toReservation(outcome.reservation, stores);
      });
    },
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/cancel',
    name: 'cancelReservation',
    summary: 'Cancels a stay: nights free at once, link closed, all its money on its way back unless keepsDeposit.',
    params: codeParams,
    body: z.strictObject({
      reason: z.string().trim().min(1).max(500).optional(),
      keepsDeposit: z.boolean().optional(),
    }),
    answer: reservationSchema.extend({ keepsDeposit: z.boolean(), refundCents: cents }),
    problems: ['reservation_not_found', 'invalid_state', 'nights_busy'],
    handle: ({ params: { code }, body: { reason, keepsDeposit }, transact }) =>
      transact(async (stores) => {
        const cancelled = await cancelReservation(await idOfCode(code, stores), stores, {
          actor: 'operator',
          ...(reason ? { reason } : {}),
          ...(keepsDeposit === undefined ? {} : { keepsDeposit }),
        });
        const { keepsDeposit: kept, refundCents } = cancelled;
        return { ...(await toReservation(cancelled.reservation, stores)), keepsDeposit: kept, refundCents };
      }),
  }),
  route({
    method: 'GET',
    path: '/reservations/:code/moves',
    name: 'findMoves',
    summary: 'Where a stay could go: the same nights in another unit, then the nearest dates in its own.',
    params: codeParams,
    answer: z.object({ items: z.array(moveSchema) }),
    problems: ['reservation_not_found'],
    handle: ({ params: { code }, transact }) =>
      transact(async (stores) => {
        const reservation = await stores.reservations.findByCode(code);
        if (!reservation) throw new DomainError('reservation_not_found');
        return { items: (await findMoves(reservation, stores)).map(toMove) };
      }),
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/move',
    name: 'moveStay',
    summary: 'Moves a stay to other dates or another unit; with keepsPrice the agreed price stays.',
    params: codeParams,
    body: z
      .strictObject({
        accommodationId: accommodationId.optional(),
        checkIn: calendarDate.optional(),
        checkOut: calendarDate.optional(),
        keepsPrice: z.boolean().optional(),
      })
      .refine((body) => body.accommodationId ?? body.checkIn ?? body.checkOut, 'say where to: unit or dates'),
    answer: reservationSchema.extend({ quotedCents: cents, differenceCents: cents }),
    problems: [
      ...stayProblems,
      'reservation_not_found',
      'accommodation_not_found',
      'invalid_state',
      'stay_unavailable',
      'nights_busy',
    ],
    handle: async ({ params: { code }, body, transact, signal }, desk) => {
      const seen = await desk.inTransaction((stores) => stores.reservations.findByCode(code));
      if (!seen) throw new DomainError('reservation_not_found');
      await importIfStale(body.accommodationId ?? seen.accommodationId, desk, signal);
      return transact(async (stores) => {
        const moved = await moveStay({ id: seen.id, ...dropUndefined(body), actor: 'operator' }, stores);
        const { reservation, quotedCents, differenceCents } = moved;
        return { ...(await toReservation(reservation, stores)), quotedCents, differenceCents };
      });
    },
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/notify',
    name: 'notifyGuest',
    summary: 'Says something to the guest once more: the payment link, the confirmation, the reminder, the expiry.',
    params: codeParams,
    body: z.strictObject({ type: z.enum(Object.keys(notifications) as (keyof typeof notifications)[]) }),
    status: 202,
    answer: z.object({ code: z.string(), type: z.string(), conversationId: z.string() }),
    problems: ['reservation_not_found', 'conversation_not_found', 'invalid_state'],
    handle: ({ params: { code }, body: { type }, transact }) =>
      transact(async (stores) => {
        const reservation = await stores.reservations.find(await idOfCode(code, stores));
        if (!reservation) throw new DomainError('reservation_not_found');
        const { fits, write } = notifications[type];
        if (!fits(reservation.status)) throw new DomainError('invalid_state', { status: reservation.status });
        const addressee = reservation.contactId
          ? await stores.conversations.findAddressee(reservation.contactId)
          : undefined;
        if (!addressee) throw new DomainError('conversation_not_found');
        await write(reservation, stores);
        return { code: reservation.code, type, conversationId: addressee.conversationId };
      }),
  }),
];
