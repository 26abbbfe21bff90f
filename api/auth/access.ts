import type { Env } from '#shared/config/env.ts';
import { createAttempts } from './attempts.ts';
import type { Attempts, SharedTries } from './attempts.ts';
import { authenticate } from './authenticate.ts';
import { createClientAddress } from './client-address.ts';
import type { ClientAddress } from './client-address.ts';
import type { Operator, Operators } from './operators.ts';
import { readToken, signToken } from './tokens.ts';
import type { Audience } from './tokens.ts';

/** How long a login lasts; who works longer logs in again. */
export const tokenMinutes = 60;

/** The one login behind API, console and board: the same operators, the same count of failed tries. */
export type Access = {
  /** Undefined: nobody may log in (production without ADMIN_USERS). */
  readonly operators: Operators | undefined;
  readonly attempts: Attempts;
  /** The caller's address, as limits count it. */
  readonly addressOf: ClientAddress;
  /** The token of a right pair, undefined for a wrong one; throws 429 after too many failures of the account or address. */
  login(
    given: { email: string; password: string },
    address: string,
    audience: Audience,
  ): Promise<{ token: string; expiresAt: Date; operator: Operator } | undefined>;
  /** Whose token it is; undefined when it is none of ours, is over, or its password has changed since. */
  identify(token: string, audience: Audience): Operator | undefined;
};

/** Makes the login; one per process, so that tries at all doors are counted together, with those of other processes by `shared`. */
export function createAccess(
  env: Pick<Env, 'jwtSecret' | 'trustedProxies'>,
  operators: Operators | undefined,
  shared?: SharedTries,
): Access {
  const attempts = createAttempts(shared ? { shared } : {});
  return {
    operators,
    attempts,
    addressOf: createClientAddress(env.trustedProxies),
    login: async (given, address, audience) => {
      const operator = operators && (await authenticate(operators, attempts, given, address));
      const stamp = operator && operators?.stampOf(operator.email);
      if (!operator || !stamp) return undefined;
      const iat = Math.floor(Date.now() / 1_000);
      const exp = iat + tokenMinutes * 60;
      const token = signToken(env.jwtSecret, { sub: operator.email, aud: audience, iat, exp, stamp });
      return { token, expiresAt: new Date(exp * 1_000), operator };
    },
    identify: (token, audience) => {
      const claims = readToken(env.jwtSecret, token, audience);
      if (!claims || !operators || operators.stampOf(claims.sub) !== claims.stamp) return undefined;
      return { email: claims.sub, isAdmin: operators.isAdmin(claims.sub) };
    },
  };
}
