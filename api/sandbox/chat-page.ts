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
  mic: html`<svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5 12a7 7 0 0 0 14 0M12 19v3" />
  </svg>`,
  send: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h13M12 5l7 7-7 7" /></svg>`,
  down: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 9 6 6 6-6" /></svg>`,
} as const;

/** The phone and what lies beside it. The messages themselves are drawn by `public/chat.js`. */
export function chatPage(about: {
  lodging: string;
  timeZone: string;
  /** Ready-made voice notes and what is said in them. */
  notes: readonly { name: string; words: string }[];
  isSpeechSimulated: boolean;
}): string {
  const body = html`
    <main
      class="stage"
      id="chat"
      data-time-zone="${about.timeZone}"
      data-speech="${about.isSpeechSimulated ? 'simulated' : 'real'}"
    >
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
          <button type="button" class="send record" id="record" hidden>
            ${icons.mic}<span class="hidden-text">Grabar un audio</span>
          </button>
          <button type="submit" class="send">${icons.send}<span class="hidden-text">Enviar</span></button>
        </form>
        <div class="composer recording" id="recording" role="group" aria-label="Grabando un audio" hidden>
          <button type="button" class="quiet" id="record-drop">Descartar</button>
          <span class="recording-time" id="recording-time" role="timer">0:00</span>
          <button type="button" class="send" id="record-done">
            ${icons.send}<span class="hidden-text">Terminar el audio</span>
          </button>
        </div>
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
          <h2>Audios de prueba</h2>
          <ul class="suggestions">
            ${about.notes.map(toNote)}
          </ul>
          <p class="hint">${about.isSpeechSimulated ? simulatedSpeech : realSpeech}</p>
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
    <dialog class="said" id="said" aria-labelledby="said-title">
      <form id="said-form">
        <h2 id="said-title">¿Qué dijiste?</h2>
        <p class="hint">
          Acá nadie escucha de verdad: el servicio de voz es un simulador y va a entender lo que escribas. Vacío, como
          si no se entendiera nada.
        </p>
        <label class="hidden-text" for="said-words">Lo que dijiste</label>
        <textarea id="said-words" rows="3" maxlength="4096" autocomplete="off"></textarea>
        <div class="said-buttons">
          <button type="button" class="quiet" id="said-drop">Descartar</button>
          <button type="submit" class="quiet">Enviar</button>
        </div>
      </form>
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

const simulatedSpeech =
  'Ninguno sale de acá: el servicio de voz es un simulador, que lee lo dicho en el propio archivo. Con OPENAI_API_KEY u ' +
  'OPENAI_BASE_URL escucha uno de verdad.';
const realSpeech = 'Los escucha el servicio de voz que está configurado.';

function toNote({ name, words }: { name: string; words: string }): ReturnType<typeof html> {
  return html`<li>
    <button type="button" data-suggestion data-note="${name}">
      ${icons.mic} ${words === '' ? 'Un audio sin sonido' : words}
    </button>
  </li>`;
}

function firstLetter(name: string): string {
  return String.fromCodePoint(name.trim().codePointAt(0) ?? 0x50).toUpperCase();
}
