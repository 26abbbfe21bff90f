import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { KoaAdapter } from '@bull-board/koa';
import type { Context, Middleware } from 'koa';
import { idsOf, splitTrace } from '#shared/queues/job-data.ts';
import type { QueueStore, Queues } from '#shared/queues/connections.ts';
import { showLogin } from './console/login-page.ts';
import type { Sessions } from './console/session.ts';
import { unavailable } from './problem.ts';

const basePath = '/queues';

export type BoardLogin = {
  /** The console's session opens the board too. */
  sessions: Sessions;
  /** Else basic authentication, for programs; throws what it refuses with. */
  check: (ctx: Context) => Promise<unknown>;
};

/**
 * Bull Board under /queues, read-only for everybody: what failed is run again by `jobs replay`, which knows what may be. The
 * board itself is reached only through the exact, case-sensitive path, after the login: no other spelling of the address leads
 * to its routes. Of a job's data only ids are shown; what failed is shown by reason and place (workers store no messages). 503
 * until the queue store was reached.
 */
export function board(store: QueueStore, { sessions, check }: BoardLogin): Middleware {
  let plugin: Middleware | undefined;
  return async (ctx, next) => {
    if (ctx.path !== basePath && !ctx.path.startsWith(`${basePath}/`)) return next();
    if (!sessions.find(ctx)) {
      if (isPerson(ctx) && sessions.isOpen) return askToLogIn(ctx, sessions);
      await check(ctx);
    }
    const queues = store.queues();
    if (!queues) throw unavailable('queue_unavailable');
    plugin ??= createPlugin(queues);
    ctx.set('Content-Security-Policy', policy);
    return plugin(ctx, next);
  };
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

function createPlugin(queues: Queues): Middleware {
  const serverAdapter = new KoaAdapter();
  serverAdapter.setBasePath(basePath);
  createBullBoard({
    queues: Object.values(queues).map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
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
