import { readOccupancy } from '#shared/db/stores/console-occupancy.ts';
import { readCalendar } from '#shared/db/stores/operations-calendar.ts';
import { addDays, daysBetween, isCalendarDate, type CalendarDate } from '#shared/domain/stay.ts';
import { html } from '../html.ts';
import { occupancyLegend, occupancyTable } from './calendar-grid.ts';
import { emptyState } from './parts.ts';
import { get, type ConsoleRequest } from './route.ts';

const months = [
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
];

/** The occupancy of a month, all units. */
export const calendarRoutes = [get('/calendario', showCalendar)];

async function showCalendar({ desk, clock, query }: ConsoleRequest) {
  const asked = toMonth(query['mes'] ?? '');
  const month = asked ?? clock.today.slice(0, 7);
  // Unless a month is asked for: what is ahead, from the day before yesterday on.
  const from = asked ? `${month}-01` : addDays(clock.today, -2);
  const to = asked ? `${shiftMonth(month, 1)}-01` : addDays(from, 31);
  const window = { from, days: daysBetween(from, to) };
  const units = await readOccupancy(desk.database, { from, to });
  const { takenNights, allNights, occupancyPercent } = await readCalendar(desk.database, { from, to });
  const title = asked ? monthName(month) : 'Próximas semanas';
  const [before, after] = [asked ? shiftMonth(month, -1) : month, shiftMonth(month, 1)];
  const body = html`
    <div class="head">
      <h1>${title}</h1>
      <nav class="pager" aria-label="Meses">
        <a class="button quiet" href="/console/calendario?mes=${before}" rel="prev"
          ><span aria-hidden="true">←</span> ${monthName(before).slice(0, -5)}</a
        >
        <a class="button quiet" href="/console/calendario" ${asked ? undefined : html`aria-current="page"`}
          >Desde hoy</a
        >
        <a class="button quiet" href="/console/calendario?mes=${after}" rel="next"
          >${monthName(after).slice(0, -5)} <span aria-hidden="true">→</span></a
        >
      </nav>
      <form class="jump" method="get" action="/console/calendario">
        <label for="mes">Ir a</label><input id="mes" name="mes" type="month" value="${month}" /><button
          class="button quiet"
        >
          Ver
        </button>
      </form>
    </div>
    <p class="soft" data-live="fullness">
      ${String(occupancyPercent).replace('.', ',')} % ocupado: ${takenNights} de ${allNights} noches.
    </p>
    ${
      units.length === 0
        ? emptyState('Todavía no hay unidades.')
        : html`<div class="grid-frame" tabindex="0" role="region" aria-label="Ocupación" data-live="grid">
            ${occupancyTable(units, window, clock.today)}
          </div>`
    }
    ${occupancyLegend()}
    <div class="actions">
      <a class="button main" href="/console/reservas/nueva">Nueva reserva</a>
      <a class="button quiet" href="/console/bloqueos">Bloquear noches</a>
    </div>
  `;
  return { page: { title: `Calendario: ${title}`, part: 'calendario', body, isWide: true, scripts: ['calendar.js'] } };
}

function toMonth(text: string): string | undefined {
  const isMonth = isCalendarDate(`${text}-01`) && text >= '2000-01' && text < '2200-01';
  return isMonth ? text : undefined;
}

function monthName(month: string): string {
  const name = months[Number(month.slice(5)) - 1] ?? '';
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${month.slice(0, 4)}`;
}

function shiftMonth(month: string, by: number): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + by;
  const first: CalendarDate = `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}-01`;
  return addDays(first, 0).slice(0, 7);
}
