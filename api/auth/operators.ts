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
  isAdmin(email: string): boolean;
};
/** Admins steer the queues as well; else all may do the same. */
export type Operator = { email: string; isAdmin: boolean };

/**
 * The operators of `ADMIN_USERS` and `OPERATOR_USERS`. Both unset: outside production one admin, `admin@localhost`, with a random password that `announce` is
 * told; in production undefined, and what is behind the login is 404.
 */
export function createOperators(
  env: Pick<Env, 'adminUsers' | 'operatorUsers' | 'isProduction'>,
  announce: (email: string, password: string) => void = () => {},
): Operators | undefined {
  const users = [
    ...env.adminUsers.map((user) => ({ ...user, isAdmin: true })),
    ...env.operatorUsers.map((user) => ({ ...user, isAdmin: false })),
  ];
  if (users.length > 0) return fromHashes(users);
  if (env.isProduction) return undefined;
  const made = { email: 'admin@localhost', password: randomBytes(12).toString('base64url') };
  announce(made.email, made.password);
  return {
    authenticate: async (email, password) => {
      const isRight = [isSameSecret(email.toLowerCase(), made.email), isSameSecret(password, made.password)];
      return isRight.every(Boolean) ? { email: made.email, isAdmin: true } : undefined;
    },
    stampOf: (email) => (email === made.email ? stamp(made.password) : undefined),
    isAdmin: (email) => email === made.email,
  };
}

function fromHashes(users: readonly (Operator & { passwordHash: string })[]): Operators {
  const decoy = hashPassword(randomBytes(12).toString('base64url'));
  return {
    authenticate: async (email, password) => {
      const user = users.find((candidate) => candidate.email.toLowerCase() === email.trim().toLowerCase());
      const isRight = await verifyPassword(password, user?.passwordHash ?? (await decoy));
      return user && isRight ? { email: user.email, isAdmin: user.isAdmin } : undefined;
    },
    stampOf: (email) => {
      const user = users.find((candidate) => candidate.email === email);
      return user && stamp(user.passwordHash);
    },
    isAdmin: (email) => users.some((candidate) => candidate.email === email && candidate.isAdmin),
  };
}

/** Of a salted hash or of a long random password: nothing can be guessed from it. */
function stamp(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url').slice(0, 22);
}
