import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { queueNames } from '#shared/queues/contracts.ts';
import { migrate } from '#shared/db/migrate.ts';
import { findOrInstall } from '../../support/tools.ts';
import { track } from '../../support/track.ts';
import { startPostgresServer } from '../backup/postgres.ts';
import type { PostgresServer } from '../backup/postgres.ts';
import { createServer, filledIn } from './server.ts';
import type { TestServer } from './server.ts';

const name = 'posada';

describe('deploy.sh', function () {
  this.timeout(60_000);
  let postgres: PostgresServer;
  let path: string;

  before(async () => {
    postgres = track(await startPostgresServer(), 'postgres');
    path = [postgres.binDir, dirname(await findOrInstall('openssl')), '/usr/bin', '/bin'].join(':');
    await postgres.query('postgres', `CREATE DATABASE ${name} TEMPLATE template0`);
    await migrate(postgres.urlOf(name));
  });
  beforeEach(() => postgres.query(name, 'DELETE FROM contacts'));
  after(() => postgres?.stop());

  /** A server whose database is a real one of a provider; its Redis a cluster that has its own backups. */
  const server = (
    variables: Record<string, string | undefined> = {},
    more: NodeJS.ProcessEnv = {},
  ): Promise<TestServer> =>
    createServer(
      {
        ...filledIn,
        DATABASE_URL: postgres.urlOf(name),
        REDIS_URL: 'redis://a:1,redis://b:2',
        COMPOSE_PROFILES: 'none',
        ...variables,
      },
      { path, more },
    );
  /** One that runs version v1. */
  const running = async (): Promise<TestServer> => {
    const made = await server();
    await made.hasDeployed('v1');
    return made;
  };
  const everyService = (version: string): string[] =>
    ['api', 'api', 'certbot', 'nginx', ...queueNames].map((service) => `${service} posada:${version}`).toSorted();
  const ours = (containers: string[]): string[] => containers.filter((each) => !/^(nginx|certbot) /.test(each));
  const contacts = async (): Promise<number> =>
    Number((await postgres.query(name, 'SELECT count(*) FROM contacts'))[0]?.['count']);

  it('deploys to an empty server, every step after the one it needs', async () => {
    const made = await server({ COMPOSE_PROFILES: undefined, DATABASE_URL: undefined, REDIS_URL: undefined });
    const deployed = await made.deploy('deploy', 'v1');
    expect(deployed.code, deployed.stderr).to.equal(0);
    const calls = (await made.calls()).filter((call) => !/ (ps|config|image|info|compose version)/.test(call));
    const order = [
      /^\[v1\] compose build migrate$/,
      /^\[v1\] compose run .* api node -e .*exitOnBadEnv/,
      /^\[v1\] compose up -d --no-recreate --wait .* postgres redis$/,
      /tools tar -C \/certs -xf -$/,
      /^\[v1\] compose run .* migrate$/,
      /^\[v1\] compose up -d --no-deps --wait .* api$/,
      new RegExp(`^\\[v1\\] compose up -d --no-deps --wait .* ${queueNames.toSorted().join(' ')}$`),
      /^\[v1\] compose up .* nginx certbot$/,
      /exec -T nginx .*entrypoint.sh reload$/,
      /certbot certonly .*-d posada.example --email owner@posada.example.*--keep-until-expiring$/,
      /install-certificate.sh certbot \/etc\/letsencrypt\/live\/posada.example$/,
      /entrypoint.sh reload$/,
      /^\[v1\] compose exec -T api node scripts\/self-test.ts$/,
    ];
    expectInOrder(calls, order);
    expect(await made.containers()).to.deep.equal(
      [...everyService('v1'), 'postgres posada:v1', 'redis posada:v1'].toSorted(),
    );
    expect([await made.state('current'), await made.state('certificate')]).to.deep.equal(['v1', 'authority']);
    expect(await made.backups()).to.deep.equal([]);
    const cron = await readFile(join(made.dir, 'cron/posada'), 'utf8');
    expect(cron)
      .to.match(/deploy\.sh" backup daily/)
      .and.to.match(/deploy\.sh" drill/);
    expect(deployed.stderr + deployed.stdout).not.to.contain(filledIn['POSTGRES_PASSWORD']);
  });

  it('backs up first, starts the new API before the old one ends, and may be repeated', async () => {
    const made = await running();
    for (const version of ['v2', 'v2']) {
      const before = await made.backups();
      const deployed = await made.deploy('deploy', version);
      expect(deployed.code, deployed.stderr).to.equal(0);
      const calls = await made.calls();
      expectInOrder(calls, [
        /^\[v[12]\] compose run .* tools pg_dump .*--snapshot=/,
        /^\[v2\] compose run .* migrate$/,
        /^\[v2\] compose up -d --no-deps --no-recreate --scale api=4 --wait .* api$/,
        /entrypoint.sh reload$/,
        /^\[v2\] stop -t 40 id\d+ id\d+$/,
        /^\[v2\] rm -f id\d+ id\d+$/,
        /entrypoint.sh reload$/,
        /self-test/,
      ]);
      expect(calls.join('\n'))
        .not.to.match(/ compose (down|stop)/)
        .and.not.to.contain('certonly');
      expect(ours(await made.containers())).to.deep.equal(ours(everyService('v2')));
      expect(await made.backups()).to.have.length(before.length + 1);
    }
    expect((await made.backups())[0]).to.match(/-v1-before-deploy-keep14d\.tar$/);
    expect([await made.state('current'), await made.state('previous')]).to.deep.equal(['v2', 'v1']);
  });

  it('goes back by itself when the new API does not become ready; the old one never stopped', async () => {
    const made = await running();
    await made.breakStep('api', 'v2');
    const failed = await made.deploy('deploy', 'v2');
    expect(failed.code).to.equal(1);
    expect(failed.stderr)
      .to.contain('version 2'.replace(' ', ' v'))
      .and.to.contain('version v1 is live again, no data were touched');
    const calls = await made.calls();
    expect(calls.filter((call) => / stop /.test(call))).to.deep.equal([]);
    expectInOrder(calls, [
      /\[v2\] compose up .*--scale api=4/,
      /\[v2\] rm -f id\d+ id\d+/,
      /\[v1\] compose exec .*self-test/,
    ]);
    expect(ours(await made.containers())).to.deep.equal(ours(everyService('v1')));
    expect([await made.state('current'), await made.state('previous')]).to.deep.equal(['v1', '']);
  });

  it('goes back by itself when a worker fails, or the world is not served; rows written since stay', async () => {
    const made = await running();
    for (const [step, version] of [
      ['payments', 'v2'],
      ['self-test', 'v3'],
    ] as const) {
      await made.breakStep(step, version);
      await postgres.query(
        name,
        `INSERT INTO contacts (profile_name) VALUES ('written while ${version} was deployed')`,
      );
      const written = await contacts();
      const failed = await made.deploy('deploy', version);
      expect(failed.code, step).to.equal(1);
      expect(failed.stderr, step).to.contain('version v1 is live again');
      expect(ours(await made.containers()), step).to.deep.equal(ours(everyService('v1')));
      expect(await made.state('current'), step).to.equal('v1');
      expect(await contacts(), step).to.equal(written);
      expect((await made.calls()).join('\n'), step).not.to.contain('pg_restore');
    }
  });

  it('says so when there is nothing to go back to, or going back fails too', async () => {
    const first = await server();
    await first.breakStep('self-test', '*');
    const failed = await first.deploy('deploy', 'v1');
    expect(failed.code).to.equal(1);
    expect(failed.stderr).to.contain('none to go back to');
    expect(await first.state('current')).to.equal('');
    const second = await running();
    await second.breakStep('self-test', '*');
    expect((await second.deploy('deploy', 'v2')).stderr).to.contain('version v1 does not come up either');
  });

  it('touches no container when image, configuration, backup or migration fail', async () => {
    const made = await running();
    const before = await made.containers();
    for (const [step, said] of [
      ['build', 'the image could not be built; nothing was changed'],
      ['configuration', 'the programs refuse this configuration; nothing was changed'],
      ['migrate', 'the migration failed; the programs run on as version v1'],
    ] as const) {
      await made.breakStep(step, 'v2');
      const failed = await made.deploy('deploy', 'v2');
      expect(failed.code, step).to.equal(1);
      expect(failed.stderr, step).to.contain(said);
      expect(await made.containers(), step).to.deep.equal(before);
      await made.breakStep(step);
    }
    const away = await server({ DATABASE_URL: postgres.urlOf('nowhere') });
    await away.hasDeployed('v1');
    expect((await away.deploy('deploy', 'v2')).stderr).to.contain('no backup, no deploy');
    expect(await away.containers()).to.deep.equal(before);
    expect(await made.containers()).to.deep.equal(before);
  });

  it('rolls back to the version before, or a named one that is there; to no other', async () => {
    const made = await running();
    expect((await made.deploy('rollback')).stderr).to.contain('there is no version before this one');
    await made.deploy('deploy', 'v2');
    await made.calls();
    await postgres.query(name, `INSERT INTO contacts (profile_name) VALUES ('since')`);
    const back = await made.deploy('rollback');
    expect(back.code, back.stderr).to.equal(0);
    expect(ours(await made.containers())).to.deep.equal(ours(everyService('v1')));
    expect([await made.state('current'), await made.state('previous')]).to.deep.equal(['v1', 'v2']);
    expect((await made.calls()).join('\n')).not.to.match(/migrate|pg_restore|pg_dump|build/);
    expect(await contacts()).to.equal(1);
    expect((await made.deploy('rollback', 'v2')).code).to.equal(0);
    expect((await made.deploy('rollback', 'v9')).stderr).to.contain('the image posada:v9 is not here');
  });

  it('keeps the images of the last five versions', async () => {
    const made = await running();
    await writeFile(join(made.dir, 'images'), 'v1\nold\nolder\n');
    await made.deploy('deploy', 'v2');
    expect((await readFile(join(made.dir, 'images'), 'utf8')).trim().split('\n')).to.deep.equal(['v1', 'v2']);
  });

  it('backs up, drills and restores the live data, with nginx answering meanwhile', async () => {
    const made = await running();
    await postgres.query(name, `INSERT INTO contacts (profile_name) VALUES ('Ana')`);
    await mkdir(join(made.dir, 'media'));
    await writeFile(join(made.dir, 'media/note.ogg'), 'OggS');
    const backedUp = await made.deploy('backup');
    expect(backedUp.code, backedUp.stderr).to.equal(0);
    const file = backedUp.lastLine;
    const proved = await made.deploy('drill');
    expect(proved.code, proved.stderr).to.equal(0);
    expect(proved.stdout).to.contain('can be restored');
    await postgres.query(name, `INSERT INTO contacts (profile_name) VALUES ('Berta')`);
    expect((await made.deployAnswering('no\n', 'restore', file)).stderr).to.contain(
      'not confirmed; nothing was changed',
    );
    await made.calls();
    const restored = await made.deployAnswering('restore\n', 'restore', file);
    expect(restored.code, restored.stderr).to.equal(0);
    expect(await contacts()).to.equal(1);
    const calls = await made.calls();
    const all = queueNames.toSorted().join(' ');
    expectInOrder(calls, [
      /pg_restore/,
      /pg_dump/,
      new RegExp(`compose stop api ${all}$`),
      /pg_restore/,
      /migrate$/,
      new RegExp(`compose up .* api ${all}$`),
      /self-test/,
    ]);
    expect(calls.join('\n')).not.to.match(/stop .*nginx/);
    expect((await made.backups()).filter((each) => each.includes('before-restore'))).to.have.length(1);
    expect(ours(await made.containers())).to.deep.equal(ours(everyService('v1')));
  });

  it('refuses a bad backup before it stops anything', async () => {
    const made = await running();
    const { lastLine: file } = await made.deploy('backup');
    await writeFile(file, 'garbage');
    await made.calls();
    const refused = await made.deploy('restore', file, '--yes');
    expect(refused.stderr).to.contain('cannot be restored; nothing was changed');
    expect((await made.calls()).join('\n')).not.to.contain('compose stop');
    expect((await made.deploy('restore', '/nowhere.tar', '--yes')).stderr).to.contain('cannot read');
    expect((await made.deploy('restore')).code).to.equal(2);
  });

  it('changes nothing on a dry run, of whatever command', async () => {
    const made = await running();
    const { lastLine: file } = await made.deploy('backup');
    const before = await Promise.all([made.containers(), made.state('current'), made.backups()]);
    await made.calls();
    for (const words of [['deploy', 'v2'], ['rollback', 'v1'], ['backup'], ['restore', file], ['update-ssl']]) {
      const dry = await made.deploy('--dry-run', ...words);
      expect(dry.code, dry.stderr).to.equal(0);
      expect(dry.stderr, words[0]).to.contain('would run:');
    }
    expect(await Promise.all([made.containers(), made.state('current'), made.backups()])).to.deep.equal(before);
    const changing = /compose (up|run|exec|build|stop)|rm |^\[\w*\] stop/;
    const changes = (await made.calls()).filter((call) => changing.test(call) && !call.includes('test -s /certs'));
    expect(changes).to.deep.equal([]);
  });

  it('lets one deploy at a time do its work', async () => {
    const made = await running();
    const lock = spawn('flock', [join(made.dir, 'state/lock'), 'sh', '-c', 'echo held; read line'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(lock.stdout, 'data');
    expect((await made.deploy('deploy', 'v2')).stderr).to.contain('another ./deploy.sh is at work');
    lock.stdin.end('\n');
    await once(lock, 'exit');
    expect((await made.deploy('deploy', 'v2')).code).to.equal(0);
  });

  it('gets, keeps and takes over certificates', async () => {
    const made = await running();
    expect((await made.deploy('update-ssl')).code).to.equal(0);
    expectInOrder(await made.calls(), [/certonly/, /install-certificate/, /entrypoint.sh reload/]);
    const folder = join(made.dir, 'own');
    await mkdir(folder);
    expect((await made.deploy('update-ssl', folder)).stderr).to.contain('has no fullchain.pem');
    await writeFile(join(folder, 'fullchain.pem'), 'chain');
    await writeFile(join(folder, 'privkey.pem'), 'key');
    expect((await made.deploy('update-ssl', folder)).code).to.equal(0);
    expect(await readFile(join(made.dir, 'certs/fullchain.pem'), 'utf8')).to.equal('chain');
    await made.breakStep('authority', '*');
    await made.calls();
    expect((await made.deploy('update-ssl')).code).to.equal(1);
    expect((await made.calls()).join('\n')).not.to.contain('entrypoint.sh reload');
  });

  it('tells the state of things', async () => {
    const made = await running();
    await made.deploy('deploy', 'v2');
    const told = await made.deploy('status');
    expect(told.code, told.stderr).to.equal(0);
    expect(told.stdout)
      .to.contain('version   v2 (before: v1)')
      .and.to.match(/backup {4}\S+before-deploy\S+/);
    await made.calls();
    await made.deploy('logs', 'payments');
    expect(await made.calls()).to.deep.equal(['[] compose logs --tail 200 --follow payments']);
    for (const words of [[], ['dance'], ['restore', '--nonsense']])
      expect((await made.deploy(...words)).code).to.equal(2);
  });
});

/** Each pattern has a call after the one before it. */
function expectInOrder(calls: readonly string[], patterns: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of patterns) {
    const at = calls.findIndex((call, index) => index >= from && pattern.test(call));
    expect(at, `${String(pattern)} after call ${from} of\n${calls.join('\n')}`).to.be.at.least(from);
    from = at + 1;
  }
}
