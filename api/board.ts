import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { KoaAdapter } from '@bull-board/koa';
import type { Context, Middleware } from 'koa';
import { idsOf, splitTrace } from '#shared/queues/job-data.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { QueueStore, Queues } from '#shared/queues/connections.ts';
import type { Operator } from './auth/operators.ts';
import { runBoardAct } from './board-acts.ts';
import { showLogin } from './console/login-page.ts';
import type { Sessions } from './console/session.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { HttpProblem, unavailable } from './problem.ts';

const basePath = '/queues';
const actsPath = `${basePath}/api/queues/`;

export type BoardLogin = {
  /** The console's session opens the board too. */
  sessions: Sessions;
  /** Else basic authentication, for programs; throws what it refuses with. */
  check: (ctx: Context) => Promise<Operator>;
};

/**
 * Bull Board under /queues: to look at for operators, to act on for admins, from its own page only and by our own functions
 * (board-acts.ts), never by Bull Board's. It is reached only through the exact, case-sensitive path, after the login: no other
 * spelling of the address leads to its routes. Of a job's data only ids are shown, to admins too; what failed is shown by reason
 * and place (workers store no messages). 503 until the queue store was reached.
 */
export function board(store: QueueStore, { sessions, check }: BoardLogin, log: Logger): Middleware {
  let plugins: { looking: Middleware; acting: Middleware } | undefined;
  return async (ctx, next) => {
    if (ctx.path !== basePath && !ctx.path.startsWith(`${basePath}/`)) return next();
    const session = sessions.find(ctx);
    if (!session && isPerson(ctx) && sessions.isOpen) return askToLogIn(ctx, sessions);
    const { isAdmin } = session?.operator ?? (await check(ctx));
    const queues = store.queues();
    if (!queues) throw unavailable('queue_unavailable');
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      await assertMayAct(ctx, { isAdmin, hasCookie: session !== undefined });
      const path = ctx.path.slice(actsPath.length);
      await runBoardAct(ctx, ctx.path.startsWith(actsPath) ? path : '', store);
      log.info({ act: path }, 'an admin acted on the board');
      return;
    }
    plugins ??= {
      looking: createPlugin(queues, { readOnlyMode: true }),
      acting: createPlugin(queues, { readOnlyMode: false }),
    };
    ctx.set('Content-Security-Policy', policy);
    return (isAdmin ? plugins.acting : plugins.looking)(ctx, next);
  };
}

/** A browser always says where a request with a cookie comes from; a program with a password of its own need not. */
async function assertMayAct(
  ctx: Context,
  { isAdmin, hasCookie }: { isAdmin: boolean; hasCookie: boolean },
): Promise<void> {
  await sameOrigin(ctx, async () => {});
  if (hasCookie && ctx.get('Sec-Fetch-Site') === '' && ctx.get('Origin') === '')
    throw new HttpProblem(403, 'cross_origin');
  if (!isAdmin) throw new HttpProblem(403, 'admins_only');
}

/** A browser that opens the page, and not a program or the page's own scripts. */
function isPerson(ctx: Context): boolean {
  return ctx.method === 'GET' && ctx.get('Authorization') === '' && ctx.get('Accept').includes('text/html');
}

function askToLogIn(ctx: Context, sessions: Sessions): void {
  ctx.set('Content-Security-Policy', loginPolicy);
  ctx.set('Referrer-Policy', 'same-origin');
  showLogin(ctx, sessions, { back: basePath, status: 401 });
}

const loginPolicy = "default-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The board's page asks Google for fonts; nothing leaves the house. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

/** `readOnlyMode` is what the page shows; what may be done is decided above. */
function createPlugin(queues: Queues, { readOnlyMode }: { readOnlyMode: boolean }): Middleware {
  const serverAdapter = new KoaAdapter();
  serverAdapter.setBasePath(basePath);
  createBullBoard({
    queues: Object.values(queues).map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode, allowRetries: !readOnlyMode });
      adapter.setFormatter('data', reduceData);
      adapter.setFormatter('returnValue', () => null);
      adapter.setFormatter('progress', (progress) => (typeof progress === 'number' ? progress : null));
      return adapter;
    }),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Posada' } },
  });
  return serverAdapter.registerPlugin();
}

function reduceData(data: unknown): Record<string, string> {
  const { payload, correlationId } = splitTrace(data);
  return { ...idsOf(payload), ...(correlationId ? { correlationId } : {}) };
}
