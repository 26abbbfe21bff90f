import { listNotices, type OwnerNotice } from '#shared/db/stores/operations-notices.ts';
import { listPayments, type ListedPayment } from '#shared/db/stores/operations-payments.ts';
import { readOperatorStats, type OperatorStats } from '#shared/db/stores/operations-stats.ts';
import { readToday, type DayStay, type FeedAge, type Today } from '#shared/db/stores/console-today.ts';
import { html, type Html } from '../html.ts';
import { feedBadge } from './channel-view.ts';
import { noticeItem } from './notice-view.ts';
import {
  ago,
  day,
  emptyState,
  feedName,
  guestName,
  moment,
  money,
  people,
  stayShort,
  timeLeft,
  type Clock,
} from './parts.ts';
import { get, type ConsoleRequest } from './route.ts';
import { parkedWhy, paymentWords } from './words.ts';

/** The day at a glance: who comes and goes, and everything that waits for a person. */
export const todayRoutes = [get('/', showToday)];

async function showToday({ desk, clock, session }: ConsoleRequest) {
  const [today, stats, notices, parked] = [
    await readToday(desk.database, clock.today),
    await readOperatorStats(desk.database, clock.today),
    await listNotices(desk.database, { states: ['kept'] }, { limit: 8 }),
    await listPayments(desk.database, { isParked: true }, { limit: 20 }),
  ];
  const body = html`
    <h1>Hoy, ${day(clock.today, clock)}</h1>
    <div data-live="today">
      ${figures(stats)}
      <div class="columns">
        <div>
          ${urgent(today, parked?.items ?? [], clock)} ${noticesCard(notices?.items ?? [], clock, session.formToken)}
          ${card('Por pagar', today.holds.length, holds(today.holds, clock))}
        </div>
        <div>
          ${card('Llegan', today.arrivals.length, stays(today.arrivals, 'Hoy no llega nadie.'))}
          ${card('Se van', today.departures.length, stays(today.departures, 'Hoy no se va nadie.'))}
          ${card('Se quedan', today.staying.length, stays(today.staying, 'Nadie más está alojado.', true))}
          ${feedsCard(today.feeds, clock)}
        </div>
      </div>
    </div>
  `;
  return { page: { title: 'Hoy', part: '', body } };
}

function figures(stats: OperatorStats): Html {
  const perCurrency = (amounts: Record<string, number>): string =>
    Object.entries(amounts)
      .map(([currency, cents]) => money(cents, currency))
      .join(' + ') || money(0, 'ARS');
  const figure = (words: string, value: string, more: string): Html =>
    html`<div class="figure">
      <dt>${words}</dt>
      <dd><b>${value}</b> <span>${more}</span></dd>
    </div>`;
  const { next30Nights: next, month, last24Hours: lately } = stats;
  return html`<dl class="figures">
    ${figure('Ocupación, 30 noches', `${String(next.occupancyPercent).replace('.', ',')} %`, `${next.takenNights} de ${next.allNights} noches`)}
    ${figure('Ingresos del mes', perCurrency(month.revenueCents), `${month.stays} ${month.stays === 1 ? 'estadía' : 'estadías'}`)}
    ${figure('Reservas, 24 h', String(lately.reservations), `${lately.confirmed} ${lately.confirmed === 1 ? 'confirmada' : 'confirmadas'}`)}
    ${figure('Cobrado, 24 h', perCurrency(lately.paymentsCents), `${lately.messages} mensajes recibidos`)}
  </dl>`;
}

function card(title: string, count: number, body: Html, kind = ''): Html {
  return html`<section class="card ${kind}">
    <h2>${title} <span class="many">${count}</span></h2>
    ${body}
  </section>`;
}

