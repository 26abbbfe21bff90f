import {
  countReservations,
  listReservations,
  reservationOrders,
  type ListedReservation,
  type ReservationFilter,
  type ReservationOrder,
} from '#shared/db/stores/operations-reservations.ts';
import { isCalendarDate } from '#shared/domain/stay.ts';
import { html, type Html } from '../html.ts';
import { exportLines } from '../v1/reservations.ts';
import { toStream } from '../v1/run-route.ts';
import { statuses } from '../v1/schemas.ts';
import {
  emptyState,
  guestName,
  money,
  nightsText,
  people,
  select,
  statusBadge,
  stayShort,
  ago,
  originName,
  type Clock,
  type Option,
} from './parts.ts';
import { get, withQuery, type ConsoleRequest } from './route.ts';
import { originWords, statusWords } from './words.ts';

/** The list of reservations: what it is narrowed to stands in the address, so that it can be kept and sent. */
export const reservationListRoutes = [get('/reservas', showList), get('/reservas.csv', sendCsv)];

const pageSize = 30;
/** Beyond it the list says that there are more. */
const mostCounted = 10_000;

const orderWords: Readonly<Record<ReservationOrder, string>> = {
  '-createdAt': 'Más nuevas primero',
  createdAt: 'Más viejas primero',
  checkIn: 'Por entrada',
  '-checkIn': 'Por entrada, al revés',
  checkOut: 'Por salida',
  '-checkOut': 'Por salida, al revés',
};

/** What the address asks for, in its own words; nonsense counts as not asked. */
type Asked = {
  status: string[];
  unit: string;
  channel: string;
  from: string;
  to: string;
  search: string;
  order: ReservationOrder;
};

function readAsked({ ctx, query }: ConsoleRequest): Asked {
  const date = (text = ''): string => (isCalendarDate(text) ? text : '');
  const order = reservationOrders.find((each) => each === query['orden']) ?? '-createdAt';
  return {
    status: new URLSearchParams(ctx.querystring)
      .getAll('estado')
      .filter((word) => (statuses as readonly string[]).includes(word)),
    unit: /^\d{1,9}$/.test(query['unidad'] ?? '') ? query['unidad']! : '',
    channel: Object.hasOwn(originWords, query['canal'] ?? '') ? query['canal']! : '',
    from: date(query['desde']),
    to: date(query['hasta']),
    search: (query['buscar'] ?? '').trim().slice(0, 100),
    order,
  };
}

function toFilter(asked: Asked): ReservationFilter {
  return {
    statuses: asked.status.length === 0 ? undefined : (asked.status as ReservationFilter['statuses']),
    accommodationId: asked.unit === '' ? undefined : Number(asked.unit),
    channel: asked.channel === '' ? undefined : asked.channel,
    from: asked.from === '' ? undefined : asked.from,
    to: asked.to === '' ? undefined : asked.to,
    search: asked.search === '' ? undefined : asked.search,
  };
}

function toQuery(asked: Asked): Record<string, string | string[]> {
  return {
    estado: asked.status,
    unidad: asked.unit,
    canal: asked.channel,
    desde: asked.from,
    hasta: asked.to,
    buscar: asked.search,
    orden: asked.order === '-createdAt' ? '' : asked.order,
  };
}

async function showList(request: ConsoleRequest) {
  const { desk, clock, query } = request;
  const asked = readAsked(request);
  const page = { order: asked.order, limit: pageSize };
  const cursor = query['pagina'];
  const found =
    (await listReservations(desk.database, toFilter(asked), { ...page, cursor })) ??
    (await listReservations(desk.database, toFilter(asked), page));
  const units = await desk.inTransaction((stores) => stores.lodging.listEveryAccommodation());
  const items = found?.items ?? [];
  const total = await countReservations(desk.database, toFilter(asked), mostCounted);
  const next = found?.nextCursor ?? undefined;
  const isNarrowed = Object.values(toQuery(asked)).some((value) => value.length > 0);
  const body = html`
    <div class="head">
      <h1>Reservas</h1>
      <div class="actions">
        <a class="button main" href="/console/reservas/nueva">Nueva reserva</a>
        <a class="button quiet" href="${withQuery('/console/reservas.csv', toQuery(asked))}">Bajar CSV</a>
      </div>
    </div>
    ${filterForm(
      asked,
      units.map(({ id, name }) => ({ value: String(id), words: name })),
    )}
    <p class="soft" role="status">
      ${total === 0 ? 'Ninguna' : `${total.toLocaleString('es-AR')}${total === mostCounted ? ' o más' : ''}`}
      ${total === 1 ? 'reserva' : 'reservas'}${total > items.length && items.length > 0 ? `, ${items.length} en esta página` : undefined}
      ${isNarrowed ? html`· <a href="/console/reservas">Quitar los filtros</a>` : undefined}
    </p>
    ${items.length === 0 ? emptyState('Ninguna reserva es así.') : table(items, clock)}
    <nav class="pager" aria-label="Páginas">
      ${cursor === undefined ? undefined : html`<a class="button quiet" href="${withQuery('/console/reservas', toQuery(asked))}">Primera página</a>`}
      ${next === undefined ? undefined : html`<a class="button quiet" rel="next" href="${withQuery('/console/reservas', { ...toQuery(asked), pagina: next })}">Siguientes</a>`}
    </nav>
  `;
  return { page: { title: 'Reservas', part: 'reservas', body } };
}

