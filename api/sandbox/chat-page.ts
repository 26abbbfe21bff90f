import { html } from '../html.ts';
import { layout } from './layout.ts';

/** What a newcomer may write first; every one of them leads somewhere. */
const suggestions = [
  'hola, hay lugar del 10 al 14 de enero para 4?',
  'somos 2 adultos y 1 menor, el próximo fin de semana',
  '¿cuánto sale del 3 al 6 de marzo para 2?',
  '¿tienen wifi?',
  'mis reservas',
  'quiero cancelar',
  'empezar de nuevo',
  'quiero hablar con una persona',
] as const;

const icons = {
  menu: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16" /></svg>`,
  close: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18" /></svg>`,
  send: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h13M12 5l7 7-7 7" /></svg>`,
  down: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 9 6 6 6-6" /></svg>`,
} as const;

/** The phone and what lies beside it. The messages themselves are drawn by `public/chat.js`. */
export function chatPage(about: { lodging: string; timeZone: string }): string {
  const body = html`
    <main class="stage" id="chat" data-time-zone="${about.timeZone}">
      <section class="phone" aria-label="Teléfono del huésped">
        <div class="phone-head">
          <span class="avatar" aria-hidden="true">${firstLetter(about.lodging)}</span>
          <div class="who">
            <h1>${about.lodging}</h1>
            <p id="presence">en línea</p>
          </div>
          <button type="button" class="icon-button" id="open-panel" aria-controls="panel" aria-expanded="false">
            ${icons.menu}<span class="unread-dot" id="unread-elsewhere" hidden></span>
            <span class="hidden-text">Huéspedes y sugerencias</span>
          </button>
        </div>
        <p class="trouble" id="trouble" role="alert" hidden></p>
        <div class="scroller" id="scroller" tabindex="0" role="region" aria-label="Conversación">
          <div class="welcome" id="welcome" hidden>
            <h2>Escribí como si fueras un huésped</h2>
            <p>
              Es el teléfono de <strong id="welcome-name"></strong>. Acá no sale nada a internet ni se mueve dinero.
            </p>
            <ul class="chips">
              ${suggestions.slice(0, 3).map(toSuggestion)}
            </ul>
          </div>
          <div role="log" aria-label="Mensajes"><ol class="messages" id="messages" aria-busy="true"></ol></div>
          <div class="typing" id="typing" hidden aria-hidden="true"><span></span><span></span><span></span></div>
        </div>
        <button type="button" class="to-end" id="to-end" hidden>
          ${icons.down}<span class="hidden-text">Ir al último mensaje</span>
        </button>
        <form class="composer" id="composer">
          <label class="hidden-text" for="text">Mensaje</label>
          <textarea
            id="text"
            rows="1"
            maxlength="4096"
            placeholder="Mensaje"
            enterkeyhint="send"
            autocomplete="off"
          ></textarea>
          <button type="submit" class="send">${icons.send}<span class="hidden-text">Enviar</span></button>
        </form>
      </section>
      <aside class="panel" id="panel" aria-label="Huéspedes y sugerencias">
        <div class="panel-head">
          <h2>Prueba</h2>
          <button type="button" class="icon-button" id="close-panel">
            ${icons.close}<span class="hidden-text">Cerrar</span>
          </button>
        </div>
        <section>
          <h2>Qué podés escribir</h2>
          <ul class="suggestions">
            ${suggestions.map(toSuggestion)}
          </ul>
        </section>
        <section>
          <h2>Quién escribe</h2>
          <ul class="guests" id="guests"></ul>
          <form class="new-guest" id="new-guest">
            <label for="new-name">Otro huésped</label>
            <div>
              <input id="new-name" name="name" maxlength="60" required placeholder="Nombre" autocomplete="off" />
              <button type="submit">Agregar</button>
            </div>
          </form>
        </section>
        <section>
          <h2>Empezar de nuevo</h2>
          <p class="hint">
            Vacía este teléfono. Lo que Posada ya anotó (conversación y reservas) queda: para una historia en blanco,
            agregá otro huésped.
          </p>
          <button type="button" class="quiet" id="reset">Vaciar este chat</button>
        </section>
        <noscript><p class="hint">El chat necesita JavaScript.</p></noscript>
      </aside>
    </main>
    <dialog class="sheet" id="sheet" aria-labelledby="sheet-title">
      <div class="sheet-head">
        <h2 id="sheet-title"></h2>
        <button type="button" class="icon-button" id="close-sheet">
          ${icons.close}<span class="hidden-text">Cerrar</span>
        </button>
      </div>
      <div class="sheet-rows" id="sheet-rows"></div>
    </dialog>
  `;
  return layout({
    title: `${about.lodging} · chat de prueba`,
    path: '/sandbox',
    kind: 'chat',
    body,
    script: 'chat.js',
  });
}

function toSuggestion(text: string): ReturnType<typeof html> {
  return html`<li><button type="button" data-suggestion="${text}">${text}</button></li>`;
}

function firstLetter(name: string): string {
  return String.fromCodePoint(name.trim().codePointAt(0) ?? 0x50).toUpperCase();
}