/** Conflicts, parked money, chats that a person has: nothing to show, no card. */
function urgent(today: Today, parked: readonly ListedPayment[], clock: Clock): Html[] {
  const cards: Html[] = [];
  if (today.conflicts.length > 0)
    cards.push(
      card(
        'Conflictos',
        today.conflicts.length,
        html`<ul class="items">
          ${today.conflicts.map(
            (conflict) =>
              html`<li class="item">
                <span class="item-main"
                  ><strong>${conflict.unit}</strong> ${feedName(conflict.channel)} también vendió
                  ${stayShort({ checkIn: conflict.nights.from, checkOut: conflict.nights.to })}
                  <span class="soft">${conflict.guest ?? 'Sin nombre'} · ${ago(conflict.openedAt, clock)}</span></span
                ><a class="button quiet" href="/console/reservas/${conflict.code}#mover">${conflict.code}</a>
              </li>`,
          )}
        </ul>`,
        'card-bad',
      ),
    );
  if (parked.length > 0)
    cards.push(
      card(
        'Dinero en espera',
        parked.length,
        html`<ul class="items">
          ${parked.map(
            (payment) =>
              html`<li class="item">
                <span class="item-main"
                  ><strong>${money(payment.allocations['parked'] ?? payment.amountCents, payment.currency)}</strong>
                  ${paymentWords[payment.provider] ?? payment.provider}
                  <span class="soft"
                    >${parkedWhy(payment.outcome)} · ${ago(payment.receivedAt ?? payment.createdAt, clock)}</span
                  ></span
                >
                <a class="button quiet" href="/console/pagos/${payment.id}">Decidir</a>
              </li>`,
          )}
        </ul>`,
        'card-bad',
      ),
    );
  if (today.handedOver.length > 0)
    cards.push(
      card(
        'Chats con una persona',
        today.handedOver.length,
        html`<ul class="items">
          ${today.handedOver.map(
            (chat) =>
              html`<li class="item">
                <span class="item-main"
                  ><strong>${guestName(chat.guest)}</strong>
                  ${chat.waitingCount > 0 ? html`<span class="badge badge-waiting">${chat.waitingCount} sin responder</span>` : undefined}
                  <span class="soft">hasta ${moment(chat.pausedUntil, clock)}</span></span
                ><a class="button quiet" href="/console/mensajes/${chat.conversationId}">Abrir</a>
              </li>`,
          )}
        </ul>`,
      ),
    );
  return cards;
}

function noticesCard(notices: readonly OwnerNotice[], clock: Clock, formToken: string): Html {
  const body =
    notices.length === 0
      ? emptyState('No hay avisos sin resolver.')
      : html`<ul class="items">
            ${notices.map((notice) => noticeItem(notice, clock, formToken, '/console'))}
          </ul>
          <div class="actions"><a class="button quiet" href="/console/avisos">Todos los avisos</a></div>`;
  return card('Avisos', notices.length, body);
}

function holds(list: readonly DayStay[], clock: Clock): Html {
  if (list.length === 0) return emptyState('Ninguna reserva espera su seña.');
  return html`<ul class="items">
    ${list.map(
      (hold) =>
        html`<li class="item">
          <span class="item-main"
            ><a href="/console/reservas/${hold.code}"><strong>${guestName(hold.guest)}</strong></a> ${hold.unit}
            <span class="soft">${stayShort(hold)} · ${money(hold.totalCents, hold.currency)}</span></span
          ><span class="badge badge-held"
            >${hold.isInGrace ? 'pago en camino' : timeLeft(hold.holdExpiresAt, clock)}</span
          >
        </li>`,
    )}
  </ul>`;
}

function stays(list: readonly DayStay[], none: string, isStaying = false): Html {
  if (list.length === 0) return emptyState(none);
  return html`<ul class="items">
    ${list.map((stay) => {
      const owed = stay.totalCents - stay.paidCents;
      return html`<li class="item">
        <span class="item-main"
          ><a href="/console/reservas/${stay.code}"><strong>${guestName(stay.guest)}</strong></a> ${stay.unit}
          <span class="soft"
            >${people(stay.adults, stay.children)}${isStaying ? ` · ${stayShort(stay)}` : ''}</span
          ></span
        >${owed > 0 ? html`<span class="badge badge-held">debe ${money(owed, stay.currency)}</span>` : html`<span class="badge badge-confirmed">pagado</span>`}
      </li>`;
    })}
  </ul>`;
}

function feedsCard(feeds: readonly FeedAge[], clock: Clock): Html {
  const body =
    feeds.length === 0
      ? html`${emptyState('Todavía no hay calendarios de otros canales.')}
          <div class="actions"><a class="button quiet" href="/console/canales">Agregar uno</a></div>`
      : html`<ul class="items">
          ${feeds.map(
            (feed) =>
              html`<li class="item">
                <span class="item-main"><strong>${feed.unit}</strong> ${feedName(feed.channel)}</span
                >${feedBadge(feed, clock)}
              </li>`,
          )}
        </ul>`;
  return card('Calendarios', feeds.length, body);
}
