import { createHmac } from 'node:crypto';
import type { Database } from '#shared/db/data-source.ts';
import { countTries, forgiveTries } from '#shared/db/stores/login-attempt-store.ts';
import { within } from '#shared/observability/within.ts';
import type { SharedTries } from './attempts.ts';

const patienceMs = 3_000;

/**
 * Tries to log in, counted in the database: several API processes give an attacker no more of them than one. Rejects when the
 * database is not open or does not answer within 3 s. It sees digests under `secret`, neither accounts nor addresses.
 */
export function createSharedTries(secret: string, database: () => Database | undefined): SharedTries {
  const digest = (key: string): string => createHmac('sha256', secret).update(`login:${key}`).digest('base64url');
  const open = (): Database => {
    const found = database();
    if (!found) throw new Error('the database is not open');
    return found;
  };
  return {
    count: async (keys, windowMs) => {
      const keyOf = new Map(keys.map((key) => [digest(key), key]));
      const counted = await within(patienceMs, countTries(open(), [...keyOf.keys()], windowMs));
      return counted.map(({ key, ...tries }) => ({ ...tries, key: keyOf.get(key) ?? key }));
    },
    forgive: async (keys) => within(patienceMs, forgiveTries(open(), keys.map(digest))),
  };
}
