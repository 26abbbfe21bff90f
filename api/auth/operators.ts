import { randomBytes } from 'node:crypto';
import type { Env } from '#shared/config/env.ts';
import { hashPassword, verifyPassword } from '#shared/config/passwords.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';

/** Who may log in. */
export type Operators = {
  /** The operator with this e-mail and password, or undefined; takes the same time when nobody has the e-mail. */
  authenticate(email: string, password: string): Promise<Operator | undefined>;
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
  };
}
