import { z } from 'zod';
import { listPayments } from '#shared/db/stores/operations-payments.ts';
import { acceptPayment } from '#shared/domain/payments/accept-payment.ts';
import { giveBack, markGivenByHand } from '#shared/domain/payments/give-back.ts';
import type { Payment, Refund } from '#shared/domain/payments/payment.ts';
import { recordPayment } from '#shared/domain/payments/record-payment.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { dropUndefined, idOfCode, orBadCursor, toReservation } from './answers.ts';
import { paymentSchema } from './payment-schemas.ts';
import { route } from './route.ts';
import { cents, codeParams, currency, idParams, pageOf, pageShape, reservationSchema } from './schemas.ts';

const requestedRefund = z.object({ id: z.uuid(), cents, reason: z.string(), state: z.string() });
const requestedRefunds = z.object({ refunds: z.array(requestedRefund), totalCents: cents });

function toRefunds(refunds: readonly Refund[]): z.input<typeof requestedRefunds> {
  return {
    refunds: refunds.map(({ id, cents: amount, reason, state }) => ({ id, cents: amount, reason, state })),
    totalCents: refunds.reduce((sum, refund) => sum + refund.cents, 0),
  };
}

const recorded = z.object({
  payment: z.object({
    id: z.string(),
    provider: z.string(),
    reference: z.string(),
    amountCents: cents,
    currency,
    outcome: z.string(),
  }),
  /** False: that reference had been recorded before, and nothing changed. */
  isNew: z.boolean(),
  reservation: reservationSchema,
});

function toRecorded(payment: Payment, outcome: string): z.input<typeof recorded>['payment'] {
  const { id, provider, providerPaymentId: reference, amountCents, currency: of } = payment;
  return { id, provider, reference, amountCents, currency: of, outcome };
}

const amount = cents.positive();

/** Money: what came, where it lies, what goes back. */
export const paymentRoutes = [
  route({
    method: 'GET',
    path: '/payments',
    name: 'listPayments',
    summary: 'Payments, newest first; parked=true: those that wait for your word.',
    query: z.strictObject({
      parked: z.stringbool().optional(),
      provider: z.enum(['mercadopago', 'cash', 'transfer']).optional(),
      reservation: z.string().min(1).max(40).optional(),
      ...pageShape,
    }),
    answer: pageOf(paymentSchema),
    handle: async ({ query: { parked, provider, reservation, ...page } }, { database }) =>
      orBadCursor(await listPayments(database, { isParked: parked, provider, reservationCode: reservation }, page)),
  }),
  route({
    method: 'GET',
    path: '/payments/:id',
    name: 'getPayment',
    summary: 'One payment.',
    params: idParams,
    answer: paymentSchema,
    problems: ['payment_not_found'],
    handle: async ({ params: { id } }, { database }) => {
      const found = (await listPayments(database, { id }, { limit: 1 }))?.items[0];
      if (!found) throw new DomainError('payment_not_found');
      return found;
    },
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/payments',
    name: 'recordPayment',
    summary: 'Cash or a transfer that you received: a deposit confirms a hold. The same reference is recorded once.',
    params: codeParams,
    body: z.strictObject({
      amountCents: amount,
      method: z.enum(['cash', 'transfer']),
      reference: z.string().trim().min(1).max(100).optional(),
      currency: currency.optional(),
    }),
    status: 201,
    answer: recorded,
    problems: ['reservation_not_found', 'invalid_money', 'invalid_state', 'nights_busy'],
    handle: ({ params: { code }, body, transact }) =>
      transact(async (stores) => {
        const reservationId = await idOfCode(code, stores);
        const { amountCents, method, reference, currency: of } = body;
        const { payment, outcome, isNew } = await recordPayment(
          {
            reservationId,
            amountCents,
            method,
            actor: 'operator',
            ...(reference ? { reference } : {}),
            ...(of ? { currency: of } : {}),
          },
          stores,
        );
        const reservation = await stores.reservations.find(reservationId);
        if (!reservation) throw new DomainError('reservation_not_found');
        return { payment: toRecorded(payment, outcome), isNew, reservation: await toReservation(reservation, stores) };
      }),
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/refunds',
    name: 'refundReservation',
    summary:
      'Gives money of a reservation back: what no standing stay counts on; with cents, or includingStay, its deposit too.',
    params: codeParams,
    body: z.strictObject({ cents: amount.optional(), includingStay: z.boolean().optional() }),
    status: 202,
    answer: requestedRefunds,
    problems: ['reservation_not_found', 'invalid_state', 'nights_busy'],
    handle: ({ params: { code }, body, transact }) =>
      transact(async (stores) => {
        const reservationId = await idOfCode(code, stores);
        return toRefunds(await giveBack({ reservationId, ...dropUndefined(body), actor: 'operator' }, stores));
      }),
  }),
  route({
    method: 'POST',
    path: '/reservations/:code/refunds/given',
    name: 'markRefundsGiven',
    summary: 'You handed back what only a person can (cash, transfers): the guest is told.',
    params: codeParams,
    body: z.strictObject({}),
    answer: requestedRefunds,
    problems: ['reservation_not_found', 'nights_busy'],
    handle: ({ params: { code }, transact }) =>
      transact(async (stores) =>
        toRefunds(await markGivenByHand({ reservationId: await idOfCode(code, stores) }, stores)),
      ),
  }),
  route({
    method: 'POST',
    path: '/payments/:id/accept',
    name: 'acceptPayment',
    summary: 'Takes parked money as it is, for its reservation or for the one named.',
    params: idParams,
    body: z.strictObject({ reservation: z.string().min(1).max(40).optional() }),
    answer: z.object({ payment: recorded.shape.payment, reservation: reservationSchema }),
    problems: ['payment_not_found', 'reservation_not_found', 'invalid_state', 'stay_unavailable', 'nights_busy'],
    handle: ({ params: { id }, body, transact }) =>
      transact(async (stores) => {
        const named = body.reservation ? { reservationId: await idOfCode(body.reservation, stores) } : {};
        const { payment, reservation, outcome } = await acceptPayment(
          { paymentId: id, ...named, actor: 'operator' },
          stores,
        );
        return { payment: toRecorded(payment, outcome), reservation: await toReservation(reservation, stores) };
      }),
  }),
  route({
    method: 'POST',
    path: '/payments/:id/refunds',
    name: 'refundPayment',
    summary: 'Gives money of one payment back, as for a reservation.',
    params: idParams,
    body: z.strictObject({ cents: amount.optional(), includingStay: z.boolean().optional() }),
    status: 202,
    answer: requestedRefunds,
    problems: ['payment_not_found', 'invalid_state', 'nights_busy'],
    handle: ({ params: { id }, body, transact }) =>
      transact(async (stores) =>
        toRefunds(await giveBack({ paymentId: id, ...dropUndefined(body), actor: 'operator' }, stores)),
      ),
  }),
];
