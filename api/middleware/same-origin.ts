import type { Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';

/**
 * Refuses (403) what a page of another site makes a browser send: by `Sec-Fetch-Site`, else by `Origin`. Programs send
 * neither and pass.
 */
export const sameOrigin: Middleware = async (ctx, next) => {
  const site = ctx.get('Sec-Fetch-Site');
  const origin = ctx.get('Origin');
  const isOurs =
    site === ''
      ? origin === '' || (URL.canParse(origin) && new URL(origin).host === ctx.host)
      : site === 'same-origin' || site === 'none';
  if (!isOurs) throw new HttpProblem(403, 'cross_origin');
  await next();
};
