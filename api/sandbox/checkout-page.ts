import { formatMoney } from '#shared/domain/conversations/format.ts';
import type { CheckoutAction, CheckoutView } from './checkout.ts';
import { findPending } from './checkout.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { layout } from './layout.ts';

type Result = { tone: 'good' | 'bad' | 'wait' | 'off'; title: string; text: string };

/** The page of one payment link: works without scripts. `backTo` is where the chat is. */
export function checkoutPage(view: CheckoutView, about: { timeZone: string; backTo: string }): string {
  const result = toResult(view);
  const body = html`
    <main class="checkout">
      <p class="notice"><strong>Simulación:</strong> no se mueve dinero.</p>
      <article class="card">
        <header class="card-head">
          <p class="concept">${view.title}</p>
          <p class="amount">${formatMoney(view.amountCents, view.currency, 'es')}</p>
          <p class="until">${toUntil(view, about.timeZone)}</p>
        </header>
        ${result === undefined ? undefined : resultBox(result)} ${form(view)}
        <footer class="card-foot"><a class="back" href="${about.backTo}">Volver al chat</a></footer>
      </article>
      ${historyOf(view)}
    </main>
  `;
  const title = `Pagar ${formatMoney(view.amountCents, view.currency, 'es')} · simulación`;
  return layout({ title, path: '/sandbox/checkout', kind: 'checkout', body });
}

/** All payment links. */
export function checkoutsPage(views: readonly CheckoutView[], about: { timeZone: string }): string {
  const rows = views.map(
    (view) =>
      html`<li>
        <a class="link-row" href="/sandbox/checkout/${encodeURIComponent(view.id)}">
          <span class="link-title">${view.title}</span>
          <span class="link-amount">${formatMoney(view.amountCents, view.currency, 'es')}</span>
          <span class="link-state">${toResult(view)?.title ?? toUntil(view, about.timeZone)}</span>
        </a>
      </li>`,
  );
  const body = html`
    <main class="checkout">
      <h1>Links de pago</h1>
      <p class="notice"><strong>Simulación:</strong> no se mueve dinero.</p>
      ${
        rows.length === 0
          ? html`<p class="empty">
              Todavía no hay ninguno: aparecen cuando un huésped confirma una reserva en el chat.
            </p>`
          : html`<ul class="links card">
              ${rows}
            </ul>`
      }
    </main>
  `;
  return layout({ title: 'Links de pago · simulación', path: '/sandbox/checkout', kind: 'checkout', body });
}

/** There is no such link. */
export function noCheckoutPage(): string {
  const body = html`
    <main class="checkout">
      <h1>Este link de pago no existe</h1>
      <p class="empty">Puede ser de antes de que se borraran los datos de prueba.</p>
      <p><a class="back" href="/sandbox">Volver al chat</a></p>
    </main>
  `;
  return layout({ title: 'Link de pago inexistente · simulación', path: '/sandbox/checkout', kind: 'checkout', body });
}

const results: Readonly<Record<string, Result>> = {
  approved: { tone: 'good', title: 'Pago aprobado', text: 'La confirmación llega por el chat.' },
  pending: { tone: 'wait', title: 'Pago pendiente', text: 'Como un pago en efectivo que todavía no se acreditó.' },
  in_process: { tone: 'wait', title: 'Pago en revisión', text: 'Todavía no se acreditó.' },
  rejected: { tone: 'bad', title: 'Pago rechazado', text: 'No se cobró. Se puede probar de nuevo.' },
  cancelled: { tone: 'off', title: 'Pago cancelado', text: 'No se cobró.' },
  refunded: { tone: 'off', title: 'Pago devuelto', text: 'El dinero volvió a quien pagó.' },
  charged_back: { tone: 'bad', title: 'Pago desconocido', text: 'El titular de la tarjeta desconoció el pago.' },
};

/** What came of it: an approved payment says more than a later rejected one. */
function toResult(view: CheckoutView): Result | undefined {
  const said = view.payments.findLast(({ status }) => status === 'approved') ?? view.payments.at(-1);
  if (said !== undefined) return results[said.status];
  return view.isOpen ? undefined : { tone: 'off', title: 'Este link venció', text: 'Pedí uno nuevo por el chat.' };
}

function resultBox(result: Result): Html {
  return html`<div class="result ${result.tone}" role="status">
    <p class="result-title">${result.title}</p>
    <p>${result.text}</p>
  </div>`;
}

function form(view: CheckoutView): Html {
  const pending = findPending(view);
  const isPaid = view.payments.some(({ status }) => status === 'approved');
  const main = isPaid
    ? []
    : pending
      ? [
          button('approve-pending', 'Aprobar el pendiente', 'primary'),
          button('reject-pending', 'Rechazar el pendiente'),
        ]
      : view.isOpen
        ? [button('approve', 'Pagar', 'primary'), button('reject', 'Rechazar'), button('pending', 'Dejar pendiente')]
        : [];
  const odd = [
    ...(view.isOpen && (isPaid || pending) ? [button('approve-again', 'Pagar otra vez')] : []),
    ...(view.isOpen
      ? [button('pay-one-peso', 'Pagar solo $ 1')]
      : [button('pay-late', 'Pagar igual, fuera de término')]),
  ];
  return html`<form class="actions" method="post">
    <input type="hidden" name="seen" value="${view.payments.length}" />
    ${main}
    <details>
      <summary>Casos raros</summary>
      <div class="odd">${odd}</div>
    </details>
  </form>`;
}

function button(action: CheckoutAction, title: string, kind = ''): Html {
  return html`<button class="${kind}" name="action" value="${action}">${title}</button>`;
}

function toUntil({ openUntil, isOpen }: CheckoutView, timeZone: string): string {
  if (openUntil === undefined) return 'Sin vencimiento';
  const time = new Intl.DateTimeFormat('es-AR', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const day = new Intl.DateTimeFormat('es-AR', { day: 'numeric', month: 'numeric', timeZone });
  const isToday = day.format(openUntil) === day.format(new Date());
  const when = `${isToday ? '' : `${day.format(openUntil)} a las `}${time.format(openUntil)}`;
  return isOpen
    ? `Se puede pagar hasta ${isToday ? 'las ' : 'el '}${when}`
    : `Venció ${isToday ? 'a las ' : 'el '}${when}`;
}

function historyOf(view: CheckoutView): Html | undefined {
  if (view.payments.length < 2) return undefined;
  const rows = view.payments.map(
    ({ id, status, amountCents }) =>
      html`<li>
        <span>${results[status]?.title ?? status}</span>
        <span>${formatMoney(amountCents, view.currency, 'es')}</span>
        <small>nº ${id}</small>
      </li>`,
  );
  return html`<section class="history">
    <h2>Intentos de pago</h2>
    <ol>
      ${rows}
    </ol>
  </section>`;
}
