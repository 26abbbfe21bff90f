import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** The pages of the sandbox in their order; a later one is one line here and a route. */
const pages = [
  { path: '/sandbox', name: 'Chat' },
  { path: '/sandbox/checkout', name: 'Cobros' },
  { path: '/sandbox/calendars', name: 'Calendarios' },
] as const;

/** A whole page: head, the bar with the way between the pages, `body`. `script` and `styles` are files of `public/`. */
export function layout(page: {
  title: string;
  path: (typeof pages)[number]['path'];
  kind: string;
  body: Html;
  script?: string;
}): string {
  const links = pages.map(
    ({ path, name }) => html`<a href="${path}" ${path === page.path ? current : undefined}>${name}</a>`,
  );
  return html`<!doctype html>
    <html lang="es-AR">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
        <meta name="color-scheme" content="light" />
        <meta name="theme-color" content="#17403a" />
        <title>${page.title}</title>
        <link rel="icon" href="/sandbox/public/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/sandbox/public/sandbox.css" />
        <link rel="stylesheet" href="/sandbox/public/${page.kind}.css" />
        ${page.script === undefined ? undefined : html`<script type="module" src="/sandbox/public/${page.script}"></script>`}
      </head>
      <body class="${page.kind}-page">
        <header class="bar">
          <a class="brand" href="/sandbox" aria-label="Posada"
            ><img src="/sandbox/public/icon.svg" alt="" width="28" height="28" /><span>Posada</span></a
          >
          <span class="tag">Simulación</span>
          <nav class="pages" aria-label="Páginas de prueba">${links}</nav>
        </header>
        ${page.body}
      </body>
    </html>`.markup;
}

const current = html`aria-current="page"`;
