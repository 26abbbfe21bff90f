import Router from '@koa/router';
import Koa from 'koa';
import type { Context, Middleware } from 'koa';
import type { Env } from '#shared/config/env.ts';
import type { HealthCheck } from '#shared/observability/health.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import type { QueueName } from '#shared/queues/contracts.ts';
import type { EnqueueAll } from '#shared/queues/enqueue.ts';
import type { Access } from './auth/access.ts';
import { board } from './board.ts';
import { createConsole } from './console/console.ts';
import { createSessions } from './console/session.ts';
import type { Desk } from './desk.ts';
import { createBackPressure } from './middleware/back-pressure.ts';
import { createBasicAuth } from './middleware/basic-auth.ts';
import { errorResponder } from './middleware/error-responder.ts';
import { readRawBody } from './middleware/raw-body.ts';
import { requestContext } from './middleware/request-context.ts';
import { securityHeaders, strictHeaders } from './middleware/security-headers.ts';
import { HttpProblem, unavailable } from './problem.ts';
import { calendarFeed } from './routes/calendar-feed.ts';
import { healthz, livez, readyz } from './routes/health.ts';
import { mercadopagoWebhook } from './routes/mercadopago-webhook.ts';
import { metricsPage } from './routes/metrics.ts';
import { whatsappHandshake, whatsappWebhook } from './routes/whatsapp-webhook.ts';
import { operatorsApi } from './v1/operators-api.ts';

/** A router or middleware of another part of the house (sandbox, console, calendars, /api/v1), tried after the table below. */
export type RouteMount = Router | Middleware;

export type AppDeps = {
  env: Env;
  log: Logger;
  metrics: Metrics;
  enqueueAll: EnqueueAll;
  store: QueueStore;
  /** What /readyz asks: database, queue, schema. */
  readiness: readonly HealthCheck[];
  /** What /healthz asks. */
  health: readonly HealthCheck[];
  /** The operators' login; without operators what is behind it is 404 (401 under /api/v1). */
  access: Access;
  /** What operators work with: undefined while its stores are not open (503 then). Without it there is neither /api/v1 nor /console. */
  desk?: () => Desk | undefined;
  /** Aborts when the process stops, so that open event streams end. */
  closing?: AbortSignal;
  /** A function is asked at each request and may answer undefined while its stores are not open: 503 then. */
  extraRoutes?: readonly RouteMount[] | (() => readonly RouteMount[] | undefined);
};

/** WhatsApp's webhooks carry at most 3 MB. */
const webhookMaxBytes = 3_000_000;

/** The application, not listening: the order of its middleware and its route table. */
export function createApp(deps: AppDeps): Koa {
  const app = new Koa();
  app.silent = true; // the error responder logs
  const webhooks = createWebhooks(deps);
  app.use(requestContext(deps.log));
  app.use(errorResponder(deps.log, strictHeaders(deps.env)));
  app.use(shortcut(webhooks));
  app.use(securityHeaders(deps.env));
  const sessions = createSessions(deps.env, deps.access);
  app.use(board(deps.store, { sessions, check: createBasicAuth(deps.access) }, deps.log));
  const table = routeTable(deps, webhooks);
  app.use(table.routes()).use(table.allowedMethods());
  if (deps.desk) {
    const { access, desk, closing } = deps;
    app.use(operatorsApi({ access, desk }));
    app.use(createConsole({ access, sessions, desk, ...(closing ? { closing } : {}) }));
  }
  app.use(extras(deps.extraRoutes ?? []));
  return app;
}

/** Every route of this process but the board's and the extra ones. */
export function routeTable(deps: AppDeps, webhooks = createWebhooks(deps)): Router {
  const router = new Router({ sensitive: true, strict: true });
  router.get('/webhooks/whatsapp', whatsappHandshake(deps));
  for (const [path, take] of webhooks) router.post(path, take);
  if (deps.desk) router.get('/calendars/:token.ics', calendarFeed(deps.desk));
  router.get('/livez', livez());
  router.get('/readyz', readyz(deps.readiness));
  router.get('/healthz', healthz(deps.health));
  router.get('/metrics', metricsPage(deps.metrics, deps.env.metricsToken));
  return router;
}

/** What vendors post, by path. */
type Webhooks = ReadonlyMap<string, Middleware>;

function createWebhooks(deps: AppDeps): Webhooks {
  return new Map([
    ['/webhooks/whatsapp', webhook(deps, 'whatsapp', 'conversations', whatsappWebhook(deps))],
    ['/webhooks/mercadopago', webhook(deps, 'mercadopago', 'payments', mercadopagoWebhook(deps))],
  ]);
}

/** Not limited by address, since a vendor has few: refused while its queue is too long, and above its size. */
function webhook(
  { env, metrics, store }: AppDeps,
  provider: string,
  queue: QueueName,
  take: (ctx: Context, raw: Buffer) => Promise<void>,
): Middleware {
  const count = (outcome: string): void => metrics.webhooksReceived.inc({ provider, outcome });
  const assertRoom = createBackPressure(store, queue, {
    limit: env.webhookQueueLimit,
    onRefused: () => count('queue_full'),
  });
  return async (ctx) => {
    assertRoom();
    const raw = await readRawBody(ctx, webhookMaxBytes).catch((error: unknown) => {
      if (error instanceof HttpProblem) count(error.code);
      throw error;
    });
    await take(ctx, raw);
    // By node and not by Koa, which thinks long about a body that is empty.
    ctx.respond = false;
    ctx.res.statusCode = 200;
    ctx.res.end();
  };
}

/**
 * WhatsApp's webhooks are most of what comes: they need neither a search through the table nor the headers of pages. An address
 * with a query goes through the table.
 */
function shortcut(webhooks: Webhooks): Middleware {
  return (ctx, next) => {
    const address = ctx.req.url ?? '';
    const take = ctx.req.method === 'POST' ? webhooks.get(address) : undefined;
    if (!take) return next();
    ctx._matchedRoute = address;
    return take(ctx, next);
  };
}

function extras(mounts: NonNullable<AppDeps['extraRoutes']>): Middleware {
  if (typeof mounts !== 'function') return chain(mounts);
  let mounted: Middleware | undefined;
  return (ctx, next) => {
    if (!mounted) {
      const found = mounts();
      if (!found) throw unavailable('starting');
      mounted = chain(found);
    }
    return mounted(ctx, next);
  };
}

/** Middleware one after the other, as Koa itself composes them. */
function chain(mounts: readonly RouteMount[]): Middleware {
  const steps = mounts.flatMap((mount) =>
    'routes' in mount ? [mount.routes(), mount.allowedMethods()] : [mount],
  ) as Middleware[];
  return (ctx, next) => {
    const run = (index: number): Promise<unknown> => {
      const step = steps[index];
      return Promise.resolve(step ? step(ctx, () => run(index + 1)) : next());
    };
    return run(0);
  };
}
