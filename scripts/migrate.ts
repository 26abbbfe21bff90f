import { exitOnBadEnv } from '#shared/config/env.ts';
import { locateDatabase } from '#shared/db/locate.ts';
import { migrate } from '#shared/db/migrate.ts';
import { migrateQueues } from '#shared/queues/connections.ts';

// `npm run migrate`: this code's schema, and that of the queues where they live in Postgres. Forward only.
const env = exitOnBadEnv();
const { url, embedded } = await locateDatabase(env, (line) => process.stderr.write(`${line}\n`));
try {
  const done = await migrate(url);
  if (!env.redisUrl) await migrateQueues(url);
  console.log(done.length > 0 ? `Migrated: ${done.join(', ')}` : 'The schema is current.');
} finally {
  await embedded?.stop();
}
