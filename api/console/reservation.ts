import { listPayments } from '#shared/db/stores/operations-payments.ts';
import { listMessages } from '#shared/db/stores/operations-conversations.ts';
import { findListedReservation } from '#shared/db/stores/operations-reservations.ts';
import { readTimeline } from '#shared/db/stores/timeline.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { html, type Html } from '../html.ts';
import { bubbles } from './chat-view.ts';
import { conflictCards } from './move.ts';
import {
  guestName,
  moment,
  money,
  nightsText,
  originName,
  people,
  phoneText,
  statusBadge,
  stayShort,
  timeLeft,
  type Clock,
} from './parts.ts';
import { paymentCard } from './payment-view.ts';
import { reservationForms } from './reservation-forms.ts';
import { get, type Answer, type ConsoleRequest } from './route.ts';
import { actorWords, eventWords } from './words.ts';

/** One reservation with all that happened to it and everything that can be done with it. */
export const reservationRoutes = [get('/reservas/:code', (request) => showReservation(request))];

/** The page; `problem` is a refusal of a form of it. */
export async function showReservation(request: ConsoleRequest, problem?: string): Promise<Answer> {
  const { desk, clock, session, params } = request;
  const found = await findListedReservation(desk.database, params['code'] ?? '');
  if (!found) throw new DomainError('reservation_not_found');
  const { events } = await readTimeline(desk.database, found.code);
  const payments = (await listPayments(desk.database, { reservationCode: found.code }, { limit: 100 }))?.items ?? [];
  const { reservation, link, chatId, units } = await desk.inTransaction(async (stores) => ({
    reservation: await stores.reservations.find(found.id),
    link: await stores.payments.findLinkOf(found.id),
    chatId: found.contact ? (await stores.conversations.findAddressee(found.contact.id))?.conversationId : undefined,
    units: await stores.lodging.listAccommodations(),
  }));
  if (!reservation) throw new DomainError('reservation_not_found');
  const messages =
    chatId === undefined ? [] : ((await listMessages(desk.database, chatId, { limit: 12 }))?.items ?? []);
  const owed = found.totalCents - found.paidCents;
  const body = html`
    <div class="head">
      <h1>${guestName(found.contact)} <span class="code">${found.code}</span></h1>
      <span data-live="status">${statusBadge(found.status)}</span>
    </div>
    <div class="columns">
      <div>
        ${await conflictCards(request, found.id, found.currency)}
        <section class="card" data-live="facts">
          <h2>${found.accommodation.name}</h2>
          <dl class="facts">
            <div>
              <dt>Estadía</dt>
              <dd>${stayShort(found)} · ${nightsText(found.nights)}</dd>
            </div>
            <div>
              <dt>Personas</dt>
              <dd>${people(found.adults, found.children)}</dd>
            </div>
            <div>
              <dt>Total</dt>
              <dd>${money(found.totalCents, found.currency)}</dd>
            </div>
            <div>
              <dt>Seña</dt>
              <dd>${money(found.depositCents, found.currency)}</dd>
            </div>
            <div>
              <dt>Pagado</dt>
              <dd>
                ${money(found.paidCents, found.currency)}${owed > 0 ? html` · <span class="whole">falta ${money(owed, found.currency)}</span>` : undefined}
              </dd>
            </div>
            ${
              found.status === 'held'
                ? html`<div>
                    <dt>Se guarda</dt>
                    <dd>${timeLeft(found.holdExpiresAt, clock)} más (hasta ${moment(found.holdExpiresAt, clock)})</dd>
                  </div>`
                : undefined
            }
            <div>
              <dt>Origen</dt>
              <dd>${originName(found.channel)}, ${moment(found.createdAt, clock)}</dd>
            </div>
            ${
              found.contact?.phone
                ? html`<div>
                    <dt>Teléfono</dt>
                    <dd>${phoneText(found.contact.phone)}</dd>
                  </div>`
                : undefined
            }
            ${
              link?.state === 'open' && link.url !== null
                ? html`<div>
                    <dt>Link de pago</dt>
                    <dd>
                      <a href="${link.url}" rel="noreferrer"
                        >${money(link.amountCents, link.currency)}, hasta ${moment(link.expiresAt, clock)}</a
                      >
                    </dd>
                  </div>`
                : undefined
            }
          </dl>
          <details class="more">
            <summary>Precio noche por noche</summary>
            <ul class="rows">
              ${reservation.quote.nights.map(({ date, cents }) => html`<li><span>${date}</span><span>${money(cents, found.currency)}</span></li>`)}
            </ul>
          </details>
        </section>
        ${reservationForms({ found, units, formToken: session.formToken, clock })}
      </div>
      <div>
        <section class="card" data-live="payments">
          <h2>Pagos <span class="many">${payments.length}</span></h2>
          ${payments.length === 0 ? html`<p class="empty">Todavía no hay pagos.</p>` : payments.map((payment) => paymentCard(payment, clock, session.formToken))}
        </section>
        <section class="card" data-live="timeline">
          <h2>Qué pasó</h2>
          <ol class="timeline">
            ${events.toReversed().map((event) => timelineItem(event, found.currency, clock))}
          </ol>
        </section>
        ${
          chatId === undefined
            ? undefined
            : html`<section class="card" data-live="messages">
                <h2>Mensajes</h2>
                ${
                  messages.length === 0
                    ? html`<p class="empty">Todavía no escribió.</p>`
                    : html`<ol class="chat-bubbles short" tabindex="0">
                        ${bubbles(messages.toReversed(), clock)}
                      </ol>`
                }
                <div class="actions"><a class="button quiet" href="/console/mensajes/${chatId}">Abrir el chat</a></div>
              </section>`
        }
      </div>
    </div>
  `;
  return {
    page: { title: `${found.code}`, part: 'reservas', body },
    ...(problem === undefined ? {} : { problem, status: 422 }),
  };
}

