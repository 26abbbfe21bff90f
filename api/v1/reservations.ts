import { z } from 'zod';
import { listPayments } from '#shared/db/stores/operations-payments.ts';
import {
  findListedReservation,
  listReservations,
  reservationOrders,
  type ReservationFilter,
} from '#shared/db/stores/operations-reservations.ts';
import { readTimeline } from '#shared/db/stores/timeline.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Desk } from '../desk.ts';
import { orBadCursor } from './answers.ts';
import { byteOrderMark, toCsvLine } from './csv.ts';
import { paymentSchema } from './payment-schemas.ts';
import { route } from './route.ts';
import { toStream } from './run-route.ts';
import {
  accommodationIdText,
  calendarDate,
  cents,
  codeParams,
  instant,
  listedReservationSchema,
  pageOf,
  pageShape,
  quoteSchema,
  rowId,
  statuses,
  timelineEventSchema,
  wordList,
} from './schemas.ts';

const filterShape = {
  /** One or several, comma-separated. */
  status: wordList(statuses).optional(),
  accommodationId: accommodationIdText.optional(),
  channel: z.enum(['whatsapp', 'api', 'cli', 'owner']).optional(),
  from: calendarDate.optional(),
  to: calendarDate.optional(),
  contactId: rowId.optional(),
  search: z.string().trim().min(1).max(100).optional(),
};
type Filter = z.output<z.ZodObject<typeof filterShape>>;

function toFilter({ status, ...filter }: Filter): ReservationFilter {
  return { ...filter, statuses: status };
}

const order = z.enum(reservationOrders).default('-createdAt');

const link = z
  .object({ state: z.string(), url: z.string().nullable(), amountCents: cents, expiresAt: instant })
  .meta({ id: 'PaymentLink' });

const detail = listedReservationSchema.extend({
  quote: quoteSchema,
  /** Where the deposit is paid; null before it was wanted. */
  paymentLink: link.nullable(),
  payments: z.array(paymentSchema),
  conversationId: z.string().nullable(),
  timeline: z.array(timelineEventSchema),
});

/** Reading reservations: lists, one with all that happened to it, and a table for spreadsheets. */
export const reservationRoutes = [
  route({
    method: 'GET',
    path: '/reservations',
    name: 'listReservations',
    summary: 'Reservations by filters; from: check-in on that day or later, to: check-out on that day or before.',
    query: z.strictObject({ ...filterShape, order, ...pageShape }),
    answer: pageOf(listedReservationSchema),
    handle: async ({ query: { order: by, limit, cursor, ...filter } }, { database }) =>
      orBadCursor(await listReservations(database, toFilter(filter), { order: by, limit, cursor })),
  }),
  route({
    method: 'GET',
    path: '/reservations/export.csv',
    name: 'exportReservations',
    summary: 'The same list as a table for spreadsheets, whole.',
    query: z.strictObject({ ...filterShape, order }),
    isCsv: true,
    handle: ({ query: { order: by, ...filter }, signal }, { database }) =>
      Promise.resolve(toStream(exportLines(database, toFilter(filter), by, signal))),
  }),
  route({
    method: 'GET',
    path: '/reservations/:code',
    name: 'getReservation',
    summary: 'A reservation with its price per night, payments, link and timeline.',
    params: codeParams,
    answer: detail,
    problems: ['reservation_not_found'],
    handle: ({ params: { code } }, desk) => readDetail(code, desk),
  }),
  route({
    method: 'GET',
    path: '/reservations/:code/timeline',
    name: 'getTimeline',
    summary: 'Everything that happened to a reservation, oldest first.',
    params: codeParams,
    answer: z.object({ code: z.string(), status: z.enum(statuses), events: z.array(timelineEventSchema) }),
    problems: ['reservation_not_found'],
    handle: async ({ params: { code } }, { database }) => {
      const { status, ...timeline } = await readTimeline(database, code);
      return { ...timeline, status: z.enum(statuses).parse(status) };
    },
  }),
];

async function readDetail(code: string, { database, inTransaction }: Desk): Promise<z.input<typeof detail>> {
  const listed = await findListedReservation(database, code);
  if (!listed) throw new DomainError('reservation_not_found');
  const { events } = await readTimeline(database, listed.code);
  const payments = await listPayments(database, { reservationCode: listed.code }, { limit: 200 });
  return inTransaction(async (stores) => {
    const reservation = await stores.reservations.find(listed.id);
    if (!reservation) throw new DomainError('reservation_not_found');
    const found = await stores.payments.findLinkOf(reservation.id);
    const addressee = reservation.contactId
      ? await stores.conversations.findAddressee(reservation.contactId)
      : undefined;
    return {
      ...listed,
      quote: reservation.quote,
      paymentLink: found
        ? {
            state: found.state,
            url: found.state === 'open' ? found.url : null,
            amountCents: found.amountCents,
            expiresAt: found.expiresAt.toISOString(),
          }
        : null,
      payments: payments?.items ?? [],
      conversationId: addressee?.conversationId ?? null,
      timeline: events,
    };
  });
}

const csvHeader = [
  'code',
  'accommodation',
  'guest_name',
  'guest_phone',
  'check_in',
  'check_out',
  'nights',
  'adults',
  'children',
  'status',
  'channel',
  'currency',
  'total',
  'deposit',
  'paid',
  'created_at',
];

/** Page after page as the caller reads, so that years of bookings do not lie in memory. */
export async function* exportLines(
  database: Desk['database'],
  filter: ReservationFilter,
  by: (typeof reservationOrders)[number],
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield byteOrderMark + toCsvLine(csvHeader);
  let cursor: string | undefined;
  do {
    const page = orBadCursor(await listReservations(database, filter, { order: by, limit: 500, cursor }));
    for (const row of page.items)
      yield toCsvLine([
        row.code,
        row.accommodation.name,
        row.contact?.name ?? null,
        row.contact?.phone ?? null,
        row.checkIn,
        row.checkOut,
        row.nights,
        row.adults,
        row.children,
        row.status,
        row.channel,
        row.currency,
        toDecimal(row.totalCents),
        toDecimal(row.depositCents),
        toDecimal(row.paidCents),
        row.createdAt,
      ]);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && !signal.aborted);
}

/** `48000.00`: a point whatever the reader's country, since a comma would be another cell. */
function toDecimal(amountCents: number): string {
  return `${Math.trunc(amountCents / 100)}.${String(amountCents % 100).padStart(2, '0')}`;
}
