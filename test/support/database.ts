import { randomBytes } from 'node:crypto';

import pg from 'pg';

import { postgresUrl } from './services.ts';

/** A database of one test file's own. */
export type TestDatabase = {
  url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
};

const runId = randomBytes(4).toString('hex');
const templateName = `posada_template_${runId}`;
const made = new Set<string>();

/** Resolves with how it is copied. */
let template: Promise<string> | undefined;
let copying: Promise<unknown> = Promise.resolve();
let count = 0;

/** A fresh copy of the migrated template, which is made at the first call of a run. Call it in `before`, `drop` in `after`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const how = await (template ??= makeTemplate());
  const name = `posada_test_${runId}_${(count += 1)}`;
  // A template that is being copied cannot be copied by another at the same time.
  const create = `CREATE DATABASE ${name} TEMPLATE ${templateName} ${how}`;
  const copy = copying.then(() => asAdmin((admin) => admin.query(create)));
  copying = copy.catch(() => undefined);
  await copy;
  made.add(name);
  return { url: await urlOf(name), drop: () => drop(name) };
}

/** An empty database without a schema, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `posada_empty_${runId}_${(count += 1)}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`));
  made.add(name);
  return { url: await urlOf(name), drop: () => drop(name) };
}

/** Removes the template and forgotten copies: the server may be one that stays. */
export async function dropTestDatabases(): Promise<void> {
  await Promise.all(Array.from(made, drop));
  template = undefined;
}

async function makeTemplate(): Promise<string> {
  const { migrate } = await import('#shared/db/migrate.ts');
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${templateName} TEMPLATE template0 ENCODING 'UTF8'`));
  made.add(templateName);
  await migrate(await urlOf(templateName));
  return asAdmin(async (admin) => {
    // One forgotten connection would make every copy fail.
    await admin.query(`ALTER DATABASE ${templateName} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [templateName]);
    const { rows } = await admin.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    // Half the time that its pages take through the log, which is what PostgreSQL does by itself since 15.
    return rows[0]!.version >= 150_000 ? 'STRATEGY file_copy' : '';
  });
}

async function drop(name: string): Promise<void> {
  await asAdmin((admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  made.delete(name);
}

async function urlOf(name: string): Promise<string> {
  const url = new URL(await postgresUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: await postgresUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
