import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#shared/observability/logger.ts';

/** The part of a database that the link needs; a TypeORM DataSource fits. */
export type LinkedDatabase = { query(sql: string): Promise<unknown>; destroy(): Promise<void> };

/** This process's way to the database, which may be away when the process starts. */
export type DatabaseLink<D> = {
  /** Undefined until it was reached and its schema found current. */
  database: () => D | undefined;
  readonly opened: Promise<D>;
  /** Rejects when the database does not answer; the caller sets the deadline. */
  ping: () => Promise<void>;
  close: () => Promise<void>;
};

/** The schema lacks migrations that this code needs: `npm run migrate` first. */
export class SchemaBehind extends Error {
  constructor(pending: readonly string[]) {
    super(`The database's schema is behind: npm run migrate (${pending.join(', ')})`);
    this.name = 'SchemaBehind';
  }
}

/**
 * Opens the database in the background, every second until it answers, so that webhooks are taken meanwhile. `opened` rejects
 * with SchemaBehind when `pendingMigrations` names any: the caller ends the process.
 */
export function linkDatabase<D extends LinkedDatabase>(options: {
  open: () => Promise<D>;
  pendingMigrations: (database: D) => Promise<string[]>;
  log: Logger;
}): DatabaseLink<D> {
  const closing = new AbortController();
  let database: D | undefined;
  const opened = openPatiently(options, closing.signal).then((open) => (database = open));
  opened.catch(() => {});
  return {
    database: () => database,
    opened,
    ping: async () => {
      if (!database) throw new Error('The database has not been reached yet');
      await database.query('SELECT 1');
    },
    close: async () => {
      closing.abort();
      await opened.catch(() => {});
      await database?.destroy();
      database = undefined;
    },
  };
}

async function openPatiently<D extends LinkedDatabase>(
  { open, pendingMigrations, log }: Parameters<typeof linkDatabase<D>>[0],
  signal: AbortSignal,
): Promise<D> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const database = await open().catch((error: unknown) => {
      if (attempt % 30 === 1) log.warn({ err: error, attempt }, 'the database cannot be reached, trying again');
    });
    if (database) {
      const pending = await pendingMigrations(database).catch(() => undefined);
      if (pending?.length === 0 && !signal.aborted) return database;
      await database.destroy();
      if (pending && pending.length > 0) throw new SchemaBehind(pending);
    }
    await sleep(1_000, undefined, { signal });
  }
}
