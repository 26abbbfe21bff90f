import { STATUS_CODES } from 'node:http';
import type { Context, Middleware } from 'koa';
import { currentCorrelationId } from '#shared/observability/context.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { codeOf, toProblem } from '../problem.ts';
import type { HttpProblem } from '../problem.ts';

/**
 * The only writer of error bodies: `application/problem+json` (RFC 9457) with a stable `code` and the correlation id. Server
 * errors are logged; whatever answered nothing becomes a 404 (or the status that it set) in the same form. `headers` are what an
 * error has of its own, whoever threw it.
 */
export function errorResponder(log: Logger, headers: Record<string, string> = {}): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status >= 400 && ctx.body == null && ctx.respond !== false)
        write(ctx, { status: ctx.status, code: codeOf(ctx.status) });
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status >= 500 && problem.status !== 503)
        log.error({ err: error, route: ctx._matchedRoute }, 'request failed');
      if (ctx.headerSent || ctx.respond === false) {
        ctx.res.destroy();
        return;
      }
      ctx.set(headers);
      ctx.set(problem.headers);
      write(ctx, problem);
    }
  };
}

function write(
  ctx: Context,
  { status, code, members }: Pick<HttpProblem, 'status' | 'code'> & Partial<HttpProblem>,
): void {
  ctx.status = status;
  ctx.body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    correlationId: currentCorrelationId(),
    ...members,
  });
  ctx.type = 'application/problem+json';
}
