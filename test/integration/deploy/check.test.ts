import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError, readEnv } from '#shared/config/env.ts';
import { findOrInstall } from '../../support/tools.ts';
import { createServer, filledIn } from './server.ts';
import type { TestServer } from './server.ts';

describe('deploy.sh before a deploy', function () {
  this.timeout(60_000);
  let path: string;
  before(async () => (path = [dirname(await findOrInstall('openssl')), '/usr/bin', '/bin'].join(':')));

  const server = (variables: Record<string, string> = {}, more: NodeJS.ProcessEnv = {}): Promise<TestServer> =>
    createServer({ ...filledIn, ...variables }, { path, more });

  describe('check', () => {
    it('asks for every variable that production needs', async () => {
      const made = await createServer({}, { path });
      const checked = await made.deploy('check');
      expect(checked.code).to.equal(1);
      for (const variable of requiredInProduction()) expect(checked.stderr).to.contain(`${variable} is not set`);
      for (const variable of ['POSADA_DOMAIN', 'LETSENCRYPT_EMAIL', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD'])
        expect(checked.stderr).to.contain(`${variable} is not set`);
      expect((await made.calls()).join('\n')).not.to.contain('build');
      expect((await (await server()).deploy('check')).stderr).to.contain('all there');
    });

    it('refuses placeholders, weak passwords, other names, open files and $ that compose would eat', async () => {
      const made = await server({
        COMPOSE_PROFILES: 'postgres,redis',
        WHATSAPP_APP_SECRET: 'change-me',
        POSTGRES_PASSWORD: 'short',
        REDIS_PASSWORD: 'has/slashes+and=more',
        PUBLIC_URL: 'https://other.example',
        ADMIN_USERS: 'a@b.example:scrypt$32768$8$1$c$h',
      });
      await chmod(join(made.dir, 'env'), 0o644);
      const checked = await made.deploy('check');
      expect(checked.code).to.equal(1);
      for (const said of [
        'WHATSAPP_APP_SECRET is a placeholder',
        'POSTGRES_PASSWORD must be 16 or more',
        'REDIS_PASSWORD must be 16 or more',
        'PUBLIC_URL must be https:// and POSADA_DOMAIN',
        'ADMIN_USERS has a $ in it',
        'can be read by others',
      ])
        expect(checked.stderr).to.contain(said);
      expect(checked.stderr).not.to.contain('has/slashes');
      const quoted = await server({ ADMIN_USERS: "'a@b.example:scrypt$32768$8$1$c$h'" });
      expect((await quoted.deploy('check')).code).to.equal(0);
    });

    it('looks at the machine: engine, compose, ports, disk', async () => {
      const taken = createTcpServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const made = await server({}, { POSADA_PORTS: `${port}`, POSADA_DISK_MB: '999999999' });
      await writeFile(join(made.dir, 'compose-version'), '2.17.3\n');
      await made.breakStep('engine', '*');
      const checked = await made.deploy('deploy', 'v1');
      taken.close();
      for (const said of [
        `port ${port} is taken`,
        'MB of disk are free',
        '2.24 or newer is needed, this is 2.17.3',
        'engine does not answer',
      ])
        expect(checked.stderr).to.contain(said);
      expect(checked.stderr).to.contain('nothing was changed');
    });
  });

  it('makes an .env of its own secrets that lacks only what the operator knows', async () => {
    const made = await createServer({}, { path });
    const file = join(made.dir, 'fresh');
    made.env['POSADA_ENV_FILE'] = file;
    expect((await made.deploy('init')).code).to.equal(0);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    const first = await readFile(file, 'utf8');
    expect(first)
      .to.match(/^NODE_ENV=production$/m)
      .and.to.match(/^POSTGRES_PASSWORD=[0-9a-f]{48}$/m);
    const secrets = [...first.matchAll(/^[A-Z_]+=([0-9a-f]{48})$/gm)].map(([, secret]) => secret);
    expect(new Set(secrets).size).to.equal(secrets.length).and.to.be.at.least(7);
    expect((await made.deploy('init')).stderr).to.contain('is there already');
    expect(await readFile(file, 'utf8')).to.equal(first);
    const missing = [...(await made.deploy('check')).stderr.matchAll(/error: (\w+) is not set/g)].map(
      ([, each]) => each,
    );
    expect(missing).to.have.members([
      'POSADA_DOMAIN',
      'LETSENCRYPT_EMAIL',
      'PUBLIC_URL',
      'WHATSAPP_ACCESS_TOKEN',
      'WHATSAPP_PHONE_NUMBER_ID',
      'WHATSAPP_APP_SECRET',
      'MERCADOPAGO_ACCESS_TOKEN',
      'MERCADOPAGO_WEBHOOK_SECRET',
    ]);
  });
});

/** The variables without which the programs refuse to start in production, less the database that compose brings. */
function requiredInProduction(): string[] {
  try {
    readEnv({ NODE_ENV: 'production' });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems
      .filter((problem) => problem.endsWith('is required'))
      .map((problem) => problem.split(':')[0] ?? '')
      .filter((variable) => variable !== 'DATABASE_URL');
  }
  throw new Error('production asks for nothing');
}
