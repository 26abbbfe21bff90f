import type { Middleware } from 'koa';

/** The strictest page: a route that serves more (board, console, sandbox) sets its own policy over this one. */
export function securityHeaders({ isProduction }: { isProduction: boolean }): Middleware {
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      ...(isProduction ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
    });
    await next();
  };
}
