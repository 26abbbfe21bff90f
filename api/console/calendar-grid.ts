import type { OccupancyBar, UnitOccupancy } from '#shared/db/stores/console-occupancy.ts';
import { addDays, daysBetween, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import { html, type Html } from '../html.ts';
import { feedName, nightsText, stayShort } from './parts.ts';
import { statusWords } from './words.ts';

/** A bar cut to the window: columns `[start, start + length)`; `isCut…`: it goes on beyond the edge. */
type Cell = { bar: OccupancyBar; start: number; length: number; isCutLeft: boolean; isCutRight: boolean };

/** One row of a unit: bars that do not overlap, in order. */
export type Lane = Cell[];

/** Bars in as few rows as they need; what is ours first, so that it is always in the first row. */
export function toLanes(bars: readonly OccupancyBar[], window: { from: CalendarDate; days: number }): Lane[] {
  const lanes: Lane[] = [];
  const ours = (bar: OccupancyBar): number => (bar.code === null ? 1 : 0);
  for (const bar of bars.toSorted((a, b) => ours(a) - ours(b) || (a.from < b.from ? -1 : 1))) {
    const from = Math.max(0, daysBetween(window.from, bar.from));
    const to = Math.min(window.days, daysBetween(window.from, bar.to));
    if (to <= from) continue;
    const cell = {
      bar,
      start: from,
      length: to - from,
      isCutLeft: daysBetween(window.from, bar.from) < 0,
      isCutRight: daysBetween(window.from, bar.to) > window.days,
    };
    const lane = lanes.find((each) => each.every(({ start, length }) => start + length <= from || start >= to));
    if (lane) lane.push(cell);
    else lanes.push([cell]);
  }
  for (const lane of lanes) lane.sort((a, b) => a.start - b.start);
  return lanes.length === 0 ? [[]] : lanes;
}

/** The letter that stands for a bar where colours cannot be told apart or were printed in grey. */
export function letterOf({ kind, channel }: Pick<OccupancyBar, 'kind' | 'channel'>): string {
  if (kind === 'channel') return { airbnb: 'A', booking: 'B', vrbo: 'V', google: 'G', other: 'O' }[channel ?? 'other'];
  return { held: 'P', confirmed: 'C', completed: 'T', echo: 'E', block: 'X' }[kind];
}

export function kindWords({ kind, channel }: Pick<OccupancyBar, 'kind' | 'channel'>): string {
  if (kind === 'channel') return feedName(channel ?? 'other');
  if (kind === 'echo') return `Eco de ${feedName(channel ?? 'other')}`;
  return kind === 'block' ? 'Bloqueo' : (statusWords[kind] ?? kind);
}

const monthShort = ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'];

/** The occupancy as a table: a row per unit (more where bars lie on each other), a column per night. */
export function occupancyTable(
  units: readonly UnitOccupancy[],
  window: { from: CalendarDate; days: number },
  today: CalendarDate,
): Html {
  const dates = Array.from({ length: window.days }, (_, index) => addDays(window.from, index));
  const dayKind = (date: CalendarDate): string =>
    [[6, 0].includes(weekday(date)) ? 'weekend' : '', date === today ? 'is-today' : ''].join(' ').trim();
  return html`<table class="grid">
    <caption class="hidden-text">
      Ocupación por unidad y noche
    </caption>
    <thead>
      <tr>
        <th scope="col" class="unit">Unidad</th>
        ${dates.map(
          (date) =>
            html`<th scope="col" class="day ${dayKind(date)}" ${date === today ? html`aria-current="date"` : undefined}>
              <span>${['do', 'lu', 'ma', 'mi', 'ju', 'vi', 'sá'][weekday(date)]}</span><b>${Number(date.slice(8))}</b>${
                date.endsWith('-01') ? html`<i>${monthShort[Number(date.slice(5, 7)) - 1]}</i>` : undefined
              }
            </th>`,
        )}
      </tr>
    </thead>
    ${units.map(
      (unit) =>
        html`<tbody>
          ${toLanes(unit.bars, window).map(
            (lane, index, all) =>
              html`<tr>
                ${index === 0 ? html`<th scope="rowgroup" rowspan="${all.length}" class="unit">${unit.name}</th>` : undefined}
                ${laneCells(lane, dates, dayKind)}
              </tr>`,
          )}
        </tbody>`,
    )}
  </table>`;
}

function laneCells(lane: Lane, dates: readonly CalendarDate[], dayKind: (date: CalendarDate) => string): Html[] {
  const cells: Html[] = [];
  let column = 0;
  const free = (until: number): void => {
    for (; column < until; column += 1) cells.push(html`<td class="night ${dayKind(dates[column]!)}"></td>`);
  };
  for (const cell of lane) {
    free(cell.start);
    cells.push(barCell(cell));
    column = cell.start + cell.length;
  }
  free(dates.length);
  return cells;
}

function barCell({ bar, length, isCutLeft, isCutRight }: Cell): Html {
  const kind = bar.kind === 'channel' ? `channel-${bar.channel ?? 'other'}` : bar.kind;
  const classes = `bar bar-${kind}${bar.isInConflict ? ' bar-conflict' : ''}${isCutLeft ? ' cut-left' : ''}${isCutRight ? ' cut-right' : ''}`;
  const stay = { checkIn: bar.from, checkOut: bar.to };
  const who = bar.guest ?? bar.note ?? (bar.code === null ? kindWords(bar) : 'Sin nombre');
  const full = `${kindWords(bar)}${bar.isInConflict ? ', en conflicto' : ''}: ${who}, ${stayShort(stay)}, ${nightsText(daysBetween(bar.from, bar.to))}`;
  const face = html`<span class="letter" aria-hidden="true">${bar.isInConflict ? '!' : letterOf(bar)}</span
    ><span class="name" aria-hidden="true">${who}</span><span class="hidden-text">${full}</span>`;
  return html`<td colspan="${length}" class="taken">
    ${
      bar.code === null
        ? html`<details class="${classes}">
            <summary title="${full}">${face}</summary>
            <p class="bar-more">${full}</p>
          </details>`
        : html`<a class="${classes}" href="/console/reservas/${bar.code}" title="${full}">${face}</a>`
    }
  </td>`;
}

const legend: readonly Pick<OccupancyBar, 'kind' | 'channel'>[] = [
  { kind: 'confirmed', channel: null },
  { kind: 'held', channel: null },
  { kind: 'completed', channel: null },
  { kind: 'channel', channel: 'airbnb' },
  { kind: 'channel', channel: 'booking' },
  { kind: 'channel', channel: 'vrbo' },
  { kind: 'channel', channel: 'google' },
  { kind: 'channel', channel: 'other' },
  { kind: 'block', channel: null },
];

/** What the colours, patterns and letters mean. */
export function occupancyLegend(): Html {
  const sample = (kind: string, letter: string, words: string): Html =>
    html`<li>
      <span class="bar bar-${kind} sample"><span class="letter">${letter}</span></span
      >${words}
    </li>`;
  return html`<ul class="legend" aria-label="Referencias">
    ${legend.map((each) =>
      sample(each.kind === 'channel' ? `channel-${each.channel}` : each.kind, letterOf(each), kindWords(each)),
    )}
    ${sample('echo', 'E', 'Eco: noches nuestras que vuelven')} ${sample('confirmed bar-conflict', '!', 'En conflicto')}
  </ul>`;
}
