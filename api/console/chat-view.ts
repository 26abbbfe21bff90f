import type { ChatMessage, ListedConversation } from '#shared/db/stores/operations-conversations.ts';
import { html, type Html } from '../html.ts';
import { ago, guestName, moment, type Clock } from './parts.ts';

/** What a message without words was. */
const typeWords: Readonly<Record<string, string>> = {
  audio: 'Nota de voz',
  image: 'Foto',
  video: 'Video',
  document: 'Documento',
  sticker: 'Sticker',
  location: 'Ubicación',
  contacts: 'Contacto',
  reaction: 'Reacción',
  template: 'Plantilla',
  order: 'Pedido',
  unsupported: 'Mensaje que WhatsApp no muestra',
  revoke: 'Mensaje borrado',
  opened: 'Abrió el chat',
};

/** Messages as bubbles, oldest first as given. */
export function bubbles(messages: readonly ChatMessage[], clock: Clock): Html[] {
  return messages.map((message) => {
    const who = message.direction === 'in' ? 'guest' : message.purpose === 'person' ? 'person' : 'bot';
    const voice = message.type === 'audio' && message.text !== null;
    return html`<li class="bubble by-${who}">
      <span class="hidden-text">${{ guest: 'Huésped:', person: 'Vos:', bot: 'Posada:' }[who]}</span>
      ${voice ? html`<span class="soft">Nota de voz: </span>` : undefined}
      <p class="words">${message.text ?? html`<em>${typeWords[message.type] ?? message.type}</em>`}</p>
      ${
        message.choices.length > 0
          ? html`<ul class="choices">
              ${message.choices.map((title) => html`<li>${title}</li>`)}
            </ul>`
          : undefined
      }
      <p class="meta">
        ${who === 'bot' ? 'Posada · ' : undefined}${moment(message.at, clock)}${stateWords(message)}
        ${message.reservationCode ? html`· <a href="/console/reservas/${message.reservationCode}">${message.reservationCode}</a>` : undefined}
      </p>
    </li>`;
  });
}

function stateWords({ direction, state, delivery, failureCode }: ChatMessage): Html | undefined {
  if (direction === 'in') {
    const words = {
      unanswered: 'sin responder',
      untranscribed: 'escuchando',
      failed: 'no se pudo responder',
      left_to_person: 'para vos',
    }[state];
    return words === undefined ? undefined : html` · <b class="wait">${words}</b>`;
  }
  if (state === 'failed' || delivery === 'failed')
    return html` · <b class="bad">no llegó${failureCode === null ? '' : ` (${failureCode})`}</b>`;
  if (state === 'parked' || state === 'kept') return html` · <b class="wait">guardado: no se pudo enviar</b>`;
  if (state !== 'sent') return html` · <b class="wait">enviándose</b>`;
  const words = { sent: 'enviado', delivered: 'entregado', read: 'leído' }[delivery ?? 'sent'];
  return html` · ${words ?? 'enviado'}`;
}

/** A chat in the list of chats. */
export function chatItem(chat: ListedConversation, clock: Clock, openId: string | undefined, query: string): Html {
  const waiting = chat.unansweredCount + chat.leftToPersonCount;
  const isPaused = chat.pausedUntil !== null && new Date(chat.pausedUntil) > clock.now;
  const last = chat.lastMessage;
  return html`<li>
    <a
      class="chat-item"
      href="/console/mensajes/${chat.id}${query}"
      ${chat.id === openId ? html`aria-current="page"` : undefined}
    >
      <span class="chat-line"
        ><strong>${guestName(chat.contact)}</strong
        ><span class="soft">${last ? ago(last.at, clock) : undefined}</span></span
      >
      <span class="chat-line"
        ><span class="chat-last"
          >${last ? `${last.direction === 'out' ? '↩ ' : ''}${last.text ?? typeWords[last.type] ?? last.type}` : 'Sin mensajes'}</span
        >
        ${isPaused ? html`<span class="badge badge-held">persona</span>` : undefined}
        ${waiting > 0 ? html`<span class="badge badge-waiting">${waiting}<span class="hidden-text"> sin responder</span></span>` : undefined}</span
      >
    </a>
  </li>`;
}
