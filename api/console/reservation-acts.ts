import { z } from 'zod';
import { parseMoney } from '#shared/domain/money.ts';
import { giveBack, markGivenByHand } from '#shared/domain/payments/give-back.ts';
import { recordPayment } from '#shared/domain/payments/record-payment.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { cancelReservation } from '#shared/domain/reservations/cancel.ts';
import { confirmByHand } from '#shared/domain/reservations/confirm-by-hand.ts';
import { idOfCode } from '../v1/answers.ts';
import { act, parseForm, post, type Answer, type ConsoleRequest } from './route.ts';

/** What the forms of a reservation's page do, through the functions of every door. */
export const reservationActRoutes = [
  post('/reservas/:code/confirmar', (request) =>
    onReservation(request, async (id, stores) => {
      const outcome = await confirmByHand(id, stores, { actor: 'operator' });
      return outcome.type === 'confirmed' ? { done: 'confirmed' } : { problem: 'stay_unavailable' };
    }),
  ),
  post('/reservas/:code/cancelar', (request) => {
    const given = parseForm(request.form, cancelFields);
    return onReservation(request, async (id, stores) => {
      if (!given) return { problem: 'invalid_form' };
      const { reason, keepsDeposit } = given;
      const by = { actor: 'operator', keepsDeposit: keepsDeposit === '1', ...(reason ? { reason } : {}) } as const;
      await cancelReservation(id, stores, by);
      return { done: 'cancelled' };
    });
  }),
  post('/reservas/:code/pagos', (request) => {
    const given = parseForm(request.form, paymentFields);
    return onReservation(request, async (reservationId, stores) => {
      if (!given) return { problem: 'invalid_form' };
      const { isNew } = await recordPayment(
        {
          reservationId,
          amountCents: parseMoney(given.amount),
          method: given.method,
          reference: `console-${given.once}`, // a form that is sent twice is one payment
          actor: 'operator',
        },
        stores,
      );
      return { done: isNew ? 'paid' : 'paid_before' };
    });
  }),
  post('/reservas/:code/devolver', (request) =>
    onReservation(request, async (reservationId, stores) => {
      await giveBack({ reservationId, actor: 'operator' }, stores);
      return { done: 'refunding' };
    }),
  ),
  post('/reservas/:code/entregado', (request) =>
    onReservation(request, async (reservationId, stores) => {
      await markGivenByHand({ reservationId }, stores);
      return { done: 'given' };
    }),
  ),
];

const cancelFields = z.object({
  reason: z.string().trim().max(500).optional(),
  keepsDeposit: z.literal('1').optional(),
});
const paymentFields = z.object({ amount: z.string().max(30), method: z.enum(['cash', 'transfer']), once: z.uuid() });

/** Runs an act on the reservation of the address in one transaction, then shows the reservation. */
export function onReservation(
  request: ConsoleRequest,
  work: (id: string, stores: Stores) => Promise<{ done: string } | { problem: string }>,
): Promise<Answer> {
  const code = (request.params['code'] ?? '').toUpperCase();
  const back = `/console/reservas/${encodeURIComponent(code)}`;
  return act(back, async () => {
    const outcome = await request.desk.inTransaction(async (stores) => work(await idOfCode(code, stores), stores));
    return { seeOther: back, ...outcome };
  });
}
