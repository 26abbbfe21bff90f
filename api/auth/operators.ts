import { createHash, randomBytes } from 'node:crypto';
import type { Env } from '#shared/config/env.ts';
import { hashPassword, verifyPassword } from '#shared/config/passwords.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';

/** Who may log in. */
export type Operators = {
  /** The operator with this e-mail and password, or undefined; takes the same time when nobody has the e-mail. */
  authenticate(email: string, password: string): Promise<Operator | undefined>;
  /** Changes when the password does, undefined for whoever is no operator (any more): what a session was given for. */
  stampOf(email: string): string | undefined;
};
export type Operator = { email: string };

/**
 * The operators of `ADMIN_USERS`. Unset: outside production one, `admin@localhost`, with a random password that `announce` is
 * told; in production undefined, and what is behind the login is 404.
 */
export function createOperators(
  env: Pick<Env, 'adminUsers' | 'isProduction'>,
  announce: (email: string, password: string) => void = () => {},
): Operators | undefined {
  if (env.adminUsers.length > 0) return fromHashes(env.adminUsers);
  if (env.isProduction) return undefined;
  const made = { email: 'admin@localhost', password: randomBytes(12).toString('base64url') };
  announce(made.email, made.password);
  return {
    authenticate: async (email, password) => {
      const isRight = [isSameSecret(email.toLowerCase(), made.email), isSameSecret(password, made.password)];
      return isRight.every(Boolean) ? { email: made.email } : undefined;
    },
    stampOf: (email) => (email === made.email ? stamp(made.password) : undefined),
  };
}

function fromHashes(users: Env['adminUsers']): Operators {
  const decoy = hashPassword(randomBytes(12).toString('base64url'));
  return {
    authenticate: async (email, password) => {
      const user = users.find((candidate) => candidate.email.toLowerCase() === email.trim().toLowerCase());
      const isRight = await verifyPassword(password, user?.passwordHash ?? (await decoy));
      return user && isRight ? { email: user.email } : undefined;
    },
    stampOf: (email) => {
      const user = users.find((candidate) => candidate.email === email);
      return user && stamp(user.passwordHash);
    },
  };
}

/** Of a salted hash or of a long random password: nothing can be guessed from it. */
function stamp(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url').slice(0, 22);
}
