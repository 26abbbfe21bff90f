import { channelWords } from '#shared/domain/calendars/channel-words.es.ts';
import { formatStayNights, formatStayShort, formatTime } from '#shared/domain/conversations/format.ts';
import type { Move } from '#shared/domain/calendars/find-moves.ts';
import { addDays } from '#shared/domain/stay.ts';
import type { CalendarDate } from '#shared/domain/stay.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { platformChannels } from './calendars.ts';
import type { ActResult, CalendarsView, ListingView, Segment } from './calendars.ts';
import { layout } from './layout.ts';

/** What the form of a sale was filled with, as text; the parts that nobody gave are empty. */
export type SaleForm = { unit: string; channel: string; checkIn: string; checkOut: string };

type Line = { tone: 'good' | 'bad'; text: string };

const lines: Readonly<Record<ActResult, Line>> = {
  booked: {
    tone: 'good',
    text: 'Vendida. Posada todavía no lo sabe: lee cada calendario cada 15 minutos, y antes de vender esas noches. Para no esperar: «Sincronizar ahora».',
  },
  taken: { tone: 'bad', text: 'Esa plataforma ya tiene ocupadas esas noches: no las vende.' },
  bad_dates: { tone: 'bad', text: 'Revisá las fechas: desde hoy, la salida después de la entrada y hasta 60 noches.' },
  unknown: { tone: 'bad', text: 'Eso ya no existe: la página era vieja.' },
  cancelled: {
    tone: 'good',
    text: 'Cancelada en la plataforma. Posada no se apura a liberar: tiene que faltar en dos lecturas con 10 minutos en el medio (si era la única reserva, en tres a lo largo de una hora).',
  },
  synced: {
    tone: 'good',
    text: 'Listo: Posada leyó los tres calendarios de cada unidad y ellos leyeron el de Posada.',
  },
};

/** The page of the calendars: works without scripts. `said` is what came of the last act. */
export function calendarsPage(
  view: CalendarsView,
  about: { said: string; form: SaleForm; lodging: string; timeZone: string },
): string {
  const line = Object.hasOwn(lines, about.said) ? lines[about.said as ActResult] : undefined;
  const body = html`
    <main class="calendars">
      <h1>Calendarios</h1>
      <p class="intro words">
        ${about.lodging} se vende también en Airbnb, Booking.com y Vrbo. Acá jugás a las plataformas: vendé noches allá
        y mirá cómo se cierran en Posada; reservá en el <a href="/sandbox">chat</a> y mirá cómo se cierran allá.
      </p>
      <p class="notice">
        <strong>Simulación:</strong> son plataformas de mentira, con los calendarios iCal que usan las de verdad.
      </p>
      ${line === undefined ? undefined : html`<p class="line ${line.tone}" role="status">${line.text}</p>`}
      <div class="acts">${saleForm(view, about.form)} ${syncForm(view)}</div>
      ${conflictsOf(view)}
      <nav class="weeks" aria-label="Semanas">${weeksLinks(view)}</nav>
      ${view.units.map((unit) => unitCard(unit, view, about.timeZone))}
    </main>
  `;
  return layout({ title: 'Calendarios · simulación', path: '/sandbox/calendars', kind: 'calendars', body });
}

function saleForm(view: CalendarsView, form: SaleForm): Html {
  const option = (value: string, name: string, chosen: string): Html =>
    html`<option value="${value}" ${value === chosen ? selected : undefined}>${name}</option>`;
  const checkIn = form.checkIn || addDays(view.today, 10);
  const checkOut = form.checkOut || addDays(view.today, 13);
  return html`<form class="card sale" method="post">
    <h2>Vender en una plataforma</h2>
    <input type="hidden" name="from" value="${view.from}" />
    <label
      >Plataforma
      <select name="channel">
        ${platformChannels.map((each) => option(each, channelWords[each]!, form.channel))}
      </select>
    </label>
    <label
      >Unidad
      <select name="unit">
        ${view.units.map(({ id, name }) => option(String(id), name, form.unit))}
      </select>
    </label>
    <label>Entrada <input type="date" name="checkIn" min="${view.today}" value="${checkIn}" required /></label>
    <label
      >Salida <input type="date" name="checkOut" min="${addDays(view.today, 1)}" value="${checkOut}" required
    /></label>
    <button class="primary" name="action" value="book">Reservar</button>
  </form>`;
}

function syncForm({ from }: CalendarsView): Html {
  return html`<form class="card sync" method="post">
    <h2>Que se lean</h2>
    <p>
      Posada lee cada calendario cada 15 minutos; las plataformas leen el de Posada cada varias horas. Mientras tanto
      pueden vender las mismas noches.
    </p>
    <input type="hidden" name="from" value="${from}" />
    <button class="primary" name="action" value="sync">Sincronizar ahora</button>
  </form>`;
}

function conflictsOf({ conflicts }: CalendarsView): Html | undefined {
  if (conflicts.length === 0) return undefined;
  const places = (moves: readonly Move[]): string =>
    moves.map(({ unit, stay }) => `${unit}, ${formatStayShort(stay, 'es')}`).join('; ');
  return html`<section class="card conflicts" aria-labelledby="conflicts">
    <h2 id="conflicts">Vendido dos veces</h2>
    <p>
      La plataforma vendió noches que Posada ya había confirmado. Posada no elige sola: avisa una vez y propone a dónde
      mover.
    </p>
    <ul>
      ${conflicts.map(
        ({ code, unit, channel, stay, foreignNights, moves }) =>
          html`<li>
            <strong>${unit}</strong>: la reserva ${code} (${formatStayNights(stay, 'es')}:
            ${formatStayShort(stay, 'es')}) choca con ${channelWords[channel] ?? channel}
            (${formatStayShort(foreignNights, 'es')}).
            ${moves.length === 0 ? html`No hay otro lugar libre.` : html`Podría ir a: ${places(moves)}.`}
          </li>`,
      )}
    </ul>
    <p><a href="/console">Resolverlo en la consola</a></p>
  </section>`;
}