function filterForm(asked: Asked, units: readonly Option[]): Html {
  return html`<form class="filters card" method="get" action="/console/reservas" role="search">
    <fieldset class="chips">
      <legend>Estado</legend>
      ${statuses.map(
        (status) =>
          html`<label class="chip"
            ><input
              type="checkbox"
              name="estado"
              value="${status}"
              ${asked.status.includes(status) ? html`checked` : undefined}
            /><span>${statusWords[status] ?? status}</span></label
          >`,
      )}
    </fieldset>
    <div class="fields">
      <div class="field">
        <label for="buscar">Buscar</label
        ><input id="buscar" name="buscar" type="search" placeholder="Nombre, código o tel." value="${asked.search}" />
      </div>
      <div class="field">
        <label for="unidad">Unidad</label
        >${select('unidad', 'unidad', [{ value: '', words: 'Todas' }, ...units], asked.unit)}
      </div>
      <div class="field">
        <label for="canal">Origen</label>${select(
          'canal',
          'canal',
          [{ value: '', words: 'Todos' }, ...Object.entries(originWords).map(([value, words]) => ({ value, words }))],
          asked.channel,
        )}
      </div>
      <div class="field">
        <label for="desde">Entran desde</label><input id="desde" name="desde" type="date" value="${asked.from}" />
      </div>
      <div class="field">
        <label for="hasta">Salen hasta</label><input id="hasta" name="hasta" type="date" value="${asked.to}" />
      </div>
      <div class="field">
        <label for="orden">Orden</label>${select(
          'orden',
          'orden',
          reservationOrders.map((value) => ({ value, words: orderWords[value] })),
          asked.order,
        )}
      </div>
      <button class="button main">Buscar</button>
    </div>
  </form>`;
}

function table(items: readonly ListedReservation[], clock: Clock): Html {
  return html`<div class="table-frame" tabindex="0" role="region" aria-label="Reservas">
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Código</th>
          <th scope="col">Huésped</th>
          <th scope="col">Estadía</th>
          <th scope="col">Estado</th>
          <th scope="col" class="number">Total</th>
          <th scope="col">Creada</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr>
              <th scope="row" data-label="Código"><a href="/console/reservas/${item.code}">${item.code}</a></th>
              <td data-label="Huésped">
                ${guestName(item.contact)} <span class="soft">${people(item.adults, item.children)}</span>
              </td>
              <td data-label="Estadía">
                ${item.accommodation.name} <span class="soft">${stayShort(item)} · ${nightsText(item.nights)}</span>
              </td>
              <td data-label="Estado">${statusBadge(item.status)}</td>
              <td data-label="Total" class="number">
                ${money(item.totalCents, item.currency)}
                <span class="soft"
                  >${item.paidCents === 0 ? 'nada pagado' : `pagado ${money(item.paidCents, item.currency)}`}</span
                >
              </td>
              <td data-label="Creada">
                ${ago(item.createdAt, clock)} <span class="soft">${originName(item.channel)}</span>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The same list whole, for spreadsheets. */
async function sendCsv(request: ConsoleRequest): Promise<undefined> {
  const { ctx, desk, clock } = request;
  const asked = readAsked(request);
  const hangUp = new AbortController();
  ctx.res.once('close', () => hangUp.abort());
  ctx.type = 'text/csv; charset=utf-8';
  ctx.set('Content-Disposition', `attachment; filename="reservas-${clock.today}.csv"`);
  ctx.body = toStream(exportLines(desk.database, toFilter(asked), asked.order, hangUp.signal));
}
