import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readEnv } from '#shared/config/env.ts';
import { envSchema } from '#shared/config/env-schema.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestFolder, redisUrl } from '../../support/services.ts';
import { projectDir } from '../backup/shell.ts';
import { filledIn } from './server.ts';

type Service = {
  image?: string;
  command?: string[];
  environment?: Record<string, string> | string[];
  env_file?: string;
  ports?: string[];
  networks?: string[];
  restart?: string;
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
  logging?: object;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  deploy?: { replicas?: string; resources?: { limits?: { memory?: string; cpus?: string } } };
};
type Compose = { services: Record<string, Service>; networks: Record<string, { internal?: boolean }>; volumes: object };

const read = (name: string): Promise<string> => readFile(join(projectDir, name), 'utf8');

describe('docker-compose.yml', () => {
  let text: string;
  let compose: Compose;
  let services: [string, Service][];
  let programs: [string, Service][];

  before(async () => {
    text = await read('docker-compose.yml');
    compose = parse(text, { merge: true }) as Compose;
    services = Object.entries(compose.services);
    programs = services.filter(([, { image }]) => image?.startsWith('posada:'));
  });

  it('has one service per pool of the contract file, by the pool’s name, and no other worker', () => {
    const workers = programs.filter(([, { command }]) => command?.[1] === 'workers/main.ts');
    expect(workers.map(([name]) => name)).to.have.members([...queueNames]);
    for (const [name, { command, deploy }] of workers) {
      expect(command).to.deep.equal(['node', 'workers/main.ts', name]);
      expect(deploy?.replicas).to.equal(`\${${name.toUpperCase()}_REPLICAS:-1}`);
    }
    expect(programs.map(([name]) => name)).to.have.members(['api', 'migrate', ...queueNames]);
  });

  it('gives every program an environment that production takes, and needs no variable that nobody describes', async () => {
    const given = { ...filledIn, POSADA_VERSION: 'v1' };
    for (const [name, { environment, env_file }] of programs) {
      expect(env_file, name).to.equal('.env');
      const own = interpolateAll(environment as Record<string, string>, given);
      for (const variable of Object.keys(own)) expect(envSchema.shape, name).to.have.property(variable);
      const env = readEnv({ ...filledIn, ...own });
      expect(env.isProduction, name).to.equal(true);
      expect(env.databaseUrl).to.equal(`postgres://posada:${filledIn['POSTGRES_PASSWORD']}@postgres:5432/posada`);
      expect(env.redisUrl).to.equal(`redis://:${filledIn['REDIS_PASSWORD']}@redis:6379`);
      expect(env.workerPort, name).to.equal((queueNames as readonly string[]).includes(name) ? 9464 : undefined);
    }
    const described = new Set(
      [...`${await read('.env.template')}${await read('deploy.env.template')}`.matchAll(/^([A-Z_]+)=/gm)].map(
        ([, each]) => each,
      ),
    );
    const tuning = /^(\w+_REPLICAS|REDIS_MAXMEMORY|CERTBOT_IMAGE|POSADA_VERSION)$/;
    for (const [, variable = ''] of text.matchAll(/(?<!\$)\$\{(\w+)/g))
      if (!tuning.test(variable)) expect([...described], variable).to.include(variable);
  });

  it('has no default password', () => {
    const secrets = [...text.matchAll(/(?<!\$)\$\{(\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*)([^}]*)\}/g)];
    expect(secrets).to.have.length.of.at.least(4);
    for (const [whole, , rest] of secrets) expect(rest, whole).to.equal(':?');
    expect(text).not.to.match(/password[:=] *["']?\w/i);
  });

  it('publishes nginx alone, and lets nobody out of the stores’ network', () => {
    expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).to.deep.equal(['nginx']);
    expect(compose.networks['stores']?.internal).to.equal(true);
    for (const store of ['postgres', 'redis']) expect(compose.services[store]?.networks).to.deep.equal(['stores']);
    expect(compose.services['nginx']?.networks).to.deep.equal(['outside']);
  });

  it('watches, limits and restarts everything that stays, and starts it after what it needs', () => {
    for (const [name, service] of services) {
      expect(service.logging, name).to.be.an('object');
      expect(service.security_opt, name).to.deep.equal(['no-new-privileges:true']);
      if (name === 'tools') continue;
      expect(service.deploy?.resources?.limits, name).to.have.all.keys('memory', 'cpus');
      expect(service.restart, name).to.equal(name === 'migrate' ? 'no' : 'unless-stopped');
      if (['postgres', 'redis', 'nginx', 'api'].includes(name))
        expect(service.healthcheck?.test, name).to.be.an('array');
    }
    for (const [name, service] of programs) {
      expect(service, name).to.include({ read_only: true, stop_grace_period: '40s' });
      expect(service.cap_drop, name).to.deep.equal(['ALL']);
      expect(service.depends_on?.['postgres']?.condition, name).to.equal('service_healthy');
      expect(service.depends_on?.['redis']?.condition, name).to.equal('service_healthy');
      if (name !== 'migrate')
        expect(service.depends_on?.['migrate']?.condition).to.equal('service_completed_successfully');
    }
    expect(compose.services['nginx']?.depends_on?.['api']?.condition).to.equal('service_healthy');
  });

  it('lets Redis lose and evict nothing, and Postgres take the connections of all programs', () => {
    const redis = compose.services['redis']?.command?.join(' ') ?? '';
    expect(redis)
      .to.match(/--appendonly yes --appendfsync always/)
      .and.to.match(/--maxmemory-policy noeviction/);
    const most = Number(/max_connections=(\d+)/.exec(compose.services['postgres']?.command?.join(' ') ?? '')?.[1]);
    const replicas = programs
      .filter(([name]) => name !== 'migrate')
      .reduce((sum, [, { deploy }]) => sum + Number(/:-(\d+)/.exec(deploy?.replicas ?? '')?.[1]), 0);
    const { databasePoolSize } = readEnv({ ...filledIn, NODE_ENV: 'production', DATABASE_URL: 'postgres://a:b@c/d' });
    // During a deploy the API runs twice; some are kept for people, backups and migrations.
    expect((replicas + 2) * databasePoolSize + 20).to.be.below(most);
  });

  it('keeps the data in named volumes, and gives nginx every name of its template', async () => {
    const named = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    for (const volume of named) if (!volume.startsWith('./')) expect(compose.volumes).to.have.property(volume);
    const template = await read('nginx/templates/posada.conf.template');
    const wanted = new Set([...template.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    expect(Object.keys(compose.services['nginx']?.environment ?? {})).to.have.members([...wanted]);
    const names = /^names="([^"]+)"/m.exec(await read('nginx/entrypoint.sh'))?.[1]?.split(/\s+/);
    expect(names).to.have.members([...wanted]);
  });
});

describe('the image', () => {
  let database: TestDatabase;
  before(async () => (database = await createTestDatabase()));
  after(() => database.drop());

  it('is made from the lockfile, without install scripts, for an ordinary user', async () => {
    const dockerfile = await read('Dockerfile');
    expect(dockerfile).to.match(/npm ci --omit=dev --omit=optional --ignore-scripts/);
    expect(dockerfile)
      .to.match(/^USER node$/m)
      .and.to.match(/^HEALTHCHECK /m)
      .and.to.contain('ffmpeg');
    const { dependencies } = JSON.parse(await read('package.json')) as { dependencies: Record<string, string> };
    expect(dockerfile).to.contain(`node:${dependencies['node']}-bookworm-slim`);
  });

  it('has all that the programs read, and nothing else: they start from what .dockerignore lets in', async function () {
    this.timeout(60_000);
    const folder = await makeTestFolder('image');
    const let_in = [...(await read('.dockerignore')).matchAll(/^!([\w.-]+)\/?$/gm)].map(([, name = '']) => name);
    expect(let_in).to.not.include.members(['.env', 'test', '.git']);
    for (const name of let_in) await cp(join(projectDir, name), join(folder, name), { recursive: true });
    await symlink(join(projectDir, 'node_modules'), join(folder, 'node_modules'));
    await mkdir(join(folder, 'data'));
    const env = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      ...filledIn,
      DATABASE_URL: database.url,
      REDIS_URL: await redisUrl(),
      QUEUE_PREFIX: `image-${process.pid}`,
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
    };
    const migrated = spawnSync(process.execPath, ['scripts/migrate.ts'], { cwd: folder, env, encoding: 'utf8' });
    expect(migrated.status, migrated.stderr).to.equal(0);
    const health = /^ {2}CMD (\[.+\])$/m.exec(await read('Dockerfile'))?.[1] ?? '';
    const [, ...check] = JSON.parse(health) as string[];
    for (const [program, ...args] of [['api/server.ts'], ['workers/main.ts', queueNames[0]]] as string[][]) {
      const isWorker = args.length > 0;
      const child = spawn(process.execPath, [program!, ...args], {
        cwd: folder,
        env: { ...env, ...(isWorker ? { WORKER_PORT: '0' } : {}) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      try {
        await eventually(() => expect(said).to.match(isWorker ? /working/ : /"port":\d+/), { timeoutMs: 30_000 });
        const port = /"port":(\d+)/.exec(said)?.[1];
        if (port) {
          const checked = spawnSync(process.execPath, check, { env: { PORT: port } });
          expect(checked.status).to.equal(0);
          expect(spawnSync(process.execPath, check, { env: { PORT: port, WORKER_PORT: '1' } }).status).to.equal(1);
        }
      } finally {
        child.kill('SIGTERM');
      }
      expect((await exited)[0]).to.equal(0);
    }
    expect(await readdir(join(folder, 'data')), 'production keeps nothing of its own').to.deep.equal([]);
  });
});

/** `${NAME}`, `${NAME:?}` and `${NAME:-default}`, the default again with such in it, as compose reads them. */
function interpolateAll(values: Record<string, string>, given: Record<string, string>): Record<string, string> {
  const fill = (text: string): string => {
    const filled = text.replaceAll(
      /\$\{(\w+)(?::(\?|-)([^${}]*))?\}/g,
      (_, name: string, kind: string, rest: string) => {
        const value = given[name] ?? '';
        if (value !== '' || kind === '-') return value === '' ? rest : value;
        if (kind === '?') throw new Error(`${name} is not set`);
        return '';
      },
    );
    return filled === text ? text : fill(filled);
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value)]));
}
