import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from '#shared/db/embedded-postgres.ts';
import { isStampAlive, processStamp } from '#shared/db/start-lock.ts';

import { findOrInstall } from './tools.ts';

type Service = { url: string; stop(): Promise<void> };

/** A redis-server of our own on 127.0.0.1. */
export type RedisServer = Service & { port: number; pid: number; dir: string };

const folderPrefix = 'posada-test-';
const nothing = async (): Promise<void> => {};
const note = (line: string): void => console.error(`  ${line}`);

const toEndAtExit = new Map<string, NodeJS.Signals>();
let runFolder: Promise<string> | undefined;
let postgres: Promise<Service> | undefined;
let redis: Promise<Service> | undefined;

/**
 * The PostgreSQL of this run, with rights to create databases: `TEST_DATABASE_URL`, else a container where
 * `TEST_WITH_DOCKER=1` asks for one, else an embedded server of this run. Started at the first call.
 */
export async function postgresUrl(): Promise<string> {
  return (await (postgres ??= startPostgres())).url;
}

/**
 * The Redis of this run, set up as in production (AOF at every write, `noeviction`): `TEST_REDIS_URL`, else a container
 * where a Docker engine answers, else a redis-server process. Started at the first call; each file uses its own key prefix.
 */
export async function redisUrl(): Promise<string> {
  return (await (redis ??= startRedis())).url;
}

/** Starts both stores, for mochaGlobalSetup: no test pays for it with its time-out. */
export async function startServices(): Promise<void> {
  await Promise.all([postgresUrl(), redisUrl()]);
}

/** Stops whatever was started and removes its files; for mochaGlobalTeardown. */
export async function stopServices(): Promise<void> {
  const started = await Promise.allSettled([postgres, redis]);
  for (const service of started) if (service.status === 'fulfilled') await service.value?.stop();
  if (runFolder) await rm(await runFolder, { recursive: true, force: true });
  [runFolder, postgres, redis] = [undefined, undefined, undefined];
}

async function startPostgres(): Promise<Service> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { url: given, stop: nothing };
  if (process.env['TEST_WITH_DOCKER'] === '1') {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
    const settings = ['max_connections=200', 'fsync=off', 'timezone=UTC'].flatMap((setting) => ['-c', setting]);
    const container = await new PostgreSqlContainer('postgres:16-alpine')
      .withCommand(['postgres', ...settings])
      .start();
    return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
  }
  const folder = await makeRunFolder();
  const server = await startEmbeddedPostgres(postgresIn(folder));
  atExit(server.pid, 'SIGQUIT');
  return server;
}

function postgresIn(folder: string): EmbeddedPostgresOptions {
  // Below the run's folder whatever the umask: nothing of a test may stay under /var/lib.
  return { dataDir: join(folder, 'postgres'), fallbackRoot: join(folder, 'fallback'), durable: false };
}

async function startRedis(): Promise<Service> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) return { url: given, stop: nothing };
  if (await hasDockerEngine()) {
    try {
      const { GenericContainer } = await import('testcontainers');
      const container = await new GenericContainer('redis:7-alpine')
        .withExposedPorts(6379)
        .withCommand(['redis-server', ...redisSettings])
        .start();
      const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
      return { url, stop: async () => void (await container.stop()) };
    } catch (error) {
      note(`no Redis container (${error instanceof Error ? error.message : String(error)}): using redis-server`);
    }
  }
  return startRedisServer();
}

const redisSettings = [
  ['--appendonly', 'yes'],
  ['--appendfsync', 'always'],
  ['--maxmemory-policy', 'noeviction'],
  ['--save', ''],
].flat();

/**
 * Starts a redis-server that the caller may kill, restart and stop, apart from the run's own. Default: a free port and
 * an empty folder; give the `port` and `dir` of an earlier one to have it come back with its data.
 */
export async function startRedisServer(options: { port?: number; dir?: string } = {}): Promise<RedisServer> {
  const program = await findOrInstall('redis-server');
  const dir = options.dir ?? (await mkdtemp(join(await makeRunFolder(), 'redis-')));
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    const listen = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
    const child = spawn(program, [...listen, ...redisSettings], { stdio: ['ignore', 'pipe', 'pipe'] });
    let isWanted = false;
    // Whatever fails from here on would not say why.
    child.once('exit', (code, signal) => isWanted && note(`redis-server ${child.pid} ended: ${signal ?? code}`));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
    }
    if (await isRedisReady(child, port)) {
      const pid = child.pid!;
      isWanted = true;
      atExit(pid, 'SIGKILL');
      await writeFile(join(dir, 'pid'), processStamp(pid) ?? '');
      const stop = async (): Promise<void> => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        isWanted = false;
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGKILL');
        await ended;
      };
      return { url: `redis://127.0.0.1:${port}`, port, pid, dir, stop };
    }
    child.kill('SIGKILL');
    if (attempt >= 5) throw new Error(`redis-server did not start: ${said.trim().split('\n').slice(-2).join(' · ')}`);
  }
}

