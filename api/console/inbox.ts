import {
  findListedConversation,
  listConversations,
  listMessages,
  type ListedConversation,
} from '#shared/db/stores/operations-conversations.ts';
import { listReservations } from '#shared/db/stores/operations-reservations.ts';
import { answerAsPerson, resume, takeOver } from '#shared/domain/conversations/person.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { html, type Html } from '../html.ts';
import { bubbles, chatItem } from './chat-view.ts';
import {
  buttonForm,
  emptyState,
  guestName,
  moment,
  phoneText,
  statusBadge,
  stayShort,
  tokenField,
  type Clock,
} from './parts.ts';
import { act, get, post, withQuery, type Answer, type ConsoleRequest } from './route.ts';

/** The chats: read live, taken over, answered, given back to the bot. */
export const inboxRoutes = [
  get('/mensajes', (request) => showInbox(request, undefined)),
  get('/mensajes/:id', async (request) => showInbox(request, await findChat(request))),
  post('/mensajes/:id/tomar', (request) => onChat(request, 'taken_over', (id, stores) => takeOver(id, stores))),
  post('/mensajes/:id/devolver', (request) => onChat(request, 'resumed', (id, stores) => resume(id, stores))),
  post('/mensajes/:id/responder', answer),
];

/** WhatsApp takes so many characters in a text. */
const longestAnswer = 4_096;
/** WhatsApp lets a business write freely for so long after the guest's last message. */
const freeHours = 24;

async function answer(request: ConsoleRequest): Promise<Answer> {
  const text = (request.form.get('text') ?? '').replaceAll('\r\n', '\n').trim();
  if (text === '' || Array.from(text).length > longestAnswer)
    return { seeOther: `/console/mensajes/${idOf(request.params)}`, problem: 'invalid_form' };
  return onChat(request, 'answered', (id, stores) => answerAsPerson(id, text, stores));
}

async function onChat(
  { desk, params }: ConsoleRequest,
  done: string,
  work: (id: string, stores: Stores) => Promise<unknown>,
): Promise<Answer> {
  const id = idOf(params);
  return act(`/console/mensajes/${id}`, async () => {
    await desk.inTransaction((stores) => work(id, stores));
    return { seeOther: `/console/mensajes/${id}#escribir`, done };
  });
}

function idOf(params: Record<string, string>): string {
  const id = params['id'] ?? '';
  if (!/^\d{1,18}$/.test(id)) throw new DomainError('conversation_not_found');
  return id;
}

async function findChat({ desk, params }: ConsoleRequest): Promise<ListedConversation> {
  const found = await findListedConversation(desk.database, idOf(params));
  if (!found) throw new DomainError('conversation_not_found');
  return found;
}

async function showInbox(request: ConsoleRequest, open: ListedConversation | undefined): Promise<Answer> {
  const { desk, clock, query } = request;
  const state = query['ver'] === 'persona' ? 'paused' : query['ver'] === 'esperan' ? 'waiting' : undefined;
  const search = (query['buscar'] ?? '').trim().slice(0, 100);
  const kept = { ver: query['ver'], buscar: search };
  const filter = { state, search: search === '' ? undefined : search } as const;
  const chats =
    (await listConversations(desk.database, filter, { limit: 40, cursor: query['pagina'] })) ??
    (await listConversations(desk.database, filter, { limit: 40 }));
  const tail = withQuery('', { ver: state === undefined ? undefined : query['ver'], buscar: search });
  const tab = (ver: string | undefined, words: string): Html => {
    const isHere = (state === undefined ? undefined : query['ver']) === ver;
    return html`<a href="${withQuery('/console/mensajes', { ver })}" ${isHere ? html`aria-current="true"` : undefined}
      >${words}</a
    >`;
  };
  const body = html`
    <div class="inbox ${open === undefined ? 'is-list' : 'is-chat'}" data-chat="${open?.id}">
      <section class="chats" aria-label="Chats">
        ${open === undefined ? html`<h1>Mensajes</h1>` : html`<h2>Mensajes</h2>`}
        <nav class="tabs" aria-label="Qué chats">
          ${tab(undefined, 'Todos')}${tab('esperan', 'Esperan')}${tab('persona', 'Con persona')}
        </nav>
        <form method="get" action="/console/mensajes" role="search" class="search">
          ${state === undefined ? undefined : html`<input type="hidden" name="ver" value="${query['ver']}" />`}
          <label class="hidden-text" for="buscar">Buscar por nombre o teléfono</label
          ><input id="buscar" name="buscar" type="search" placeholder="Nombre o teléfono" value="${search}" /><button
            class="button quiet"
          >
            Buscar
          </button>
        </form>
        <ul class="chat-list" data-live="chats">
          ${(chats?.items ?? []).map((chat) => chatItem(chat, clock, open?.id, tail))}
        </ul>
        ${(chats?.items ?? []).length === 0 ? emptyState('Ningún chat es así.') : undefined}
        ${chats?.nextCursor ? html`<p><a class="button quiet" href="${withQuery('/console/mensajes', { ...kept, pagina: chats.nextCursor })}">Más chats</a></p>` : undefined}
      </section>
      ${open === undefined ? html`<section class="no-chat">${emptyState('Elegí un chat de la lista.')}</section>` : await chatPane(request, open)}
    </div>
  `;
  return {
    page: {
      title: open === undefined ? 'Mensajes' : guestName(open.contact),
      part: 'mensajes',
      body,
      isWide: true,
      scripts: ['inbox.js'],
    },
  };
}

