import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Access } from '../auth/access.ts';
import type { Operator } from '../auth/operators.ts';
import { deskOf } from '../desk.ts';
import type { Desk } from '../desk.ts';
import { rawBody } from '../middleware/raw-body.ts';
import { createRateLimit } from '../middleware/rate-limit.ts';
import type { RateLimit } from '../middleware/rate-limit.ts';
import { HttpProblem, unavailable } from '../problem.ts';
import { openApiContract, toOpenApi } from './openapi.ts';
import { loginBody, loginContract } from './login.ts';
import { routes } from './routes.ts';
import { readAsked, runRoute, writeAnswer } from './run-route.ts';

export const apiPrefix = '/api/v1';
const bodyMaxBytes = 200_000;

export type OperatorsApiDeps = {
  access: Access;
  /** Undefined while the stores are not open: 503 then. */
  desk: () => Desk | undefined;
  /** Default: 300 requests a minute per address. */
  rateLimit?: RateLimit;
};

/**
 * Everything under /api/v1: limited per address first, then behind the bearer token except for the login, then the table of
 * routes. Without a login nothing tells which paths exist.
 */
export function operatorsApi({ access, desk, rateLimit = createRateLimit() }: OperatorsApiDeps): Middleware {
  const router = createRouter(access, desk);
  const [match, allowed] = [router.routes() as unknown as Middleware, router.allowedMethods() as unknown as Middleware];
  return async (ctx, next) => {
    if (ctx.path !== apiPrefix && !ctx.path.startsWith(`${apiPrefix}/`)) return next();
    rateLimit(access.addressOf(ctx));
    const isLogin = ctx.method === 'POST' && ctx.path === `${apiPrefix}${loginContract.path}`;
    if (!isLogin) ctx.state.operator = identify(ctx, access);
    return match(ctx, () => allowed(ctx, () => Promise.resolve()));
  };
}

function createRouter(access: Access, desk: () => Desk | undefined): Router {
  const router = new Router({ prefix: apiPrefix, sensitive: true, strict: true });
  const document = JSON.stringify(toOpenApi([loginContract, openApiContract, ...routes]));
  router.get(openApiContract.path, (ctx) => {
    ctx.body = document;
    ctx.type = 'application/json';
  });
  router.post(loginContract.path, rawBody(10_000), login(access));
  for (const route of routes) {
    const run: Middleware = async (ctx) => {
      const open = desk();
      if (!open) throw unavailable('starting');
      const operator = ctx.state.operator as Operator;
      await runRoute(route, ctx, operator, deskOf(open, operator));
    };
    const verb = route.method.toLowerCase() as Lowercase<typeof route.method>;
    if (route.body) router[verb](route.path, rawBody(bodyMaxBytes), run as never);
    else router[verb](route.path, run as never);
  }
  return router;
}

function identify(ctx: Context, access: Access): Operator {
  const token = /^bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(ctx.get('Authorization').trim())?.[1];
  const operator = token === undefined ? undefined : access.identify(token, 'api');
  if (!operator) throw unauthorized();
  return operator;
}

function unauthorized(): HttpProblem {
  return new HttpProblem(401, 'unauthorized', { headers: { 'WWW-Authenticate': 'Bearer realm="Posada"' } });
}

/** The login needs no stores, so it works while they are away. */
function login(access: Access): Middleware {
  return async (ctx) => {
    const given = loginBody.parse(readAsked(loginContract, ctx).body);
    if (!access.operators) throw new HttpProblem(404, 'not_found');
    const session = await access.login(given, access.addressOf(ctx), 'api');
    if (!session) throw unauthorized();
    writeAnswer(ctx, loginContract, { token: session.token, expiresAt: session.expiresAt.toISOString() });
  };
}
