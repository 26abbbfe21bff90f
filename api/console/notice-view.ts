import type { OwnerNotice } from '#shared/db/stores/operations-notices.ts';
import { html, type Html } from '../html.ts';
import { ago, buttonForm, type Clock } from './parts.ts';
import { noticeWords } from './words.ts';

/** A notice for the owner in a line, with the way to what it is about and the button that ends it. */
export function noticeItem(notice: OwnerNotice, clock: Clock, formToken: string, back: string): Html {
  const words = noticeWords[notice.type] ?? notice.type.replaceAll('_', ' ');
  const code = notice.reservationCode ?? codeOf(notice.data);
  return html`<li class="item">
    <span class="item-main"
      ><strong>${words}</strong>
      ${code === undefined ? undefined : html`<a href="/console/reservas/${code}">${code}</a>`}
      ${notice.conversationId === null ? undefined : html`<a href="/console/mensajes/${notice.conversationId}">Abrir el chat</a>`}
      <span class="soft">${ago(notice.createdAt, clock)}</span></span
    >
    ${
      notice.state === 'done'
        ? html`<span class="soft">Resuelto</span>`
        : buttonForm(`/console/avisos/${notice.id}/listo`, 'Listo', formToken, 'quiet', [
            html`<input type="hidden" name="volver" value="${back}" />`,
          ])
    }
  </li>`;
}

function codeOf(data: Record<string, unknown>): string | undefined {
  return typeof data['code'] === 'string' ? data['code'] : undefined;
}
