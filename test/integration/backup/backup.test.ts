import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { openDatabase } from '#shared/db/data-source.ts';
import { migrate } from '#shared/db/migrate.ts';
import { seedDemo } from '../../../scripts/seed-demo.ts';
import { makeTestFolder, startRedisServer } from '../../support/services.ts';
import type { RedisServer } from '../../support/services.ts';
import { findOrInstall, findOrInstallAll } from '../../support/tools.ts';
import { track } from '../../support/track.ts';
import { startPostgresServer } from './postgres.ts';
import type { PostgresServer } from './postgres.ts';
import { runScript } from './shell.ts';
import type { Ended } from './shell.ts';

const name = 'posada';
const key = 'a passphrase of 3 words';

describe('backup, drill and restore', function () {
  this.timeout(60_000);
  let postgres: PostgresServer;
  let redis: RedisServer;
  let client: Redis;
  let folder: string;
  let path: string;
  /** One with everything in it: encrypted, with the queues and a voice note. */
  let full: Ended;

  before(async function () {
    this.timeout(120_000);
    const tools = await findOrInstallAll(['redis-cli', 'openssl']);
    postgres = track(await startPostgresServer(), 'postgres');
    redis = track(await startRedisServer(), 'redis');
    client = track(new Redis(redis.url), 'redis client');
    await client.set('{posada:conversations}:conversations:1', 'a job');
    await postgres.query('postgres', 'CREATE DATABASE demo TEMPLATE template0');
    await migrate(postgres.urlOf('demo'));
    const database = await openDatabase(postgres.urlOf('demo'), 2);
    await seedDemo(database);
    await database.destroy();
    path = [postgres.binDir, ...Object.values(tools).map(dirname), '/usr/bin', '/bin'].join(':');
  });
  before(async () => {
    folder = await makeTestFolder('backup');
    await mkdir(join(folder, 'media/ab'), { recursive: true });
    await writeFile(join(folder, 'media/ab/nota de voz.ogg'), 'OggS');
    await postgres.query('postgres', `CREATE DATABASE ${name} TEMPLATE demo`);
    full = await backup({ BACKUP_KEY: key, REDIS_URL: redis.url }, '--label', 'before-deploy');
  });
  beforeEach(async () => {
    folder = await makeTestFolder('backup');
    await mkdir(join(folder, 'media'));
    for (const each of await databases()) {
      if (each !== name) await postgres.query('postgres', `DROP DATABASE ${each} WITH (FORCE)`);
    }
  });
  after(async () => {
    client?.disconnect();
    await redis?.stop();
    await postgres?.stop();
  });

  const variables = (): NodeJS.ProcessEnv => ({
    PATH: path,
    DATABASE_URL: postgres.urlOf(name),
    REDIS_URL: '',
    MEDIA_DIR: join(folder, 'media'),
    BACKUP_DIR: join(folder, 'backups'),
    BACKUP_KEY: key,
    POSADA_VERSION: '1.2.3',
  });
  const backup = async (more: NodeJS.ProcessEnv = {}, ...args: string[]): Promise<Ended> =>
    runScript('scripts/backup.sh', args, { ...variables(), BACKUP_KEY: '', ...more });
  const drill = (file?: string, more: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    runScript('scripts/restore-drill.sh', file ? [file] : [], { ...variables(), ...more });
  const restore = (args: string[], more: NodeJS.ProcessEnv = {}, input = ''): Promise<Ended> =>
    runScript('scripts/restore.sh', args, { ...variables(), ...more }, input);
  const databases = async (): Promise<string[]> =>
    (await postgres.query('postgres', `SELECT datname FROM pg_database WHERE datname LIKE 'posada%' ORDER BY 1`)).map(
      ({ datname }) => String(datname),
    );
  const units = async (): Promise<number> =>
    Number((await postgres.query(name, 'SELECT count(*) FROM accommodations'))[0]?.['count']);

  it('writes one encrypted, checksummed file that names its version and its retention, for its owner only', async () => {
    expect(full.code, full.stderr).to.equal(0);
    const file = basename(full.lastLine);
    expect(file).to.match(/^posada-\d{8}T\d{6}Z-1\.2\.3-before-deploy-keep14d\.tar\.enc$/);
    expect((await readdir(dirname(full.lastLine))).toSorted()).to.deep.equal(['.lock', file, `${file}.sha256`]);
    expect((await stat(full.lastLine)).mode & 0o077).to.equal(0);
    const bytes = await readFile(full.lastLine);
    expect(bytes.subarray(0, 8).toString('latin1')).to.equal('Salted__');
    for (const clear of ['PGDMP', 'nota de voz', 'Caba']) expect(bytes.includes(clear), clear).to.equal(false);
    expect(`${full.stdout}${full.stderr}`).not.to.contain(key).and.not.to.contain('p@ss');
  });

  it('is proved by the drill, which touches nothing and leaves nothing', async () => {
    const proved = await drill(undefined, { BACKUP_DIR: dirname(full.lastLine) });
    expect(proved.code, proved.stdout + proved.stderr).to.equal(0);
    expect(proved.stdout).to.match(/ok {6}\d{2} tables have as many rows as were backed up/);
    expect(proved.stdout).to.contain('ok      no night of a unit is sold twice').and.to.contain('can be restored');
    expect(proved.stdout).to.contain('ok      snapshot of the queues').and.not.to.contain('FAILED');
    expect(await databases()).to.deep.equal([name]);
  });

  it('counts and dumps one and the same moment while the house goes on writing', async () => {
    let isOver = false;
    const writing = (async () => {
      for (let index = 0; !isOver; index += 1)
        await postgres.query(
          name,
          `INSERT INTO contacts (profile_name) SELECT 'guest ${index}' FROM generate_series(1, 50)`,
        );
    })();
    const made = await backup();
    isOver = true;
    await writing;
    expect(made.code, made.stderr).to.equal(0);
    expect((await drill()).code).to.equal(0);
  });

  it('does without a key and without Redis but not without a word, removes what its own name says is over', async () => {
    const backups = join(folder, 'backups');
    await mkdir(backups);
    const old = ['posada-20200101T000000Z-1-daily-keep14d.tar', 'posada-20200102T000000Z-1-daily-keep9999d.tar.enc'];
    for (const file of [...old, `${old[0]}.sha256`, 'notes.txt']) await writeFile(join(backups, file), '');
    const made = await backup({ REDIS_URL: 'redis://a:1,redis://b:2' });
    expect(made.code, made.stderr).to.equal(0);
    expect(made.lastLine).to.match(/daily-keep14d\.tar$/);
    expect(made.stderr).to.contain('not encrypted').and.to.contain('left to its own backups');
    const kept = ['.lock', 'notes.txt', old[1], basename(made.lastLine), `${basename(made.lastLine)}.sha256`];
    expect(await readdir(backups)).to.have.members(kept);
  });

  it('leaves nothing half-made when the dump fails, and says so', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'pg_dump'), '#!/bin/sh\nprintf PGDMPhalf\nexit 1\n', { mode: 0o755 });
    const failed = await backup({ PATH: `${bin}:${path}` });
    expect(failed.code).to.equal(1);
    expect(failed.stderr).to.contain('pg_dump failed');
    expect(await readdir(join(folder, 'backups'))).to.deep.equal(['.lock']);
  });

  it('trusts no damaged or undecipherable file, and no file without its checksum', async () => {
    const file = join(folder, 'copy.tar.enc');
    const bytes = await readFile(full.lastLine);
    const sum = await readFile(`${full.lastLine}.sha256`, 'utf8');
    await writeFile(`${file}.sha256`, sum.replace(basename(full.lastLine), 'copy.tar.enc'));
    await writeFile(file, Buffer.concat([bytes.subarray(0, bytes.length - 40), Buffer.alloc(40, 7)]));
    for (const tried of [await drill(file), await restore([file, '--yes'])]) {
      expect(tried.code).to.equal(1);
      expect(tried.stderr).to.contain('is damaged');
    }
    await writeFile(file, bytes);
    expect((await drill(file, { BACKUP_KEY: 'another' })).stderr).to.contain('cannot be decrypted');
    expect((await drill(file, { BACKUP_KEY: '' })).stderr).to.contain('BACKUP_KEY is not set');
    await rm(`${file}.sha256`);
    expect((await restore([file, '--yes'])).stderr).to.contain('without its checksum is not trusted');
    expect(await databases()).to.deep.equal([name]);
  });

  it('asks before it replaces, and refuses while somebody is connected', async () => {
    for (const answer of ['', 'yes\n']) {
      const refused = await restore([full.lastLine], {}, answer);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.contain('not confirmed');
    }
    const database = await openDatabase(postgres.urlOf(name), 2);
    const refused = await restore([full.lastLine, '--yes']);
    await database.destroy();
    expect(refused.stderr).to.contain('stop the API and the workers first');
    expect(await databases()).to.deep.equal([name]);
  });

  it('restores rows and media, and keeps the database as it was beside it', async () => {
    const seeded = await units();
    await postgres.query(
      name,
      `INSERT INTO accommodations (name, capacity, included_guests, base_price_cents) VALUES ('New', 2, 2, 1)`,
    );
    const restored = await restore([full.lastLine], {}, `${name}\n`);
    expect(restored.code, restored.stderr).to.equal(0);
    expect(await units()).to.equal(seeded);
    expect(await readFile(join(folder, 'media/ab/nota de voz.ogg'), 'utf8')).to.equal('OggS');
    const [, kept] = await databases();
    expect(kept).to.match(/^posada_before_\d{14}$/);
    const [{ count } = {}] = await postgres.query(kept!, 'SELECT count(*) FROM accommodations');
    expect(Number(count)).to.equal(seeded + 1);
  });

  it('brings database and queues to a new server, the queues as the first part of an append-only file', async () => {
    await postgres.query('postgres', `DROP DATABASE ${name}`);
    const dir = await makeTestFolder('queues');
    const restored = await restore([full.lastLine, '--yes', '--with-queues'], { QUEUES_INTO: dir });
    expect(restored.code, restored.stderr).to.equal(0);
    expect(await units()).to.be.at.least(4);
    const back = track(await startRedisServer({ dir }), 'redis');
    const reader = new Redis(back.url);
    try {
      expect(await reader.get('{posada:conversations}:conversations:1')).to.equal('a job');
      expect(await reader.config('GET', 'appendonly')).to.deep.equal(['appendonly', 'yes']);
    } finally {
      reader.disconnect();
      await back.stop();
    }
  });

  it('fails the drill on data that break a rule', async () => {
    await postgres.query(
      name,
      `INSERT INTO reservations (code, accommodation_id, status, check_in, check_out, adults, currency, total_cents,
         deposit_cents, quote, hold_expires_at, release_at)
       SELECT 'RES1', min(id), 'confirmed', '2030-01-10', '2030-01-12', 2, 'ARS', 100, 30, '{}', now(), now()
       FROM accommodations`,
    );
    await backup();
    const failed = await drill();
    expect(failed.code).to.equal(1);
    expect(failed.stdout).to.contain('FAILED  every live reservation holds its nights: 1');
    expect(await databases()).to.deep.equal([name]);
  });

  it('finds shellcheck content with every script', async () => {
    const shellcheck = await findOrInstall('shellcheck');
    const scripts = globSync('{*.sh,scripts/*.sh,nginx/*.sh,.ci/run}', { cwd: join(import.meta.dirname, '../../..') });
    expect(scripts).to.have.length.of.at.least(6);
    execFileSync(shellcheck, ['-x', ...scripts], { cwd: join(import.meta.dirname, '../../..') });
  });
});
