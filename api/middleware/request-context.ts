import type { Context, Middleware } from 'koa';
import { newCorrelationId, runInContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { inSpan } from '#shared/observability/tracing.ts';

/** A span named after the route and not after the address, which may hold a token. */
function traced(ctx: Context, next: () => Promise<unknown>): Promise<unknown> {
  return inSpan(`HTTP ${ctx.method}`, 'server', async (span) => {
    try {
      return await next();
    } finally {
      const route: unknown = ctx._matchedRoute;
      if (typeof route === 'string') span.updateName(`${ctx.method} ${route}`);
      span.setAttributes({ 'http.request.method': ctx.method, 'http.response.status_code': ctx.status });
    }
  });
}

const quietPaths = new Set(['/livez', '/readyz', '/healthz', '/metrics']);

/**
 * Gives each request a correlation id of our own (`X-Correlation-Id`; a caller's could collide or forge) and one log line when
 * it is answered: method, the route's pattern, status, milliseconds; never the address with its tokens. A caller's
 * `X-Request-Id` is echoed only when it is short and plain.
 */
export function requestContext(log: Logger): Middleware {
  return (ctx, next) => {
    const correlationId = newCorrelationId();
    return runInContext({ correlationId }, async () => {
      const startedAt = performance.now();
      ctx.set('X-Correlation-Id', correlationId);
      const requestId = ctx.get('X-Request-Id');
      if (/^[\w-]{1,64}$/.test(requestId)) ctx.set('X-Request-Id', requestId);
      try {
        if (quietPaths.has(ctx.path)) await next();
        else await traced(ctx, next);
      } finally {
        const route: unknown = ctx._matchedRoute;
        const fields = {
          method: ctx.method,
          route: typeof route === 'string' ? route : undefined,
          status: ctx.status,
          ms: Math.round(performance.now() - startedAt),
        };
        log[quietPaths.has(ctx.path) ? 'debug' : 'info'](fields, 'request');
      }
    });
  };
}
