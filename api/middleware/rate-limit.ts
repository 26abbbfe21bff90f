import { HttpProblem } from '../problem.ts';

/** Takes one request of an address; throws 429 with Retry-After when it has used up what it may. */
export type RateLimit = (address: string) => void;

const mostAddresses = 10_000;
/** One request, less what adding up fractions loses. */
const whole = 1 - 1e-6;

/**
 * A bucket of requests per address, in this process's memory: `perMinute` at once, filled again evenly. Default 300. At most
 * 10,000 addresses are remembered; the ones seen longest ago go first, and their buckets are full again.
 */
export function createRateLimit({ perMinute = 300, now = Date.now } = {}): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return (address) => {
    const at = now();
    const known = buckets.get(address);
    const left = known ? Math.min(perMinute, known.left + ((at - known.at) * perMinute) / 60_000) : perMinute;
    buckets.delete(address); // the order of the map is the order of last use
    buckets.set(address, { left: left >= whole ? left - 1 : left, at }); // a refused request costs nothing
    if (buckets.size > mostAddresses)
      for (const oldest of buckets.keys()) {
        buckets.delete(oldest);
        break;
      }
    if (left >= whole) return;
    const seconds = Math.max(1, Math.ceil(((1 - left) * 60) / perMinute));
    throw new HttpProblem(429, 'too_many_requests', { headers: { 'Retry-After': String(seconds) } });
  };
}
