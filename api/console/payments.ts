import { listPayments } from '#shared/db/stores/operations-payments.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { acceptPayment } from '#shared/domain/payments/accept-payment.ts';
import { giveBack } from '#shared/domain/payments/give-back.ts';
import { html } from '../html.ts';
import { idOfCode } from '../v1/answers.ts';
import { tokenField } from './parts.ts';
import { paymentCard } from './payment-view.ts';
import { act, get, post, type Answer, type ConsoleRequest } from './route.ts';

/** Money that waits for the owner's word: what it is, taking it, sending it back. */
export const paymentRoutes = [
  get('/pagos/:id', showPayment),
  post('/pagos/:id/aceptar', (request) =>
    onPayment(request, async (id) => {
      const code = (request.form.get('code') ?? '').trim();
      const { reservation } = await request.desk.inTransaction(async (stores) => {
        const named = code === '' ? {} : { reservationId: await idOfCode(code.toUpperCase(), stores) };
        return acceptPayment({ paymentId: id, ...named, actor: 'operator' }, stores);
      });
      return { seeOther: `/console/reservas/${reservation.code}`, done: 'accepted' };
    }),
  ),
  post('/pagos/:id/devolver', (request) =>
    onPayment(request, async (id) => {
      await request.desk.inTransaction((stores) => giveBack({ paymentId: id, actor: 'operator' }, stores));
      return { seeOther: `/console/pagos/${id}`, done: 'refunding' };
    }),
  ),
];

async function showPayment({ desk, clock, session, params }: ConsoleRequest): Promise<Answer> {
  const id = idOf(params);
  const payment = (await listPayments(desk.database, { id }, { limit: 1 }))?.items[0];
  if (!payment) throw new DomainError('payment_not_found');
  const isParked = (payment.allocations['parked'] ?? 0) > 0;
  const body = html`
    <h1>Pago ${payment.providerPaymentId}</h1>
    <section class="card narrow">
      ${
        payment.reservationCode
          ? html`<p>
              De la reserva <a href="/console/reservas/${payment.reservationCode}">${payment.reservationCode}</a>
            </p>`
          : html`<p>No se sabe de qué reserva es.</p>`
      }
      ${paymentCard(payment, clock, session.formToken)}
    </section>
    ${
      isParked
        ? html`<form class="card narrow" method="post" action="/console/pagos/${id}/aceptar">
            <h2>Es de otra reserva</h2>
            ${tokenField(session.formToken)}
            <div class="field">
              <label for="code">Código de la reserva</label
              ><input id="code" name="code" required autocomplete="off" placeholder="RES…" maxlength="40" />
            </div>
            <button class="button main">Aceptarlo para esa reserva</button>
          </form>`
        : undefined
    }
  `;
  return { page: { title: 'Pago', part: '', body } };
}

function idOf(params: Record<string, string>): string {
  const id = params['id'] ?? '';
  if (!/^\d{1,18}$/.test(id)) throw new DomainError('payment_not_found');
  return id;
}

function onPayment({ params }: ConsoleRequest, work: (id: string) => Promise<Answer>): Promise<Answer> {
  const id = idOf(params);
  return act(`/console/pagos/${id}`, () => work(id));
}
