import { Cluster, Redis } from 'ioredis';
import { clusterCredentials } from '#shared/config/cluster-credentials.ts';
import type { CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import type { Logger } from '#shared/observability/logger.ts';

/** Longer than this and the hold goes on without asking: the database is the referee anyway. */
const patienceMs = 200;

/** All nights or none: sets every key to its owner unless somebody else has one. */
const acquireScript = `
for i, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if owner and owner ~= ARGV[1] then return 0 end
end
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return 1`;
/** The winner's keys, whoever had them. */
const extendScript = `for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end return 1`;
/** Compare and delete. */
const releaseScript = `for i, key in ipairs(KEYS) do if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end end return 1`;

/** Without Redis there is no courtesy, and nothing depends on it. */
export const noCourtesyLock: CourtesyLock = {
  acquire: () => Promise.resolve(true),
  extend: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

/**
 * One Redis key per accommodation and night, so that the second guest is turned away before the database is asked. Every call
 * takes at most 200 ms and fails open: with Redis down, frozen or flushed everything stays correct. `close()` ends its client.
 */
export function createCourtesyLock(redisUrl: string, prefix: string, log: Logger): CourtesyLock & { close(): void } {
  const nodes = redisUrl.split(',');
  const options = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: patienceMs } as const;
  const redis =
    nodes.length > 1
      ? new Cluster(nodes, { redisOptions: { ...clusterCredentials(nodes[0] ?? ''), ...options } })
      : new Redis(redisUrl, options);
  redis.on('error', (error) => log.debug({ err: error }, 'courtesy lock: no redis'));

  async function run(script: string, accommodationId: number, nights: readonly string[], args: (string | number)[]) {
    // One hash tag per unit, so that a cluster keeps all its nights on one node.
    const keys = nights.map((night) => `${prefix}:{nights-${accommodationId}}:${night}`);
    return redis.eval(script, keys.length, ...keys, ...args);
  }

  return {
    async acquire(accommodationId, nights, owner, holdMs) {
      try {
        return (await run(acquireScript, accommodationId, nights, [owner, holdMs])) === 1;
      } catch {
        return true;
      }
    },
    async extend(accommodationId, nights, owner, holdMs) {
      await run(extendScript, accommodationId, nights, [owner, Math.max(1, Math.round(holdMs))]).catch(() => {});
    },
    async release(accommodationId, nights, owner) {
      await run(releaseScript, accommodationId, nights, [owner]).catch(() => {});
    },
    close: () => redis.disconnect(),
  };
}
