import type { Middleware } from 'koa';
import type { Metrics } from '#shared/observability/metrics.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';
import { HttpProblem } from '../problem.ts';

/** Prometheus text; 401 without the bearer `token` when one is set. */
export function metricsPage(metrics: Metrics, token: string | undefined): Middleware {
  return async (ctx) => {
    if (token && !isSameSecret(ctx.get('Authorization'), `Bearer ${token}`))
      throw new HttpProblem(401, 'unauthorized', { headers: { 'WWW-Authenticate': 'Bearer' } });
    ctx.set('Content-Type', metrics.contentType);
    ctx.body = await metrics.render();
  };
}