type TimelineEvent = Awaited<ReturnType<typeof readTimeline>>['events'][number];

function timelineItem(event: TimelineEvent, currency: string, clock: Clock): Html {
  return html`<li>
    <strong>${eventWords[event.type] ?? event.type.replaceAll('_', ' ')}</strong>
    <span class="soft">${moment(event.at, clock)} · ${event.account ?? actorWords[event.actor] ?? event.actor}</span>
    ${details(event, currency).map((line) => html`<span class="detail">${line}</span>`)}
  </li>`;
}

/** What of an event's data is worth reading; amounts in the reservation's currency. */
function details(event: TimelineEvent, currency: string): string[] {
  const lines: string[] = [];
  const cents = (key: string, words: string): void => {
    const value = event[key];
    if (typeof value === 'number' && value > 0) lines.push(`${words} ${money(value, currency)}`);
  };
  cents('totalCents', 'Total');
  cents('depositCents', 'Seña');
  cents('paidCents', 'Pagado');
  cents('amountCents', 'Importe');
  cents('refundCents', 'Devolución');
  cents('cents', 'Importe');
  if (typeof event['reason'] === 'string' && event.type === 'cancelled') lines.push(event['reason']);
  if (event['keepsDeposit'] === true) lines.push('La seña queda para el alojamiento');
  if (typeof event['outcome'] === 'string') lines.push(outcomeWords(event['outcome']));
  return lines;
}

/** Where a payment ended up, as the timeline says it. */
export function outcomeWords(outcome: string): string {
  const words: Readonly<Record<string, string>> = {
    recorded: 'Anotado',
    pending: 'Pendiente',
    rejected: 'Rechazado',
    confirmed: 'Confirmó la reserva',
    rescued: 'Llegó tarde y recuperó la reserva',
    deposit: 'A cuenta de la seña',
    balance: 'A cuenta del saldo',
    offered: 'Se ofrecieron otras opciones',
    refunded: 'Devuelto',
    duplicate: 'Repetido: se devuelve',
    disputed: 'En disputa',
    charged_back: 'Desconocido por la tarjeta',
  };
  return words[outcome] ?? (outcome.startsWith('parked') ? 'Espera tu decisión' : outcome.replaceAll(/[_:]/g, ' '));
}
