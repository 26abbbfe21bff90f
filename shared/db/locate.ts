import { join } from 'node:path';
import type { Env } from '#shared/config/env.ts';
import { ConfigurationError } from '#shared/config/configuration-error.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';

/** Where the embedded database of a data folder lives. */
export function embeddedDatabaseDir(env: Pick<Env, 'dataDir'>): string {
  return join(env.dataDir, 'postgres');
}

export type LocatedDatabase = { url: string; embedded: EmbeddedPostgres | undefined };

/**
 * The database by the house's one rule: `DATABASE_URL`, else the embedded one, found running or started. Whoever gets
 * `embedded` calls its `stop()` at the end; it stops the server only when this process started it.
 */
export async function locateDatabase(
  env: Pick<Env, 'databaseUrl' | 'dataDir' | 'isProduction'>,
  log: (line: string) => void = () => {},
): Promise<LocatedDatabase> {
  if (env.databaseUrl) return { url: env.databaseUrl, embedded: undefined };
  if (env.isProduction) throw new ConfigurationError(['DATABASE_URL: required in production']);
  const dataDir = embeddedDatabaseDir(env);
  const embedded = (await findEmbeddedPostgres(dataDir)) ?? (await startEmbeddedPostgres({ dataDir, log }));
  return { url: embedded.url, embedded };
}
