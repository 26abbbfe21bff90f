import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import type { Access } from '../auth/access.ts';
import { authenticate } from '../auth/authenticate.ts';
import type { Operator } from '../auth/operators.ts';
import { HttpProblem } from '../problem.ts';

/** How long a right password is remembered (as a digest): each asset of a page would cost a 60 ms hash otherwise. */
const rememberMs = 5 * 60_000;

/**
 * Basic authentication of operators, for pages that have no login of their own. The returned check gives the operator or
 * throws: 404 when there are no operators (production without ADMIN_USERS), 401 with a challenge, 429 after too many failures.
 */
export function createBasicAuth({ operators, attempts, addressOf }: Access): (ctx: Context) => Promise<Operator> {
  const remembered = new Map<string, { operator: Operator; until: number }>();
  return async (ctx) => {
    if (!operators) throw new HttpProblem(404, 'not_found');
    const given = parseBasic(ctx.get('Authorization'));
    if (!given) throw challenge();
    const digest = createHash('sha256').update(ctx.get('Authorization')).digest('base64');
    const known = remembered.get(digest);
    if (known && known.until > Date.now()) return known.operator;
    remembered.delete(digest);
    const operator = await authenticate(operators, attempts, given, addressOf(ctx));
    if (!operator) throw challenge();
    if (remembered.size > 100) remembered.clear();
    remembered.set(digest, { operator, until: Date.now() + rememberMs });
    return operator;
  };
}

function challenge(): HttpProblem {
  return new HttpProblem(401, 'unauthorized', {
    headers: { 'WWW-Authenticate': 'Basic realm="Posada", charset="UTF-8"' },
  });
}

function parseBasic(header: string): { email: string; password: string } | undefined {
  const encoded = /^basic ([\w+/=-]{4,1000})$/i.exec(header.trim())?.[1];
  if (!encoded) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { email: text.slice(0, colon), password: text.slice(colon + 1) };
}