/** Ready means: the one that answers on the port is this very child, not a neighbour's server. */
async function isRedisReady(child: ChildProcess, port: number): Promise<boolean> {
  let failed = false;
  child.once('error', () => (failed = true));
  for (const begun = Date.now(); Date.now() - begun < 15_000; await sleep(20)) {
    if (failed || child.exitCode !== null || child.signalCode !== null) return false;
    const info = await askRedis(port, 'INFO\r\n').catch(() => '');
    const pid = /process_id:(\d+)/.exec(info)?.[1];
    if (pid && /loading:0/.test(info)) return Number(pid) === child.pid;
  }
  return false;
}

function askRedis(port: number, command: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(command));
    let answer = '';
    socket.setTimeout(2_000, () => socket.destroy(new Error('redis-server is silent')));
    socket.on('error', fail);
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (!/loading:\d/.test(answer) || !answer.endsWith('\r\n')) return;
      socket.destroy();
      done(answer);
    });
  });
}

/** Will `redisUrl()` need a redis-server program on this machine? */
export async function needsRedisServer(): Promise<boolean> {
  return !process.env['TEST_REDIS_URL'] && !(await hasDockerEngine());
}

async function hasDockerEngine(): Promise<boolean> {
  const socket = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '');
  if (socket.startsWith('/')) {
    const answers = await new Promise<boolean>((done) => {
      const probe = connect(socket, () => done(true)).on('error', () => done(false));
      probe.once('connect', () => probe.destroy());
    });
    if (answers) return true;
  }
  // Colima, Rancher and remote engines live elsewhere; the client knows where.
  const asked = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeout: 5_000,
    encoding: 'utf8',
  });
  return asked.status === 0 && asked.stdout.trim() !== '';
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1');
  return address.port;
}

/** A last resort when the run ends without its teardown (a second Ctrl-C, an exception at load). */
function atExit(pid: number, signal: NodeJS.Signals): void {
  if (toEndAtExit.size === 0) process.once('exit', endAll);
  toEndAtExit.set(processStamp(pid) ?? '', signal);
}

function endAll(): void {
  for (const [stamp, signal] of toEndAtExit) {
    if (isStampAlive(stamp)) process.kill(Number.parseInt(stamp, 10), signal);
  }
}

function makeRunFolder(): Promise<string> {
  return (runFolder ??= (async () => {
    await sweepDeadRuns();
    const folder = await mkdtemp(join(tmpdir(), folderPrefix));
    // Root's PostgreSQL runs as another user, who must be able to enter.
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'run'), processStamp(process.pid) ?? '');
    return folder;
  })());
}

/** Stops and removes what killed runs have left behind: their servers outlive them. */
async function sweepDeadRuns(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    if (!entry.startsWith(folderPrefix)) continue;
    const folder = join(tmpdir(), entry);
    const stamp = await readFile(join(folder, 'run'), 'utf8').catch(() => undefined);
    const { uid } = await stat(folder).catch(() => ({ uid: -1 }));
    if (stamp === undefined || isStampAlive(stamp) || uid !== process.getuid?.()) continue;
    if (!(await takeOver(folder))) continue;
    for (const name of await readdir(folder)) {
      const dir = join(folder, name);
      if (name.startsWith('redis-')) killStamped(join(dir, 'pid'));
      if (name === 'postgres') {
        // To start it adopts the server, or brings it up for a moment: the one sure way to have it stopped.
        const server = await startEmbeddedPostgres(postgresIn(folder)).catch(() => undefined);
        await server?.stop();
      }
    }
    // A server that is just being stopped may still write.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** The lanes of a run start side by side and find the same dead one: only who moves its stamp away has it, and stamps it anew. */
async function takeOver(folder: string): Promise<boolean> {
  const stamp = join(folder, 'run');
  const isOurs = await rename(stamp, join(folder, 'run-before')).then(
    () => true,
    () => false,
  );
  if (isOurs) await writeFile(stamp, processStamp(process.pid) ?? '');
  return isOurs;
}

function killStamped(path: string): void {
  try {
    const stamp = readFileSync(path, 'utf8');
    if (isStampAlive(stamp)) process.kill(Number.parseInt(stamp, 10), 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** An empty folder for one test file, below the run's and removed with it; other users can enter it. */
export async function makeTestFolder(name: string): Promise<string> {
  const folder = join(await makeRunFolder(), name);
  await mkdir(folder, { recursive: true });
  const own = await mkdtemp(join(folder, '/'));
  await chmod(own, 0o755);
  return own;
}
