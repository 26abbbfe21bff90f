import { Redis } from 'ioredis';
import type { House } from './house.ts';

/** The queue store loses everything of this house: FLUSHALL as far as its keys go, or every row of the queue schema. */
export async function eraseQueues({ env, database }: Pick<House, 'env' | 'database'>): Promise<void> {
  if (!env.redisUrl) {
    const tables: { name: string }[] = await database.query(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename <> 'migration'`,
    );
    for (const { name } of tables) await database.query(`DELETE FROM bullmq.${name}`);
    return;
  }
  const client = new Redis(env.redisUrl);
  try {
    const keys = await client.keys(`{${env.queuePrefix}:*`);
    if (keys.length > 0) await client.del(...keys);
  } finally {
    client.disconnect();
  }
}
