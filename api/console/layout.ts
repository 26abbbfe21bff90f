import { html, type Html } from '../html.ts';
import { buttonForm } from './parts.ts';
import { doneWords, problemWords } from './words.ts';

/** What a page says about itself; the frame does the rest. */
export type Page = {
  title: string;
  /** The part of the console that it belongs to, by its path below /console. */
  part: string;
  body: Html;
  /** Files of `public/`, beside the ones that every page has. */
  scripts?: readonly string[];
  /** Wider than text wants: the occupancy. */
  isWide?: boolean;
};

/** What the frame shows around every page. */
export type Frame = {
  lodging: string;
  formToken: string;
  operator: string;
  counts: { waiting: number; notices: number };
  /** The page answers a form: asking for its address again would show something else. */
  isAnswer: boolean;
  done?: string | undefined;
  problem?: string | undefined;
};

const icons = {
  today: html`<path d="M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z" />`,
  calendar: html`<path
    d="M4 7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 10h16M8 3v4M16 3v4"
  />`,
  reservations: html`<path d="M7 4h10a1 1 0 0 1 1 1v16l-6-3-6 3V5a1 1 0 0 1 1-1z" />`,
  chats: html`<path d="M5 5h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-8l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z" />`,
  notices: html`<path d="M6 16V11a6 6 0 1 1 12 0v5l2 2H4zM10 21h4" />`,
  prices: html`<path
    d="M12 3v18M16.5 7.5C16 6 14 5.500 12 5.500c-2.500 0-4.500 1-4.500 3.200 0 4.600 9.500 2 9.500 6.800 0 2-2 3.200-5 3.200-2.500 0-4.500-1-5-3"
  />`,
  blocks: html`<path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.600 5.600l12.800 12.800" />`,
  channels: html`<path d="M7 7h11l-3-3M17 17H6l3 3" />`,
};

const parts = [
  { path: '', name: 'Hoy', icon: icons.today },
  { path: 'calendario', name: 'Calendario', icon: icons.calendar },
  { path: 'reservas', name: 'Reservas', icon: icons.reservations },
  { path: 'mensajes', name: 'Mensajes', icon: icons.chats },
  { path: 'avisos', name: 'Avisos', icon: icons.notices },
  { path: 'precios', name: 'Precios', icon: icons.prices },
  { path: 'bloqueos', name: 'Bloqueos', icon: icons.blocks },
  { path: 'canales', name: 'Canales', icon: icons.channels },
] as const;

/** A whole page of the console with its navigation. */
export function framePage(page: Page, frame: Frame): string {
  return documentOf(
    page.title,
    html`<a class="skip" href="#content">Ir al contenido</a>
      <div class="frame">
        <header class="side">
          <a class="brand" href="/console"
            ><img src="/console/public/icon.svg" alt="" width="32" height="32" /><span>${frame.lodging}</span></a
          >
          <nav aria-label="Consola">
            <ul class="parts">
              ${parts.map((part) => partLink(part, page.part, frame))}
            </ul>
          </nav>
          <div class="who">
            <span class="who-name">${frame.operator}</span>${buttonForm('/console/salir', 'Salir', frame.formToken)}
          </div>
        </header>
        <main id="content" class="${page.isWide ? 'content wide' : 'content'}" tabindex="-1">
          ${lines(frame)}${page.body}
        </main>
      </div>`,
    ['frame.js', ...(frame.isAnswer ? [] : ['live.js']), ...(page.scripts ?? [])],
  );
}

/** A page without the navigation: the login, an error before it. */
export function barePage(title: string, body: Html): string {
  return documentOf(title, html`<main class="bare">${body}</main>`, []);
}

function documentOf(title: string, body: Html, scripts: readonly string[]): string {
  return html`<!doctype html>
    <html lang="es-AR">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <meta name="theme-color" content="#17403a" />
        <meta name="robots" content="noindex" />
        <title>${title} · Posada</title>
        <link rel="icon" href="/console/public/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/console/public/console.css" />
        <link rel="stylesheet" href="/console/public/pages.css" />
        ${scripts.map((file) => html`<script type="module" src="/console/public/${file}"></script>`)}
      </head>
      <body>
        ${body}
      </body>
    </html>`.markup;
}

function partLink(part: (typeof parts)[number], current: string, { counts }: Frame): Html {
  const count = { mensajes: counts.waiting, avisos: counts.notices }[part.path as string] ?? 0;
  return html`<li>
    <a
      href="/console${part.path === '' ? '' : `/${part.path}`}"
      ${part.path === current ? html`aria-current="page"` : undefined}
      ><svg viewBox="0 0 24 24" aria-hidden="true">${part.icon}</svg><span>${part.name}</span
      ><span class="count" data-live="count-${part.path === '' ? 'hoy' : part.path}"
        >${
          count === 0
            ? undefined
            : html`<b>${count > 99 ? '99+' : count}<span class="hidden-text"> sin resolver</span></b>`
        }</span
      ></a
    >
  </li>`;
}

/** What was done or not done by the form before this page. */
function lines({ done, problem }: Frame): Html[] {
  const good = done === undefined ? undefined : doneWords(done);
  return [
    ...(good === undefined ? [] : [html`<p class="line line-good" role="status">${good}</p>`]),
    ...(problem === undefined ? [] : [html`<p class="line line-bad" role="alert">${problemWords(problem)}</p>`]),
  ];
}
