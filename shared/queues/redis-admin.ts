import { Cluster, Redis } from 'ioredis';
import { clusterCredentials } from '#shared/config/cluster-credentials.ts';

/** What a Redis says of itself, as far as our promises hang on it. Undefined: it would not say (managed ones refuse CONFIG). */
export type RedisFacts = {
  version: string;
  maxmemoryPolicy: string | undefined;
  appendonly: string | undefined;
  appendfsync: string | undefined;
};

/** Connects for one piece of work to the Redis of `REDIS_URL` (the first answering node of a cluster). Throws when none answers. */
async function withRedis<T>(redisUrl: string, work: (redis: Redis) => Promise<T>): Promise<T[]> {
  const nodes = redisUrl.split(',');
  const options = { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null, connectTimeout: 3_000 };
  const results: T[] = [];
  if (nodes.length === 1) {
    const redis = new Redis(nodes[0]!, options);
    redis.on('error', () => {});
    try {
      await redis.connect();
      results.push(await work(redis));
    } finally {
      redis.disconnect();
    }
    return results;
  }
  const cluster = new Cluster(nodes, {
    redisOptions: { ...clusterCredentials(nodes[0] ?? ''), maxRetriesPerRequest: 1, connectTimeout: 3_000 },
    clusterRetryStrategy: () => null,
  });
  cluster.on('error', () => {});
  try {
    await cluster.ping();
    for (const node of cluster.nodes('master')) results.push(await work(node));
  } finally {
    cluster.disconnect();
  }
  return results;
}

/** Asks each node (a cluster has several). Throws when none answers. */
export async function readRedisFacts(redisUrl: string): Promise<RedisFacts[]> {
  return withRedis(redisUrl, async (redis) => {
    const info = await redis.info('server');
    const setting = async (name: string): Promise<string | undefined> => {
      const answer: unknown = await redis.config('GET', name).catch(() => undefined);
      return Array.isArray(answer) ? (answer[1] as string | undefined) : undefined;
    };
    return {
      version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
      maxmemoryPolicy: await setting('maxmemory-policy'),
      appendonly: await setting('appendonly'),
      appendfsync: await setting('appendfsync'),
    };
  });
}

/**
 * Has each node write its append-only file anew, so that what was deleted is gone from it too; resolves when that is done, at
 * most after `patienceMs`. False when a node has none, refuses, or was not done in time.
 */
export async function rewriteAppendOnlyFiles(redisUrl: string, patienceMs = 60_000): Promise<boolean> {
  const done = await withRedis(redisUrl, async (redis) => {
    try {
      if (!/aof_enabled:1/.test(await redis.info('persistence'))) return true;
      await redis.bgrewriteaof();
    } catch {
      return false;
    }
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      const info = await redis.info('persistence');
      if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info))
        return /aof_last_bgrewrite_status:ok/.test(info);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  });
  return done.every(Boolean);
}
