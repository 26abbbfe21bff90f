import type { Context, Middleware } from 'koa';
import { newCorrelationId, runInContext } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { inSpan, isTracing } from '#shared/observability/tracing.ts';

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

/** What is told elsewhere already is logged at debug. */
function isRoutine(ctx: Context): boolean {
  return ctx.state.isRoutine === true || quietPaths.has(ctx.path);
}

/**
 * Gives each request a correlation id of our own (`X-Correlation-Id`; a caller's could collide or forge) and one log line when
 * it is answered: method, the route's pattern, status, milliseconds; never the address with its tokens. A caller's
 * `X-Request-Id` is echoed only when it is short and plain.
 */
export function requestContext(log: Logger): Middleware {
  return (ctx, next) => {
    const correlationId = newCorrelationId();
    ctx.res.setHeader('X-Correlation-Id', correlationId);
    const requestId = ctx.req.headers['x-request-id'];
    if (typeof requestId === 'string' && /^[\w-]{1,64}$/.test(requestId)) ctx.set('X-Request-Id', requestId);
    return runInContext({ correlationId }, async () => {
      const startedAt = performance.now();
      try {
        await (isTracing() && !quietPaths.has(ctx.path) ? traced(ctx, next) : next());
      } finally {
        const level = isRoutine(ctx) ? 'debug' : 'info';
        if (log.isLevelEnabled(level)) log[level](fieldsOf(ctx, performance.now() - startedAt), 'request');
      }
    });
  };
}

function fieldsOf(ctx: Context, elapsedMs: number): Record<string, unknown> {
  const route: unknown = ctx._matchedRoute;
  return {
    method: ctx.method,
    route: typeof route === 'string' ? route : undefined,
    status: ctx.status,
    ms: Math.round(elapsedMs),
  };
}
