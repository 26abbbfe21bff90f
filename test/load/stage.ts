import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openDatabase, type Database } from '#shared/db/data-source.ts';
import { startEmbeddedPostgres } from '#shared/db/embedded-postgres.ts';
import { migrate } from '#shared/db/migrate.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import { seedDemo } from '../../scripts/seed-demo.ts';
import type { Backend } from '../support/both-backends.ts';
import { startRedisServer } from '../support/services.ts';
import { vendorCredentials } from '../support/vendor-credentials.ts';

/** Real stores as in production (durable PostgreSQL, Redis with AOF at every write), and processes that share them. */
export type Stage = {
  backend: Backend;
  database: Database;
  databaseUrl: string;
  /** The environment of its processes; additions before `spawn` count. */
  variables: Record<string, string>;
  /** Starts `node <file> …args` and waits until its output matches; the first group of the match is returned. */
  spawn(
    file: string,
    args: readonly string[],
    ready: RegExp,
    more?: Record<string, string>,
  ): Promise<{ child: ChildProcess; match: string }>;
  /** Forgets every job, for a measurement that begins with none. */
  emptyQueues(): Promise<void>;
  close(): Promise<void>;
};

/** Opens a stage on folders of its own under the system's temporary one. Close it in `finally`. */
export async function openStage(backend: Backend): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'posada-stage-'));
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres') });
  const redis = backend === 'redis' ? await startRedisServer() : undefined;
  await migrate(postgres.url);
  if (!redis) await migrateQueues(postgres.url);
  const database = await openDatabase(postgres.url, 6);
  await seedDemo(database);
  const children = new Set<ChildProcess>();
  const variables: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    ...vendorCredentials,
    ICAL_TOKEN_SECRET: randomBytes(24).toString('hex'),
    JWT_SECRET: randomBytes(24).toString('hex'),
    DATA_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: postgres.url,
    DATA_DIR: folder,
    QUEUE_PREFIX: `s${randomBytes(4).toString('hex')}`,
    PORT: '0',
    ...(redis ? { REDIS_URL: redis.url } : {}),
  };
  return {
    backend,
    database,
    databaseUrl: postgres.url,
    variables,
    async spawn(file, args, ready, more = {}) {
      const child = spawn(process.execPath, [file, ...args], {
        env: { ...variables, ...more },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.add(child);
      return { child, match: await waitForLine(child, ready) };
    },
    async emptyQueues() {
      if (!redis) return void (await database.query('TRUNCATE bullmq.job, bullmq.event CASCADE'));
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    },
    async close() {
      await Promise.all([...children].map((child) => end(child)));
      await database.destroy();
      await redis?.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a process holds in memory, by Linux's account. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024;
}

function waitForLine(child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const onExit = (code: number | null): void =>
      reject(new Error(`ended with ${code} before it was ready: ${said.slice(-2_000)}`));
    const onData = (chunk: Buffer): void => {
      said += chunk.toString();
      const match = ready.exec(said);
      if (!match) return;
      child.off('exit', onExit);
      child.stdout!.off('data', onData).resume(); // read on, or the pipe fills
      resolve(match[1] ?? match[0]);
    };
    child.once('exit', onExit);
    child.stdout!.on('data', onData);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}
