import Router from '@koa/router';
import Koa from 'koa';
import type { Middleware } from 'koa';
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
import { backPressure } from './middleware/back-pressure.ts';
import { createBasicAuth } from './middleware/basic-auth.ts';
import { errorResponder } from './middleware/error-responder.ts';
import { rawBody } from './middleware/raw-body.ts';
import { requestContext } from './middleware/request-context.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { unavailable } from './problem.ts';
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
  app.use(requestContext(deps.log));
  app.use(securityHeaders(deps.env));
  app.use(errorResponder(deps.log));
  const sessions = createSessions(deps.env, deps.access);
  app.use(board(deps.store, { sessions, check: createBasicAuth(deps.access) }, deps.log));
  const table = routeTable(deps);
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
export function routeTable(deps: AppDeps): Router {
  const router = new Router({ sensitive: true, strict: true });
  router.get('/webhooks/whatsapp', whatsappHandshake(deps));
  router.post('/webhooks/whatsapp', ...webhookBody(deps, 'whatsapp', 'conversations'), whatsappWebhook(deps));
  router.post('/webhooks/mercadopago', ...webhookBody(deps, 'mercadopago', 'payments'), mercadopagoWebhook(deps));
  if (deps.desk) router.get('/calendars/:token.ics', calendarFeed(deps.desk));
  router.get('/livez', livez());
  router.get('/readyz', readyz(deps.readiness));
  router.get('/healthz', healthz(deps.health));
  router.get('/metrics', metricsPage(deps.metrics, deps.env.metricsToken));
  return router;
}

/** Not limited by address, since a vendor has few: refused while its queue is too long, and above its size. */
function webhookBody({ env, metrics, store }: AppDeps, provider: string, queue: QueueName): [Middleware, Middleware] {
  const count = (outcome: string): void => metrics.webhooksReceived.inc({ provider, outcome });
  return [
    backPressure(store, queue, { limit: env.webhookQueueLimit, onRefused: () => count('queue_full') }),
    rawBody(webhookMaxBytes, count),
  ];
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
