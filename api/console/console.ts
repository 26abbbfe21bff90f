import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { readFrame } from '#shared/db/stores/console-frame.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Access } from '../auth/access.ts';
import { deskOf } from '../desk.ts';
import type { Desk } from '../desk.ts';
import { rawBody } from '../middleware/raw-body.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { HttpProblem, unavailable } from '../problem.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';
import { html } from '../html.ts';
import { framePage } from './layout.ts';
import { createLive } from './live.ts';
import { showLogin } from './login-page.ts';
import { get, post, readForm, withQuery, type Answer, type ConsoleRequest, type ConsoleRoute } from './route.ts';
import { routes } from './routes.ts';
import type { Sessions } from './session.ts';

export type ConsoleDeps = {
  access: Access;
  sessions: Sessions;
  /** Undefined while the stores are not open: 503. */
  desk: () => Desk | undefined;
  /** Aborts when the process stops: open streams end. */
  closing?: AbortSignal;
};

const prefix = '/console';
/** Forms; the longest field is a season table. */
const formMaxBytes = 200_000;

/**
 * The operators' pages under /console. Without a session every address is the login form with 401, the assets excepted; without
 * operators (production without ADMIN_USERS) 404. A POST passes only from our own pages: by the browser's word on its origin
 * and by the form's token. Pages are rendered here; scripts only make them livelier.
 */
export function createConsole(deps: ConsoleDeps): Middleware {
  const match = createRouter(deps).routes() as unknown as Middleware;
  return async (ctx, next) => {
    if (ctx.path !== prefix && !ctx.path.startsWith(`${prefix}/`)) return next();
    if (!deps.access.operators) throw new HttpProblem(404, 'not_found');
    ctx.set(pageHeaders);
    await sameOrigin(ctx, async () => {});
    await match(ctx, () => runRoute(noRoute, ctx, deps));
  };
}

function createRouter(deps: ConsoleDeps): Router {
  const router = new Router({ prefix, sensitive: true });
  router.get('/public/:file', async (ctx) => sendPublic(ctx, ctx.params['file'] ?? ''));
  addLogin(router, deps);
  const leave = post('/salir', ({ ctx }) => {
    deps.sessions.close(ctx);
    return Promise.resolve({ seeOther: `${prefix}/entrar` });
  });
  for (const route of [leave, ...routes(createLive(deps.closing))]) {
    const run: Middleware = (ctx) => runRoute(route, ctx, deps);
    if (route.method === 'GET') router.get(route.path, run as never);
    else router.post(route.path, rawBody(formMaxBytes), run as never);
  }
  return router;
}

/** Whatever else is asked for below the console: told only to who is logged in. */
const noRoute = get('', () => Promise.resolve({ missing: 'Esa página no existe.' }));

function addLogin(router: Router, { sessions }: ConsoleDeps): void {
  router.get('/entrar', (ctx) => {
    if (sessions.find(ctx)) return redirect(ctx, backOf(ctx.query['volver']));
    showLogin(ctx, sessions, { back: backOf(ctx.query['volver']), status: 200 });
  });
  router.post('/entrar', rawBody(10_000), async (ctx) => {
    const form = readForm(ctx);
    const back = backOf(form.get('volver'));
    const email = (form.get('email') ?? '').slice(0, 320);
    const fail = (problem: string, status: number): void => showLogin(ctx, sessions, { back, email, problem, status });
    if (!sessions.isVisitor(ctx, form.get('token') ?? '')) return fail('form_expired', 403);
    try {
      const isOpen = await sessions.open(ctx, { email, password: (form.get('password') ?? '').slice(0, 1_000) });
      if (!isOpen) return fail('wrong_login', 401);
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.status !== 429) throw error;
      ctx.set(error.headers);
      return fail('too_many_attempts', 429);
    }
    redirect(ctx, back);
  });
}

