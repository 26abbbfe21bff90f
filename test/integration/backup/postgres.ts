import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { eventually } from '../../support/eventually.ts';
import { makeTestFolder } from '../../support/services.ts';
import { findOrInstall } from '../../support/tools.ts';

const run = promisify(execFile);

/** A PostgreSQL server with the programs of its own version: pg_dump refuses a server that is newer, as the embedded one is. */
export type PostgresServer = {
  /** Of the superuser, with a password that must be percent-encoded, for the database `name`. */
  urlOf(name: string): string;
  /** The folder of pg_dump and its kin, for the PATH. */
  binDir: string;
  query(name: string, sql: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
};

const user = 'posada';
const password = 'p@ss:word/%1';

/** Makes a cluster in a test folder and starts it on a free port of 127.0.0.1, with password logins. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const binDir = dirname(await findOrInstall('postgresql'));
  const folder = await makeTestFolder('server');
  const cluster = join(folder, 'cluster');
  const as = serverUser();
  await mkdir(cluster);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  for (const path of [folder, cluster, passwordFile]) if (as.uid !== undefined) await chown(path, as.uid, as.gid ?? 0);
  await chmod(cluster, 0o700);
  const options = { ...as, cwd: '/', env: { PATH: `${binDir}:/usr/bin:/bin`, LC_ALL: 'C' } };
  const how = ['-U', user, '-E', 'UTF8', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'];
  await run(join(binDir, 'initdb'), ['-D', cluster, ...how], options);
  const port = await findFreePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(binDir, 'postgres'), ['-D', cluster, ...flags], { ...options, stdio: 'ignore' });
  const urlOf = (name: string): string =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}?sslmode=disable`;
  const query = async (name: string, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: urlOf(name) });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  await eventually(() => query('postgres', 'SELECT 1'), { timeoutMs: 30_000 });
  return {
    urlOf,
    binDir,
    query,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
    },
  };
}

/** Root cannot run PostgreSQL; its package has made a user for it. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => {
    const asked = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
    return asked.status === 0 ? Number(asked.stdout) : 65_534;
  };
  return { uid: id('-u'), gid: id('-g') };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
