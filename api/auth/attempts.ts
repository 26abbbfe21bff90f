import { HttpProblem } from '../problem.ts';

/** Counts failed logins; keys are accounts and addresses. */
export type Attempts = {
  /** Throws 429 with Retry-After when one of the keys failed too often. */
  assertAllowed(keys: readonly string[]): void;
  recordFailure(keys: readonly string[]): void;
  /** A right password forgives what was counted under this key. */
  recordSuccess(key: string): void;
};

/**
 * Limits failed logins per key within a window, in this process's memory. Defaults: 10 within 15 minutes. At most 10,000 keys
 * are remembered; the oldest go first.
 */
export function createAttempts({ limit = 10, windowMs = 15 * 60_000, now = Date.now } = {}): Attempts {
  const failures = new Map<string, { count: number; until: number }>();
  const current = (key: string): { count: number; until: number } | undefined => {
    const found = failures.get(key);
    if (found && found.until > now()) return found;
    failures.delete(key);
    return undefined;
  };
  return {
    assertAllowed: (keys) => {
      const blocked = keys.map(current).filter((found) => found !== undefined && found.count >= limit);
      if (blocked.length === 0) return;
      const seconds = Math.ceil((Math.max(...blocked.map((found) => found?.until ?? 0)) - now()) / 1_000);
      throw new HttpProblem(429, 'too_many_attempts', { headers: { 'Retry-After': String(Math.max(1, seconds)) } });
    },
    recordFailure: (keys) => {
      for (const key of keys) {
        const found = current(key) ?? { count: 0, until: now() + windowMs };
        failures.delete(key);
        failures.set(key, { ...found, count: found.count + 1 });
      }
      for (const oldest of failures.keys()) {
        if (failures.size <= 10_000) break;
        failures.delete(oldest);
      }
    },
    recordSuccess: (key) => void failures.delete(key),
  };
}
