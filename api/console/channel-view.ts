import type { FeedView } from '#shared/domain/calendars/feeds.ts';
import { channels } from '#shared/domain/calendars/foreign-event.ts';
import type { CalendarExport } from '#shared/domain/calendars/ports.ts';
import { html, type Html } from '../html.ts';
import { ago, buttonForm, feedName, select, tokenField, type Clock } from './parts.ts';

export type ExportLink = CalendarExport & { url: string };

/** Why a feed cannot be read, as an owner would say it. */
function failureWords(failure: string): string {
  const words: Readonly<Record<string, string>> = {
    timeout: 'no contesta',
    refused_address: 'la dirección no es pública',
    too_large: 'es demasiado grande',
    not_a_calendar: 'lo que hay en la dirección no es un calendario',
    http_404: 'la dirección ya no existe: pedile al sitio un enlace nuevo',
    http_403: 'el sitio no deja leerlo: pedile un enlace nuevo',
  };
  return words[failure] ?? failure.replaceAll('_', ' ');
}

/** The age of a feed as a badge: under 20 minutes is well, 30 is late (the service levels). */
export function feedBadge(
  feed: { lastGoodAt: Date | null; isPaused: boolean; isQuarantined: boolean },
  clock: Clock,
): Html {
  if (feed.isPaused) return html`<span class="badge">en pausa</span>`;
  if (feed.isQuarantined) return html`<span class="badge badge-waiting">en cuarentena</span>`;
  if (feed.lastGoodAt === null) return html`<span class="badge badge-held">sin leer todavía</span>`;
  const minutes = (clock.now.getTime() - feed.lastGoodAt.getTime()) / 60_000;
  const kind = minutes < 20 ? 'badge-confirmed' : minutes < 30 ? 'badge-held' : 'badge-waiting';
  return html`<span class="badge ${kind}">${ago(feed.lastGoodAt, clock)}</span>`;
}

/** A calendar that we read, how old it is, and what can be done with it. */
export function feedCard(feed: FeedView, clock: Clock, formToken: string): Html {
  const base = `/console/canales/${feed.id}`;
  const isQuarantined = feed.quarantinedEvents > 0;
  return html`<li class="feed">
    <p class="feed-line">
      <strong>${feedName(feed.channel)}</strong>
      ${feedBadge({ lastGoodAt: feed.lastGoodAt, isPaused: feed.state === 'paused', isQuarantined }, clock)}
      <span class="soft">${feed.url}</span>
    </p>
    ${feed.failure === null ? undefined : html`<p class="wrong">No se puede leer: ${failureWords(feed.failure)} (${feed.failures} veces seguidas).</p>`}
    ${
      isQuarantined
        ? html`<p class="wrong">
            Perdió ${feed.quarantinedEvents} reservas de golpe. Siguen bloqueadas hasta que lo aceptes o pasen 24 horas.
          </p>`
        : undefined
    }
    <div class="actions">
      ${isQuarantined ? buttonForm(`${base}/aceptar`, 'Aceptar que ya no están', formToken, 'main') : undefined}
      ${buttonForm(`${base}/leer`, 'Leer ahora', formToken)}
      ${feed.state === 'paused' ? buttonForm(`${base}/seguir`, 'Seguir leyendo', formToken) : buttonForm(`${base}/pausar`, 'Pausar', formToken)}
    </div>
    <details class="more">
      <summary>Cambiar o quitar</summary>
      <form method="post" action="${base}/direccion" class="search">
        ${tokenField(formToken)}
        <label class="hidden-text" for="url-${feed.id}">Otra dirección</label
        ><input
          id="url-${feed.id}"
          name="url"
          type="url"
          required
          placeholder="Otra dirección: https://…"
          autocomplete="off"
        /><button class="button quiet">Cambiar</button>
      </form>
      <p class="soft">Al quitarlo se libera todo lo que bloqueaba.</p>
      ${buttonForm(`${base}/quitar`, 'Quitar este calendario', formToken, 'bad')}
    </details>
  </li>`;
}

type UnitForms = {
  unit: { id: number; name: string };
  links: readonly ExportLink[];
  taken: readonly string[];
  given: { channel: string; url: string } | undefined;
  formToken: string;
};

/** Adding a calendar to read, and the links by which others read ours. */
export function feedForms({ unit, links, taken, given, formToken }: UnitForms): Html {
  const free = channels.filter((channel) => !taken.includes(channel));
  return html`
    <details class="more" ${given ? html`open` : undefined}>
      <summary>Leer el calendario de otro sitio</summary>
      <form method="post" action="/console/canales">
        ${tokenField(formToken)}<input type="hidden" name="unit" value="${unit.id}" />
        <div class="fields">
          <div class="field">
            <label for="channel-${unit.id}">Sitio</label>${select(
              'channel',
              `channel-${unit.id}`,
              free.map((value) => ({ value, words: feedName(value) })),
              given?.channel ?? '',
            )}
          </div>
          <div class="field">
            <label for="feed-${unit.id}">Dirección del calendario (iCal)</label
            ><input
              id="feed-${unit.id}"
              name="url"
              type="url"
              required
              autocomplete="off"
              placeholder="https://…"
              value="${given?.url ?? ''}"
            />
          </div>
          <button class="button main">Agregar</button>
        </div>
      </form>
    </details>
    <details class="more">
      <summary>Enlaces para los otros sitios</summary>
      <p class="soft">
        Pegá en cada sitio su propio enlace: así no le devolvemos lo que él mismo vendió. Quien tenga el enlace ve qué
        noches están ocupadas, sin nombres.
      </p>
      <ul class="links">
        ${links.map((link) => linkItem(link, formToken))}
      </ul>
    </details>
  `;
}

function linkItem(link: ExportLink, formToken: string): Html {
  const id = `link-${link.accommodationId}-${link.channel}`;
  const fields = (change: string): Html[] => [
    html`<input type="hidden" name="unit" value="${link.accommodationId}" /><input
        type="hidden"
        name="channel"
        value="${link.channel}"
      /><input type="hidden" name="change" value="${change}" />`,
  ];
  return html`<li>
    <label for="${id}">${feedName(link.channel)}</label>
    <div class="copy">
      <input id="${id}" readonly value="${link.url}" /><button
        class="button quiet"
        type="button"
        data-copy="${id}"
        hidden
      >
        Copiar
      </button>
    </div>
    <div class="actions">
      ${buttonForm('/console/canales/enlaces', 'Anular y hacer otro', formToken, 'quiet', fields('revoke'))}
      ${
        link.includesHolds
          ? buttonForm(
              '/console/canales/enlaces',
              'Sin las que están por pagar',
              formToken,
              'quiet',
              fields('no_holds'),
            )
          : buttonForm(
              '/console/canales/enlaces',
              'Incluir las que están por pagar',
              formToken,
              'quiet',
              fields('holds'),
            )
      }
    </div>
  </li>`;
}
