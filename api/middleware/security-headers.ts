import type { Middleware } from 'koa';

/** The headers of the strictest page. */
export function strictHeaders({ isProduction }: { isProduction: boolean }): Record<string, string> {
  return {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    ...(isProduction ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}

/** A route that serves more (board, console, sandbox) sets its own policy over these. */
export function securityHeaders(settings: { isProduction: boolean }): Middleware {
  const headers = strictHeaders(settings);
  return (ctx, next) => {
    ctx.set(headers);
    return next();
  };
}
