import { z } from 'zod';
import { readCalendar } from '#shared/db/stores/operations-calendar.ts';
import { listNotices } from '#shared/db/stores/operations-notices.ts';
import { readOperatorStats } from '#shared/db/stores/operations-stats.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { daysBetween } from '#shared/domain/stay.ts';
import { orBadCursor } from './answers.ts';
import { route } from './route.ts';
import {
  accommodationId,
  accommodationIdText,
  calendarDate,
  cents,
  idParams,
  instant,
  pageOf,
  pageShape,
  wordList,
} from './schemas.ts';

const mostDays = 800;
const perWord = z.record(z.string(), z.int());
const perCurrency = z.record(z.string(), cents);
const fullness = { takenNights: z.int(), allNights: z.int(), occupancyPercent: z.number() };

const span = z
  .object({
    kind: z.enum(['held', 'confirmed', 'completed', 'block', 'foreign']),
    from: calendarDate,
    to: calendarDate,
    code: z.string().nullable(),
    guestName: z.string().nullable(),
    reason: z.string().nullable(),
    blockId: z.string().nullable(),
    calendarEventId: z.string().nullable(),
  })
  .meta({ id: 'CalendarSpan' });

const noticeStates = ['kept', 'told', 'done'] as const;
const notice = z
  .object({
    id: z.string(),
    type: z.string(),
    state: z.enum(noticeStates),
    reservationCode: z.string().nullable(),
    conversationId: z.string().nullable(),
    paymentId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
    createdAt: instant,
  })
  .meta({ id: 'Notice' });

/** The house at a glance. */
export const overviewRoutes = [
  route({
    method: 'GET',
    path: '/calendar',
    name: 'getCalendar',
    summary: 'What takes nights from a day to another (the last day not counted), per unit, and how full the house is.',
    query: z.strictObject({ from: calendarDate, to: calendarDate, accommodationId: accommodationIdText.optional() }),
    answer: z.object({
      from: calendarDate,
      to: calendarDate,
      units: z.array(
        z.object({
          accommodation: z.object({ id: accommodationId, name: z.string() }),
          spans: z.array(span),
          takenNights: z.int(),
        }),
      ),
      ...fullness,
    }),
    problems: ['invalid_dates'],
    handle: async ({ query }, { database }) => {
      const days = daysBetween(query.from, query.to);
      if (days < 1 || days > mostDays) throw new DomainError('invalid_dates', { maxDays: mostDays });
      return { from: query.from, to: query.to, ...(await readCalendar(database, query)) };
    },
  }),
  route({
    method: 'GET',
    path: '/stats',
    name: 'getStats',
    summary: 'The business in numbers, from the data at this moment. Money in cents per currency.',
    answer: z.object({
      reservations: perWord,
      revenueCents: perCurrency,
      depositsCents: perCurrency,
      payments: perWord,
      messages: perWord,
      ownerNotices: z.int(),
      month: z.object({ from: calendarDate, revenueCents: perCurrency, stays: z.int() }),
      conversionPercent: z.number().nullable(),
      last24Hours: z.object({
        reservations: z.int(),
        confirmed: z.int(),
        messages: z.int(),
        paymentsCents: perCurrency,
      }),
      today: z.object({
        date: calendarDate,
        arrivals: z.int(),
        departures: z.int(),
        staying: z.int(),
        holds: z.int(),
      }),
      next30Nights: z.object(fullness),
    }),
    handle: async ({ transact }, { database }) => {
      const today = await transact((stores) => Promise.resolve(stores.today));
      return readOperatorStats(database, today);
    },
  }),
  route({
    method: 'GET',
    path: '/notices',
    name: 'listNotices',
    summary: 'What you should hear or decide, newest first.',
    query: z.strictObject({
      state: wordList(noticeStates).optional(),
      type: z.string().max(60).optional(),
      ...pageShape,
    }),
    answer: pageOf(notice),
    handle: async ({ query: { state, type, ...page } }, { database }) =>
      orBadCursor(await listNotices(database, { states: state, type }, page)),
  }),
  route({
    method: 'POST',
    path: '/notices/:id/done',
    name: 'finishNotice',
    summary: 'Nothing is left to do about it.',
    params: idParams,
    body: z.strictObject({}),
    answer: z.object({ id: z.string(), state: z.literal('done') }),
    problems: ['notice_not_found'],
    handle: ({ params: { id }, transact }) =>
      transact(async (stores) => {
        if (!(await stores.outbox.finishOwnerNotice(id))) throw new DomainError('notice_not_found');
        return { id, state: 'done' as const };
      }),
  }),
];
