import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { ConfigurationError, readEnv } from '#shared/config/env.ts';
import { envSchema } from '#shared/config/env-schema.ts';
import { developmentSecrets } from '#shared/config/development-secrets.ts';
import { hashPassword, isPasswordHash, verifyPassword } from '#shared/config/passwords.ts';

const secret = 'k9Qw2ZpL7vXe4RtY8uIo1PaSdFgHjKlM';
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://u:p@db/posada',
  WHATSAPP_ACCESS_TOKEN: 'EAAG-token-of-a-system-user',
  WHATSAPP_PHONE_NUMBER_ID: '123456789012345',
  WHATSAPP_APP_SECRET: `${secret},${secret}2`,
  WHATSAPP_VERIFY_TOKEN: 'a-word-of-ours',
  MERCADOPAGO_ACCESS_TOKEN: 'APP_USR-1',
  MERCADOPAGO_WEBHOOK_SECRET: secret,
  ICAL_TOKEN_SECRET: secret,
  JWT_SECRET: secret,
  DATA_ENCRYPTION_KEY: secret,
};

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    readEnv(source);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('readEnv', () => {
  let dataDir: string;
  before(async () => (dataDir = await mkdtemp(join(tmpdir(), 'posada-env-'))));
  after(() => rm(dataDir, { recursive: true }));

  it('gives a newcomer a sandbox with made-up secrets, the same for every process', () => {
    const env = readEnv({ DATA_DIR: dataDir });
    expect(env).to.include({ nodeEnv: 'development', port: 3000, publicUrl: 'http://localhost:3000', isSandbox: true });
    expect(env.databaseUrl).to.equal(undefined);
    expect(env.redisUrl).to.equal(undefined);
    expect(env.whatsapp.apiUrl).to.equal('http://127.0.0.1:3000/sandbox/whatsapp/v26.0');
    expect(env.mercadopago.apiUrl).to.equal('http://127.0.0.1:3000/sandbox/mercadopago');
    expect(env.jwtSecret).to.have.length.of.at.least(32);
    expect(readEnv({ DATA_DIR: dataDir })).to.deep.equal(env);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).to.equal(0o600);
  });

  it('takes PUBLIC_URL without its trailing slash, and reaches its own simulators on loopback all the same', () => {
    const env = readEnv({ DATA_DIR: dataDir, PUBLIC_URL: 'https://posada.example/', PORT: '4000' });
    expect(env.publicUrl).to.equal('https://posada.example');
    expect(env.mercadopago.apiUrl).to.equal('http://127.0.0.1:4000/sandbox/mercadopago');
  });

  it('counts empty values as not set', () => {
    expect(readEnv({ DATA_DIR: dataDir, REDIS_URL: '', PORT: ' ', SANDBOX: '' })).to.include({
      port: 3000,
      isSandbox: true,
    });
  });

  it('is frozen, at any depth', () => {
    const env = readEnv({ DATA_DIR: dataDir }) as { whatsapp: { apiUrl: string } };
    expect(() => (env.whatsapp.apiUrl = 'x')).to.throw(TypeError);
  });

  it('takes a complete production environment', () => {
    const env = readEnv(production);
    expect(env).to.include({ isProduction: true, isSandbox: false, publicUrl: 'http://localhost:3000' });
    expect(env.whatsapp.appSecrets).to.deep.equal([secret, `${secret}2`]);
    expect(env.whatsapp.apiUrl).to.equal('https://graph.facebook.com/v26.0');
  });

  it('names every variable that production lacks', () => {
    const { NODE_ENV, ...required } = production;
    expect(problemsOf({ NODE_ENV })).to.have.members(Object.keys(required).map((name) => `${name}: is required`));
    for (const name of Object.keys(required)) {
      const rest = Object.fromEntries(Object.entries(production).filter(([other]) => other !== name));
      expect(problemsOf(rest)).to.deep.equal([`${name}: is required`]);
    }
  });

  it('refuses placeholders, short secrets, the sandbox and private feeds in production', () => {
    const wrong = {
      ...production,
      JWT_SECRET: 'changeme-changeme-changeme-changeme',
      ICAL_TOKEN_SECRET: 'k9Qw2ZpL7vXe4Rt',
      WHATSAPP_VERIFY_TOKEN: 'secret',
      SANDBOX: 'true',
      ALLOW_PRIVATE_FEEDS: 'yes',
    };
    expect(problemsOf(wrong).map((problem) => problem.split(':')[0])).to.have.members([
      'JWT_SECRET',
      'ICAL_TOKEN_SECRET',
      'WHATSAPP_VERIFY_TOKEN',
      'SANDBOX',
      'ALLOW_PRIVATE_FEEDS',
    ]);
  });

  it('says names and never values', () => {
    const canary = 'canario-4711';
    const names = Object.keys(envSchema.shape).filter((name) => !['DATA_DIR', 'MEDIA_DIR'].includes(name));
    for (const name of names) {
      const told = problemsOf({ ...production, NODE_ENV: 'development', DATA_DIR: dataDir, [name]: canary }).join();
      expect(told).not.to.contain(canary);
      if (
        [
          'PORT',
          'DATABASE_URL',
          'REDIS_URL',
          'TIMEZONE',
          'ADMIN_USERS',
          'OPERATOR_USERS',
          'SANDBOX',
          'NODE_ENV',
        ].includes(name)
      )
        expect(told).to.contain(name);
    }
  });

  it('makes up what the vendors need outside production, also beside a credential that is set', () => {
    for (const source of [{ SANDBOX: 'false' }, { WHATSAPP_ACCESS_TOKEN: 'x' }]) {
      const env = readEnv({ DATA_DIR: dataDir, ...source });
      expect(env.isSandbox).to.equal(false);
      expect(env.whatsapp.verifyToken).to.not.equal('');
      expect(env.whatsapp.appSecrets.join()).to.not.equal('');
      expect(env.mercadopago.webhookSecret).to.not.equal('');
    }
  });

  it('opens the way to feeds on loopback for the sandbox alone, and only to its own', () => {
    const feedsOf = (source: Record<string, string>) => readEnv({ DATA_DIR: dataDir, ...source }).sandboxFeedsUrl;
    expect(feedsOf({ PORT: '4000' })).to.equal('http://127.0.0.1:4000/sandbox/platforms/');
    expect(feedsOf({ SANDBOX: 'false' })).to.equal(undefined);
    expect(readEnv(production).sandboxFeedsUrl).to.equal(undefined);
  });

  it('keeps the sandbox on beside a real speech service', () => {
    const alone = readEnv({ DATA_DIR: dataDir });
    expect(alone.openai.isSimulated).to.equal(true);
    expect(alone.openai.baseUrl).to.match(/\/sandbox\/openai\/v1$/);
    for (const [source, baseUrl] of [
      [{ OPENAI_API_KEY: 'sk-x' }, 'https://api.openai.com/v1'],
      [{ OPENAI_BASE_URL: 'http://speech:8000/v1' }, 'http://speech:8000/v1'],
    ] as const) {
      const env = readEnv({ DATA_DIR: dataDir, ...source });
      expect(env.isSandbox).to.equal(true);
      expect(env.openai).to.include({ isSimulated: false, baseUrl });
    }
  });

  it('reads users, templates, cluster nodes and the owner', async () => {
    const hash = await hashPassword('clave');
    const env = readEnv({
      DATA_DIR: dataDir,
      ADMIN_USERS: `ana@example.com:${hash}, eva@example.com:${hash}`,
      OPERATOR_USERS: `leo@example.com:${hash}`,
      WHATSAPP_TEMPLATES: 'offer=oferta_1:es_AR, owner_alert=aviso:es',
      REDIS_URL: 'redis://a:1, redis://b:2',
      OWNER_WHATSAPP: '+5491122223333',
    });
    expect(env.adminUsers.map(({ email }) => email)).to.deep.equal(['ana@example.com', 'eva@example.com']);
    expect(env.operatorUsers.map(({ email }) => email)).to.deep.equal(['leo@example.com']);
    const twice = { ADMIN_USERS: `ana@example.com:${hash}`, OPERATOR_USERS: `ANA@example.com:${hash}` };
    expect(problemsOf({ DATA_DIR: dataDir, ...twice })).to.deep.equal([
      'OPERATOR_USERS: names somebody of ADMIN_USERS',
    ]);
    expect(env.whatsapp.templates).to.deep.equal({
      offer: { name: 'oferta_1', language: 'es_AR' },
      owner_alert: { name: 'aviso', language: 'es' },
    });
    expect(env.redisUrl).to.equal('redis://a:1,redis://b:2');
    expect(env.ownerWhatsapp).to.equal('5491122223333');
  });

  it('is described in .env.template, name by name', () => {
    const template = readFileSync(new URL('../../../.env.template', import.meta.url), 'utf8');
    const described = [...template.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(described).to.have.members(Object.keys(envSchema.shape));
  });

  it('ends an entry with exit code 78 and the names on stderr', () => {
    const script = `import { exitOnBadEnv } from ${JSON.stringify(new URL('../../../shared/config/env.ts', import.meta.url).href)}; exitOnBadEnv();`;
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { NODE_ENV: 'production', PORT: 'canario' },
      cwd: dataDir,
      encoding: 'utf8',
    });
    expect(ended.status).to.equal(78);
    expect(ended.stderr).to.contain('PORT').and.not.to.contain('canario');
  });
});

