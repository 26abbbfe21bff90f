import type { Middleware } from 'koa';
import { checkHealth } from '#shared/observability/health.ts';
import type { HealthCheck } from '#shared/observability/health.ts';

/** The process answers: nothing else is asked, so that a store that is away does not have it restarted. */
export function livez(): Middleware {
  return (ctx) => {
    ctx.body = { status: 'alive' };
  };
}

/** 200 when this process can do its work (`checks`: database, queue, schema), else 503 with the names of what fails. */
export function readyz(checks: readonly HealthCheck[]): Middleware {
  return async (ctx) => {
    const report = await checkHealth(checks.map((check) => ({ ...check, isVital: true })));
    const failing = Object.entries(report.checks).filter(([, { status }]) => status === 'error');
    ctx.status = failing.length === 0 ? 200 : 503;
    ctx.body = { status: failing.length === 0 ? 'ready' : 'not ready', failing: failing.map(([name]) => name) };
  };
}

/** The full report: 200 healthy or degraded, 503 unhealthy. */
export function healthz(checks: readonly HealthCheck[]): Middleware {
  return async (ctx) => {
    const report = await checkHealth(checks);
    ctx.status = report.status === 'unhealthy' ? 503 : 200;
    ctx.body = report;
  };
}