async function runRoute(route: ConsoleRoute, ctx: Context, deps: ConsoleDeps): Promise<void> {
  const session = deps.sessions.find(ctx);
  if (!session) {
    if (ctx.get('Accept').includes('text/event-stream')) throw new HttpProblem(401, 'unauthorized');
    showLogin(ctx, deps.sessions, { back: ctx.method === 'GET' ? backOf(ctx.originalUrl) : prefix, status: 401 });
    return;
  }
  const open = deps.desk();
  if (!open) throw unavailable('starting');
  const desk = deskOf(open, session.operator);
  const form = route.method === 'POST' ? readForm(ctx) : new URLSearchParams();
  if (route.method === 'POST' && !isSameSecret(form.get('token') ?? '', session.formToken))
    throw new HttpProblem(403, 'form_expired');
  form.delete('token');
  const clock = await desk.inTransaction((stores) =>
    Promise.resolve({ now: stores.now, today: stores.today, timeZone: stores.settings.timeZone }),
  );
  const request: ConsoleRequest = {
    ctx,
    desk,
    session,
    clock,
    form,
    params: ctx['params'] as Record<string, string>,
    query: Object.fromEntries(new URLSearchParams(ctx.querystring)),
  };
  await write(request, await handle(route, request));
}

async function handle(route: ConsoleRoute, request: ConsoleRequest): Promise<Answer> {
  try {
    return await route.handle(request);
  } catch (error) {
    if (error instanceof DomainError && error.code.endsWith('_not_found')) return { missing: 'Eso no existe.' };
    throw error;
  }
}

async function write(request: ConsoleRequest, answer: Answer): Promise<void> {
  const { ctx, desk, session, query } = request;
  if (answer === undefined) return;
  if ('seeOther' in answer) {
    const [path = '', hash] = answer.seeOther.split('#');
    const told = withQuery(path, {}) + (path.includes('?') ? '&' : '?');
    const word = answer.done
      ? `hecho=${answer.done}`
      : answer.problem
        ? `problema=${encodeURIComponent(answer.problem)}`
        : '';
    redirect(ctx, `${word === '' ? path : told + word}${hash ? `#${hash}` : ''}`);
    return;
  }
  const page =
    'page' in answer
      ? answer.page
      : {
          title: 'No está',
          part: '-',
          body: html`<h1>No está</h1>
            <p>${answer.missing} <a href="/console">Volver a hoy</a></p>`,
        };
  const frame = await readFrame(desk.database);
  ctx.status = 'page' in answer ? (answer.status ?? 200) : 404;
  ctx.type = 'html';
  ctx.body = framePage(page, {
    ...frame,
    formToken: session.formToken,
    operator: session.operator.email,
    isAnswer: ctx.method === 'POST',
    done: query['hecho'],
    problem: ('page' in answer ? answer.problem : undefined) ?? query['problema'],
  });
}

function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.set('Location', to);
  ctx.body = '';
}

/** Where to go after the login: an address of the console or the board, nothing else's. */
function backOf(asked: unknown): string {
  const path = typeof asked === 'string' && asked.length < 2_000 ? asked : '';
  return /^\/(console|queues)(\/[^\\]*|\?[^\\]*)?$/.test(path) && !path.startsWith('/console/entrar') ? path : prefix;
}

const pageHeaders = {
  'Content-Security-Policy': "default-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // A form's POST carries its origin only so.
  'Referrer-Policy': 'same-origin',
};

const publicDir = join(import.meta.dirname, 'public');

async function sendPublic(ctx: Context, file: string): Promise<void> {
  const kind = /^[a-z-]+\.(js|css|svg)$/.exec(file)?.[1];
  const bytes = kind === undefined ? undefined : await readFile(join(publicDir, file)).catch(() => undefined);
  if (kind === undefined || bytes === undefined) throw new HttpProblem(404, 'not_found');
  ctx.type = kind;
  ctx.body = bytes;
}
