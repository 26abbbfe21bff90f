import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { queueNames } from '#shared/queues/contracts.ts';
import { makeTestFolder } from '../../support/services.ts';
import { projectDir, runScript } from '../backup/shell.ts';
import type { Ended } from '../backup/shell.ts';

/** A server that deploy.sh believes to be on: a world of containers kept by the stand-in for docker. */
export type TestServer = {
  dir: string;
  env: NodeJS.ProcessEnv;
  deploy(...args: string[]): Promise<Ended>;
  /** With an answer to the question that a command asks. */
  deployAnswering(answer: string, ...args: string[]): Promise<Ended>;
  /** Makes it one that has run this version since long. */
  hasDeployed(version: string): Promise<void>;
  /** The calls of docker since the last time, each as `[version] words`. */
  calls(): Promise<string[]>;
  /** `service image` of each container, sorted. */
  containers(): Promise<string[]>;
  state(name: string): Promise<string>;
  backups(): Promise<string[]>;
  /** Makes a step fail for these versions (`*`: for all), or no longer for any. */
  breakStep(step: string, ...versions: string[]): Promise<void>;
};

/** The variables that a deploy asks for, as an operator would have filled them in. */
export const filledIn: Record<string, string> = {
  POSADA_DOMAIN: 'posada.example',
  PUBLIC_URL: 'https://posada.example',
  LETSENCRYPT_EMAIL: 'owner@posada.example',
  WHATSAPP_ACCESS_TOKEN: 'EAAG-token-of-a-system-user',
  WHATSAPP_PHONE_NUMBER_ID: '100200300',
  WHATSAPP_APP_SECRET: 'f0e1d2c3b4a5968778695a4b3c2d1e0f',
  WHATSAPP_VERIFY_TOKEN: 'a-word-of-ours',
  MERCADOPAGO_ACCESS_TOKEN: 'APP_USR-1',
  MERCADOPAGO_WEBHOOK_SECRET: 'k9Qw2ZpL7vXe4RtY8uIo1PaSdFgHjKlM',
  ICAL_TOKEN_SECRET: 'k9Qw2ZpL7vXe4RtY8uIo1PaSdFgHjKlM',
  JWT_SECRET: 'k9Qw2ZpL7vXe4RtY8uIo1PaSdFgHjKlM',
  DATA_ENCRYPTION_KEY: 'k9Qw2ZpL7vXe4RtY8uIo1PaSdFgHjKlM',
  POSTGRES_PASSWORD: 'aaaaBBBBcccc1111',
  REDIS_PASSWORD: 'aaaaBBBBcccc2222',
};

/** An empty server; `variables` are its .env, `more` what stands in the environment. */
export async function createServer(
  variables: Record<string, string | undefined>,
  { path, more = {} }: { path: string; more?: NodeJS.ProcessEnv },
): Promise<TestServer> {
  const dir = await makeTestFolder('server');
  for (const name of ['bin', 'cron']) await mkdir(join(dir, name));
  await copyFile(join(projectDir, 'test/integration/deploy/docker-stand-in.sh'), join(dir, 'bin/docker'));
  const lines = Object.entries({ ...variables, BACKUP_DIR: join(dir, 'backups') })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(dir, 'env'), lines.join(''), { mode: 0o600 });
  const env: NodeJS.ProcessEnv = {
    PATH: `${join(dir, 'bin')}:${path}`,
    WORLD: dir,
    POSADA_ENV_FILE: join(dir, 'env'),
    POSADA_STATE_DIR: join(dir, 'state'),
    POSADA_CRON_DIR: join(dir, 'cron'),
    POSADA_PORTS: '',
    POSADA_DISK_MB: '1',
    ...more,
  };
  const read = (name: string): Promise<string> => readFile(join(dir, name), 'utf8').catch(() => '');
  const linesOf = async (name: string): Promise<string[]> => (await read(name)).split('\n').filter(Boolean);
  return {
    dir,
    env,
    deploy: (...args) => runScript('deploy.sh', args, env),
    deployAnswering: (answer, ...args) => runScript('deploy.sh', args, env, answer),
    async hasDeployed(version) {
      const services = ['api', 'api', 'certbot', 'nginx', ...queueNames];
      const containers = services.map((service, index) => `id${index} ${service} posada:${version}\n`).join('');
      await mkdir(join(dir, 'certs'));
      await mkdir(join(dir, 'state'));
      const files = {
        containers,
        number: `${services.length}\n`,
        images: `${version}\n`,
        'certs/fullchain.pem': 'a certificate',
        'state/current': version,
        'state/certificate': 'authority',
        'state/history': `2026-11-24T00:00:00Z deployed ${version}\n`,
      };
      for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    },
    async calls() {
      const made = await linesOf('calls');
      await rm(join(dir, 'calls'), { force: true });
      return made;
    },
    containers: async () => (await linesOf('containers')).map((line) => line.split(' ').slice(1).join(' ')).toSorted(),
    state: async (name) => (await read(`state/${name}`)).trim(),
    backups: async () =>
      (await readdir(join(dir, 'backups')).catch(() => [])).filter((file) => /\.tar(\.enc)?$/.test(file)),
    async breakStep(step, ...versions) {
      if (versions.length === 0) await rm(join(dir, `broken-${step}`), { force: true });
      else await writeFile(join(dir, `broken-${step}`), `${versions.join('\n')}\n`);
    },
  };
}
