import type { Context } from 'koa';
import { html } from '../html.ts';
import { barePage } from './layout.ts';
import { tokenField } from './parts.ts';
import type { Sessions } from './session.ts';
import { problemWords } from './words.ts';

export type LoginView = { back: string; status: number; email?: string; problem?: string };

/** The login form instead of whatever was asked for; after it the way leads back there. */
export function showLogin(ctx: Context, sessions: Sessions, view: LoginView): void {
  ctx.status = view.status;
  ctx.type = 'html';
  ctx.body = loginPage(view, sessions.visitorToken(ctx));
}

function loginPage({ back, email, problem }: LoginView, token: string): string {
  const words =
    problem === 'too_many_attempts' ? 'Demasiados intentos. Esperá unos minutos.' : problem && problemWords(problem);
  return barePage(
    'Entrar',
    html`<form class="login card" method="post" action="/console/entrar">
      <img src="/console/public/icon.svg" alt="" width="56" height="56" />
      <h1>Posada</h1>
      <p class="soft">La consola del alojamiento</p>
      ${words ? html`<p class="line line-bad" role="alert">${words}</p>` : undefined} ${tokenField(token)}<input
        type="hidden"
        name="volver"
        value="${back}"
      />
      <div class="field">
        <label for="email">E-mail</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          required
          value="${email ?? ''}"
          ${email ? undefined : html`autofocus`}
        />
      </div>
      <div class="field">
        <label for="password">Contraseña</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          ${email ? html`autofocus` : undefined}
        />
      </div>
      <button class="button main">Entrar</button>
    </form>`,
  );
}
