import { HttpProblem } from '../problem.ts';

/** Counts tries to log in; keys are accounts and addresses. */
export type Attempts = {
  /** Counts a try under each key before it is made; throws 429 with Retry-After when one of them has had too many. */
  take(keys: readonly string[]): Promise<void>;
  /** A right password forgives what was counted under these keys. */
  forgive(keys: readonly string[]): Promise<void>;
};

/** The count of all processes together, which a restart does not forget. */
export type SharedTries = {
  count(keys: readonly string[], windowMs: number): Promise<{ key: string; tries: number; msLeft: number }[]>;
  forgive(keys: readonly string[]): Promise<void>;
};

/**
 * Limits failed logins per key within a window. Defaults: 10 within 15 minutes. This process's memory (at most 10,000 keys, the
 * oldest go first) is asked first, so that a flood costs the database nothing; `shared` makes several processes and their
 * restarts one, and is left out while it does not answer: the login needs no store.
 */
export function createAttempts({
  limit = 10,
  windowMs = 15 * 60_000,
  now = Date.now,
  shared,
}: { limit?: number; windowMs?: number; now?: () => number; shared?: SharedTries } = {}): Attempts {
  const known = new Map<string, { count: number; until: number }>();
  const current = (key: string): { count: number; until: number } | undefined => {
    const found = known.get(key);
    if (found && found.until > now()) return found;
    known.delete(key);
    return undefined;
  };
  const remember = (key: string, tries: { count: number; until: number }): void => {
    known.delete(key);
    known.set(key, tries);
    for (const oldest of known.keys()) {
      if (known.size <= 10_000) break;
      known.delete(oldest);
    }
  };
  const refuse = (blocked: readonly { until: number }[]): void => {
    if (blocked.length === 0) return;
    const seconds = Math.ceil((Math.max(...blocked.map(({ until }) => until)) - now()) / 1_000);
    throw new HttpProblem(429, 'too_many_attempts', { headers: { 'Retry-After': String(Math.max(1, seconds)) } });
  };
  return {
    take: async (keys) => {
      refuse(keys.flatMap((key) => current(key) ?? []).filter(({ count }) => count >= limit));
      for (const key of keys) {
        const { count, until } = current(key) ?? { count: 0, until: now() + windowMs };
        remember(key, { count: count + 1, until });
      }
      const counted = (await shared?.count(keys, windowMs).catch(() => undefined)) ?? [];
      const blocked = counted
        .filter(({ tries }) => tries > limit)
        .map(({ key, tries, msLeft }) => ({ key, count: tries, until: now() + msLeft }));
      for (const { key, ...tries } of blocked) remember(key, tries);
      refuse(blocked);
    },
    forgive: async (keys) => {
      for (const key of keys) known.delete(key);
      await shared?.forgive(keys).catch(() => undefined);
    },
  };
}