function weeksLinks({ today, from, days }: CalendarsView): Html {
  const before = addDays(from, -days.length);
  const after = addDays(from, days.length);
  const link = (date: CalendarDate, name: string): Html => html`<a href="/sandbox/calendars?from=${date}">${name}</a>`;
  return html`${from > today ? link(before > today ? before : today, '← Antes') : undefined}
    <span>${formatStayShort({ checkIn: from, checkOut: after }, 'es')}</span> ${link(after, 'Después →')}`;
}

function unitCard(unit: CalendarsView['units'][number], view: CalendarsView, timeZone: string): Html {
  const rows = [
    { name: 'Posada', note: 'lo que se puede vender', segments: unit.segments, kind: 'ours' },
    ...unit.listings.map((listing) => ({
      name: channelWords[listing.channel]!,
      note: noteOf(listing, timeZone),
      segments: listing.segments,
      kind: 'theirs',
    })),
  ];
  return html`<section class="card unit" id="unidad-${unit.id}" aria-labelledby="unidad-${unit.id}-nombre">
    <h2 id="unidad-${unit.id}-nombre">${unit.name}</h2>
    <div class="scroll" role="region" aria-label="Noches de ${unit.name}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col" class="who">Quién</th>
            ${view.days.map(dayHead)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr class="${row.kind}">
                <th scope="row" class="who">${row.name}<small>${row.note}</small></th>
                ${row.segments.map((segment) => segmentCell(segment, row.kind === 'ours'))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${listOf(unit, view)}
  </section>`;
}

function noteOf({ feed, isForeign }: ListingView, timeZone: string): string {
  if (feed === undefined) return 'se conecta al usarla';
  if (isForeign) return 'lee otro calendario';
  if (feed.state === 'paused') return 'en pausa';
  if (feed.state === 'failing') return 'no se pudo leer';
  if (feed.lastGoodAt === null) return 'sin leer todavía';
  return `${feed.state === 'quarantined' ? 'en cuarentena, ' : ''}leída a las ${formatTime(feed.lastGoodAt, timeZone)}`;
}

function dayHead(date: CalendarDate): Html {
  const at = new Date(`${date}T00:00:00Z`);
  const write = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('es-AR', { ...options, timeZone: 'UTC' }).format(at);
  const isWeekend = [0, 6].includes(at.getUTCDay());
  return html`<th scope="col" class="${isWeekend ? 'weekend' : ''}">
    <small>${write({ weekday: 'short' }).slice(0, 2)}</small>${write({ day: 'numeric' })}<small
      >${write({ month: 'short' }).slice(0, 3)}</small
    >
  </th>`;
}

const ourWords: Readonly<Record<Segment['kind'], string>> = {
  free: 'libre',
  held: 'Retenida',
  confirmed: 'Confirmada',
  completed: 'Cumplida',
  channel: '',
  echo: '',
  block: 'Bloqueada',
  conflict: 'Dos veces',
};

function segmentCell({ kind, channel, nights }: Segment, isOurs: boolean): Html {
  if (kind === 'free') return html`<td><span class="hidden-text">libre</span></td>`;
  const names =
    channel === null
      ? ''
      : channel
          .split(' ')
          .map((each) => channelWords[each] ?? each)
          .join(' y ');
  const words = isOurs ? ourWords[kind] || names : kind === 'channel' ? 'Vendida' : 'Cerrada';
  const colour = kind === 'channel' ? (channel ?? '').split(' ')[0]! : kind;
  return html`<td colspan="${nights}"><span class="bar-cell ${colour}" title="${words}">${words}</span></td>`;
}

/** What was sold over there, and what Posada still keeps although it is gone there. */
function listOf(unit: CalendarsView['units'][number], { from }: CalendarsView): Html | undefined {
  const sold = unit.listings.flatMap(({ channel, bookings }) => bookings.map((booking) => ({ channel, ...booking })));
  const missing = unit.listings.flatMap((listing) =>
    listing.missing.map((stay) => ({ channel: listing.channel, stay })),
  );
  if (sold.length === 0 && missing.length === 0) return undefined;
  return html`<ul class="sold">
    ${sold.map(
      ({ channel, id, code, stay }) =>
        html`<li>
          <span><strong>${channelWords[channel]!}</strong> ${code}, ${formatStayShort(stay, 'es')}</span>
          <form method="post">
            <input type="hidden" name="from" value="${from}" />
            <input type="hidden" name="unit" value="${unit.id}" />
            <input type="hidden" name="channel" value="${channel}" />
            <input type="hidden" name="booking" value="${id}" />
            <button
              name="action"
              value="cancel"
              aria-label="Cancelar la de ${channelWords[channel]!}, ${formatStayShort(stay, 'es')}"
            >
              Cancelar
            </button>
          </form>
        </li>`,
    )}
    ${missing.map(
      ({ channel, stay }) =>
        html`<li class="missing">
          ${channelWords[channel]!} ya no tiene ${formatStayShort(stay, 'es')}: Posada espera a estar segura para
          liberarla.
        </li>`,
    )}
  </ul>`;
}

const selected = html`selected`;