async function chatPane({ desk, clock, session, query }: ConsoleRequest, chat: ListedConversation): Promise<Html> {
  const page =
    (await listMessages(desk.database, chat.id, { limit: 60, cursor: query['antes'] })) ??
    (await listMessages(desk.database, chat.id, { limit: 60 }));
  const messages = (page?.items ?? []).toReversed();
  const stays =
    (await listReservations(desk.database, { contactId: chat.contact.id }, { order: '-createdAt', limit: 3 }))?.items ??
    [];
  const isPaused = chat.pausedUntil !== null && new Date(chat.pausedUntil) > clock.now;
  const base = `/console/mensajes/${chat.id}`;
  return html`<section class="chat" aria-label="Chat con ${guestName(chat.contact)}">
    <header class="chat-head">
      <a class="button quiet back" href="/console/mensajes"><span aria-hidden="true">←</span> Chats</a>
      <div class="chat-who">
        <h1>${guestName(chat.contact)}</h1>
        <p class="soft">
          ${chat.contact.phone ? phoneText(chat.contact.phone) : 'Sin número'} ·
          ${{ es: 'español', pt: 'portugués', en: 'inglés' }[chat.language]}
        </p>
      </div>
      <div class="chat-acts" data-live="acts">
        ${isPaused ? buttonForm(`${base}/devolver`, 'Devolver a Posada', session.formToken) : buttonForm(`${base}/tomar`, 'Tomar el chat', session.formToken)}
      </div>
    </header>
    <p class="chat-state" data-live="state" role="status">
      ${isPaused && chat.pausedUntil ? html`Lo atiende una persona: Posada calla hasta ${moment(chat.pausedUntil, clock)}.` : 'Posada responde en este chat.'}
    </p>
    ${
      stays.length === 0
        ? undefined
        : html`<ul class="chat-stays" data-live="stays">
            ${stays.map((stay) => html`<li><a href="/console/reservas/${stay.code}">${stay.code}</a> ${stay.accommodation.name}, ${stayShort(stay)} ${statusBadge(stay.status)}</li>`)}
          </ul>`
    }
    <div class="chat-scroll" tabindex="0" role="log" aria-label="Mensajes">
      ${page?.nextCursor ? html`<p class="older"><a class="button quiet" href="${withQuery(base, { antes: page.nextCursor })}">Mensajes anteriores</a></p>` : undefined}
      <ol class="chat-bubbles" data-live="messages">
        ${bubbles(messages, clock)}
      </ol>
    </div>
    ${query['antes'] === undefined ? composer(chat, base, session.formToken, clock) : html`<p class="older"><a class="button quiet" href="${base}">Volver al final</a></p>`}
  </section>`;
}

function composer(chat: ListedConversation, base: string, formToken: string, clock: Clock): Html {
  const lastIn = chat.lastMessage?.direction === 'in' ? chat.lastMessage.at : undefined;
  const isLate = lastIn !== undefined && clock.now.getTime() - Date.parse(lastIn) > freeHours * 3_600_000;
  return html`<form class="composer" method="post" action="${base}/responder" id="escribir">
    ${tokenField(formToken)}
    <label class="hidden-text" for="text">Tu respuesta</label>
    <textarea
      id="text"
      name="text"
      rows="2"
      required
      maxlength="${longestAnswer}"
      placeholder="Escribile al huésped; al enviar, el chat queda en tus manos"
      aria-describedby="text-hint"
    ></textarea>
    <button class="button main">Enviar</button>
    <p class="hint" id="text-hint">
      ${isLate ? 'Pasaron más de 24 h desde su último mensaje: WhatsApp puede no dejar pasar un texto libre.' : 'Ctrl + Enter envía.'}
    </p>
  </form>`;
}