describe('developmentSecrets', () => {
  it('are the same for processes that start at once', async function () {
    this.timeout(30_000);
    const dataDir = join(await mkdtemp(join(tmpdir(), 'posada-secrets-')), 'made');
    const url = new URL('../../../shared/config/development-secrets.ts', import.meta.url).href;
    const script = `import { developmentSecrets } from ${JSON.stringify(url)}; process.stdout.write(JSON.stringify(developmentSecrets(${JSON.stringify(dataDir)})));`;
    const outputs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
        let output = '';
        for await (const chunk of child.stdout) output += String(chunk);
        return output;
      }),
    );
    expect(new Set(outputs).size).to.equal(1);
    expect(JSON.parse(outputs[0] ?? '')).to.deep.equal(developmentSecrets(dataDir));
  });
});

describe('passwords', () => {
  it('verify by their hash, salted, without characters that separate users', async () => {
    const [one, two] = await Promise.all([hashPassword('clave ñ'), hashPassword('clave ñ')]);
    expect(one).not.to.equal(two);
    expect(one).to.match(/^[^:,\s]+$/);
    expect(await verifyPassword('clave ñ', one)).to.equal(true);
    expect(await verifyPassword('clave n', one)).to.equal(false);
  });

  it('refuse hashes that are none or that would eat the memory', async () => {
    for (const hash of [
      '',
      'x',
      'scrypt$1024$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
      `scrypt$999999$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    ]) {
      expect(isPasswordHash(hash)).to.equal(false);
      expect(await verifyPassword('x', hash)).to.equal(false);
    }
  });
});
