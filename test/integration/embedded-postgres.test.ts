import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect } from 'chai';
import pg from 'pg';

import { findEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from '#shared/db/embedded-postgres.ts';

import { eventually } from '../support/eventually.ts';

const modulePath = join(import.meta.dirname, '../../shared/db/embedded-postgres.ts');

/** Another process that starts the same database, says what it got and then waits to be killed. */
const starter = `
  import { startEmbeddedPostgres } from ${JSON.stringify(modulePath)};
  const { pid, port, ownedByUs } = await startEmbeddedPostgres({ dataDir: process.argv[1], fallbackRoot: process.argv[2], durable: false });
  console.log(JSON.stringify({ pid, port, ownedByUs }));
  setInterval(() => {}, 60_000);
`;

type Said = { pid: number; port: number; ownedByUs: boolean };

async function startInOtherProcess(
  dataDir: string,
  fallbackRoot: string,
): Promise<{ child: ChildProcess; said: Said }> {
  const args = ['--input-type=module-typescript', '--eval', starter, dataDir, fallbackRoot];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said: JSON.parse(line) as Said };
}

async function killHard(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  let parent: string;
  let dataDir: string;
  let fallbackRoot: string;
  const children: ChildProcess[] = [];

  const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ dataDir, fallbackRoot, durable: false });

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'posada embedded-'));
    await chmod(parent, 0o755);
    dataDir = join(parent, '.data/postgres');
    fallbackRoot = join(parent, 'fallback');
  });

  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && !child.killed) await killHard(child);
    if (await findEmbeddedPostgres(dataDir)) await (await start()).stop();
  });

  after(() => rm(parent, { recursive: true, force: true }));

  it('starts on an empty folder, in UTF-8 and UTC, for this machine only', async () => {
    expect(await findEmbeddedPostgres(dataDir)).to.equal(undefined);
    const server = await start();
    expect(server.ownedByUs).to.equal(true);
    const [row] = await query(
      server.url,
      `SELECT current_database() AS name, pg_encoding_to_char(encoding) AS encoding, current_setting('TimeZone') AS zone,
         upper('ñandú') AS upper, current_setting('listen_addresses') AS addresses, current_setting('max_connections') AS max
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(row).to.deep.equal({
      name: 'posada',
      encoding: 'UTF8',
      zone: 'UTC',
      upper: 'ÑANDÚ',
      addresses: '127.0.0.1',
      max: '200',
    });
    await query(server.url, 'CREATE EXTENSION btree_gist');
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of others.filter((other) => !other.internal && other.family === 'IPv4')) {
      const socket = connect(server.port, address);
      const refused = await new Promise((done) => socket.once('error', done).once('connect', () => done(undefined)));
      socket.destroy();
      expect(refused, address).to.be.instanceOf(Error);
    }
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    const error = await query(wrong.href, 'SELECT 1').catch((cause: unknown) => cause);
    expect(error).to.have.property('code', '28P01');
    await server.stop();
    expect(await findEmbeddedPostgres(dataDir)).to.equal(undefined);
  });

  it('keeps its data over a restart, and after a kill -9 of the server', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE guests AS SELECT 1 AS id');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT id FROM guests')).to.deep.equal([{ id: 1 }]);
    process.kill(second.pid, 'SIGKILL');
    const third = await start();
    expect(third.pid).not.to.equal(second.pid);
    expect(await query(third.url, 'SELECT id FROM guests')).to.deep.equal([{ id: 1 }]);
    await second.stop();
    expect(await query(third.url, 'SELECT id FROM guests')).to.have.length(1);
    await third.stop();
    await third.stop();
  });

  it('starts although the pid of an old postmaster.pid belongs to another program now', async () => {
    const first = await start();
    const pidFile = join(first.dataDir, 'postmaster.pid');
    const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n');
    await first.stop();
    await writeFile(pidFile, [process.pid, ...rest].join('\n'));
    if (process.getuid?.() === 0) await chmod(pidFile, 0o666);
    const second = await start();
    expect(second.ownedByUs).to.equal(true);
    await second.stop();
  });

  it('is adopted from a starter that was killed, and then stopped by who adopted it', async () => {
    const { child, said } = await startInOtherProcess(dataDir, fallbackRoot);
    children.push(child);
    const beside = await start();
    expect(beside).to.include({ pid: said.pid, ownedByUs: false });
    await beside.stop();
    expect(await query(beside.url, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    await killHard(child);
    const heir = await start();
    expect(heir).to.include({ pid: said.pid, ownedByUs: true });
    await heir.stop();
    expect(await findEmbeddedPostgres(dataDir)).to.equal(undefined);
  });

  it('is shared by processes that start at once, and owned by one', async () => {
    const started = await Promise.all([
      startInOtherProcess(dataDir, fallbackRoot),
      startInOtherProcess(dataDir, fallbackRoot),
      start(),
    ]);
    const [one, two, three] = started;
    children.push(one.child, two.child);
    const all = [one.said, two.said, three];
    expect(new Set(all.map(({ pid }) => pid)).size).to.equal(1);
    expect(all.filter(({ ownedByUs }) => ownedByUs)).to.have.length(1);
    await three.stop();
  });

  it('goes elsewhere from a folder that its user cannot enter, says so and finds it again', async function () {
    // Only root has a database user other than itself; for anybody else the folder is simply its own.
    const isRoot = process.getuid?.() === 0;
    const closed = await mkdtemp(join(tmpdir(), 'posada-closed-'));
    const lines: string[] = [];
    const options = {
      dataDir: join(closed, '.data/postgres'),
      fallbackRoot,
      durable: false,
      log: (line: string) => lines.push(line),
    };
    try {
      const server = await startEmbeddedPostgres(options);
      expect(await query(server.url, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
      expect(server.dataDir.startsWith(isRoot ? fallbackRoot : closed)).to.equal(true);
      expect(lines.filter((line) => line.includes(fallbackRoot))).to.have.length(isRoot ? 2 : 0);
      await server.stop();
      const again = await startEmbeddedPostgres(options);
      expect(again.dataDir).to.equal(server.dataDir);
      await again.stop();
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
  });

  it('says in one line what keeps it from starting', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    const error = await startEmbeddedPostgres({ dataDir: join(file, 'postgres') }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.match(/^[^\n]+$/);
    expect(existsSync(join(parent, 'file/postgres'))).to.equal(false);
    await eventually(async () => expect(await findEmbeddedPostgres(dataDir)).to.equal(undefined));
  });
});
