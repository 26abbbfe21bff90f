import type { ListedPayment } from '#shared/db/stores/operations-payments.ts';
import { html, type Html } from '../html.ts';
import { buttonForm, moment, money, type Clock } from './parts.ts';
import { parkedWhy, paymentWords, purposeWords, refundWords } from './words.ts';

/** A payment with where each of its cents lies, what of it goes back, and what can be decided about it. */
export function paymentCard(payment: ListedPayment, clock: Clock, formToken: string): Html {
  const isParked = (payment.allocations['parked'] ?? 0) > 0;
  const byHand = payment.refunds.some(({ state }) => state === 'by_hand');
  const own = payment.provider !== 'mercadopago';
  return html`<article class="payment">
    <p class="payment-line">
      <strong>${money(payment.amountCents, payment.currency)}</strong>
      <span>${paymentWords[payment.provider] ?? payment.provider}</span>
      <span class="badge ${isParked ? 'badge-waiting' : ''}"
        >${isParked ? parkedWhy(payment.outcome) : own ? 'recibido' : (paymentWords[payment.status] ?? payment.status)}</span
      >
    </p>
    <p class="soft">${moment(payment.receivedAt ?? payment.createdAt, clock)} · ${payment.providerPaymentId}</p>
    <ul class="rows">
      ${Object.entries(payment.allocations).map(
        ([purpose, cents]) =>
          html`<li><span>${purposeWords[purpose] ?? purpose}</span><span>${money(cents, payment.currency)}</span></li>`,
      )}
      ${payment.refunds.map(
        (refund) =>
          html`<li>
            <span>devolución ${refundWords[refund.state] ?? refund.state}</span
            ><span>${money(refund.cents, payment.currency)}</span>
          </li>`,
      )}
    </ul>
    ${
      isParked || byHand
        ? html`<div class="actions">
            ${isParked && payment.reservationCode ? buttonForm(`/console/pagos/${payment.id}/aceptar`, 'Aceptarlo', formToken, 'main') : undefined}
            ${isParked ? buttonForm(`/console/pagos/${payment.id}/devolver`, 'Devolverlo', formToken) : undefined}
            ${byHand && payment.reservationCode ? buttonForm(`/console/reservas/${payment.reservationCode}/entregado`, 'Ya lo entregué en mano', formToken) : undefined}
          </div>`
        : undefined
    }
  </article>`;
}
