import { channelWords } from '#shared/domain/calendars/channel-words.es.ts';
import { formatDate, formatMoney, formatStayShort, formatTime } from '#shared/domain/conversations/format.ts';
import type { CalendarDate, Stay } from '#shared/domain/stay.ts';
import { toCalendarDate } from '#shared/domain/stay.ts';
import { html, type Html } from '../html.ts';
import { originWords, statusWords } from './words.ts';

/** The lodging's clock, as every page needs it. */
export type Clock = { now: Date; today: CalendarDate; timeZone: string };

export function money(cents: number, currency: string): string {
  return formatMoney(cents, currency, 'es').replace(' ', ' ');
}

/** An amount as a form shows it: `48000` or `48000,50`. */
export function plainMoney(cents: number): string {
  const rest = cents % 100;
  return `${Math.trunc(cents / 100)}${rest === 0 ? '' : `,${String(rest).padStart(2, '0')}`}`;
}

export function day(date: CalendarDate, clock: Clock): string {
  return formatDate(date, clock.today, 'es');
}

export function stayShort(stay: Stay): string {
  return formatStayShort(stay, 'es');
}

/** "hoy 14:30", "ayer 09:12", "vie 3 de enero 14:30", in the lodging's zone. */
export function moment(instant: string | Date, clock: Clock): Html {
  const at = new Date(instant);
  const date = toCalendarDate(at, clock.timeZone);
  const dayNames = new Map([
    [clock.today, 'hoy'],
    [toCalendarDate(new Date(clock.now.getTime() - 86_400_000), clock.timeZone), 'ayer'],
  ]);
  const dayName = dayNames.get(date) ?? day(date, clock);
  return html`<time datetime="${at.toISOString()}">${dayName} ${formatTime(at, clock.timeZone)}</time>`;
}

/** "recién", "hace 5 min", "hace 3 h", "hace 2 días". */
export function ago(instant: string | Date, clock: Clock): string {
  const minutes = Math.floor((clock.now.getTime() - new Date(instant).getTime()) / 60_000);
  if (minutes < 1) return 'recién';
  if (minutes < 60) return `hace ${minutes} min`;
  if (minutes < 48 * 60) return `hace ${Math.floor(minutes / 60)} h`;
  return `hace ${Math.floor(minutes / 1_440)} días`;
}

/** Minutes that are left, told from the hold's point of view. */
export function timeLeft(until: string | Date, clock: Clock): string {
  const minutes = Math.ceil((new Date(until).getTime() - clock.now.getTime()) / 60_000);
  if (minutes <= 0) return 'venciendo';
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function people(adults: number, children: number): string {
  const grown = `${adults} ${adults === 1 ? 'adulto' : 'adultos'}`;
  return children === 0 ? grown : `${grown} y ${children} ${children === 1 ? 'menor' : 'menores'}`;
}

export function nightsText(nights: number): string {
  return nights === 1 ? '1 noche' : `${nights} noches`;
}

/** A status as a word on a colour with a shape of its own, so that the colour is not needed. */
export function statusBadge(status: string): Html {
  return html`<span class="badge badge-${status}">${statusWords[status] ?? status}</span>`;
}

export function originName(channel: string): string {
  return originWords[channel] ?? channel;
}

export function feedName(channel: string): string {
  return channelWords[channel] ?? channel;
}

/** How a guest is called: by name, else by phone, else so. */
export function guestName(contact: { name: string | null; phone: string | null } | null): string {
  return contact?.name ?? (contact?.phone ? phoneText(contact.phone) : 'Sin nombre');
}

export function phoneText(phone: string): string {
  return `+${phone.replaceAll(/\D/g, '')}`;
}

/** The field that every form carries against other sites. */
export function tokenField(formToken: string): Html {
  return html`<input type="hidden" name="token" value="${formToken}" />`;
}

/** A form of one button. */
export function buttonForm(
  action: string,
  words: string,
  formToken: string,
  kind = 'quiet',
  fields: Html[] = [],
): Html {
  return html`<form method="post" action="${action}" class="inline-form">
    ${tokenField(formToken)}${fields}<button class="button ${kind}">${words}</button>
  </form>`;
}

export type Option = { value: string; words: string };

export function select(name: string, id: string, options: readonly Option[], chosen: string): Html {
  return html`<select name="${name}" id="${id}">
    ${options.map(
      ({ value, words }) =>
        html`<option value="${value}" ${value === chosen ? html`selected` : undefined}>${words}</option>`,
    )}
  </select>`;
}

/** A labelled field; `attributes` are written as they are given, values escaped. */
export function field(label: string, id: string, input: Html, hint?: string): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label
    >${input}${hint === undefined ? undefined : html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

export function emptyState(words: string): Html {
  return html`<p class="empty">${words}</p>`;
}
