import { openDatabase, type Database } from './data-source.ts';

/** The names of migrations that this code brings and the database has not run; empty when the schema is current. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const [table] = await database.query(`SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`);
  const done: { name: string }[] = table.exists ? await database.query('SELECT name FROM schema_migrations') : [];
  const names = new Set(done.map((row) => row.name));
  return database.migrations.map((migration) => migration.name ?? '').filter((name) => !names.has(name));
}

/** Brings a database to this code's schema, forward only; returns what was run. Several at once wait for each other. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const database = await openDatabase(databaseUrl, 2);
  const runner = database.createQueryRunner();
  try {
    await runner.query('SET lock_timeout = 0');
    await runner.query(`SELECT pg_advisory_lock(hashtext('posada migrations'))`);
    const run = await database.runMigrations();
    return run.map((migration) => migration.name);
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(hashtext('posada migrations'))`).catch(() => {});
    await runner.release();
    await database.destroy();
  }
}
