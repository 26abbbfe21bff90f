import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { createEmptyDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { track } from '../support/track.ts';
import { countWaiting, startIngress } from '../integration/ingress/ingress.ts';
import type { TestIngress } from '../integration/ingress/ingress.ts';
import { filledIn } from '../integration/deploy/server.ts';
import { startNginx } from '../integration/nginx/nginx.ts';
import type { TestNginx } from '../integration/nginx/nginx.ts';
import { openTestQueues } from '../integration/queues/pools.ts';

const script = resolve(import.meta.dirname, '../../scripts/self-test.ts');

describe('the proof from outside that a deploy ends with', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let store: QueueStore;
  let ingress: TestIngress;
  let nginx: TestNginx;
  let env: Record<string, string>;

  before(async () => {
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    store = track(openTestQueues({ redisUrl: undefined, databaseUrl: database.url }), 'queue store');
    await store.opened;
    env = { ...filledIn, NODE_ENV: 'production', DATABASE_URL: database.url };
    ingress = track(await startIngress(store, { env }), 'ingress');
    nginx = track(await startNginx({ upstreamPorts: [Number(new URL(ingress.url).port)] }), 'nginx');
  });
  after(async () => {
    await nginx.stop();
    await ingress.close();
    await store.close();
    await database.drop();
  });

  /** Its lines, and its exit code last. */
  const prove = (more: Record<string, string> = {}): Promise<string[]> =>
    new Promise((done) => {
      const places = [
        '--address',
        '127.0.0.1',
        '--http-port',
        `${nginx.httpPort}`,
        '--https-port',
        `${nginx.httpsPort}`,
      ];
      const variables = { ...env, NODE_EXTRA_CA_CERTS: join(nginx.dir, 'certs/fullchain.pem'), ...more };
      execFile(process.execPath, [script, ...places], { env: variables }, (error, stdout) =>
        done([...stdout.trim().split('\n'), String(error ? error.code : 0)]),
      );
    });

  it('finds all as it should be, and leaves nothing to be done', async () => {
    const lines = await prove();
    expect(lines.at(-1), lines.join('\n')).to.equal('0');
    expect(lines.filter((line) => line.startsWith('ok '))).to.have.length(10);
    expect(await countWaiting(store)).to.equal(0);
  });

  it('names what differs between the world and the configuration', async () => {
    const lines = await prove({
      WHATSAPP_VERIFY_TOKEN: 'another-word',
      MERCADOPAGO_WEBHOOK_SECRET: `${'k'.repeat(31)}2`,
    });
    expect(lines.at(-1)).to.equal('1');
    const failed = lines.filter((line) => line.startsWith('FAILED'));
    expect(failed).to.deep.equal([
      'FAILED  WhatsApp handshake with the right token: 403 instead of 200',
      'FAILED  a signed Mercado Pago notice is taken: 403 instead of 200',
    ]);
  });

  it('trusts no certificate that the world would not trust', async () => {
    const lines = await prove({ NODE_EXTRA_CA_CERTS: '' });
    expect(lines.at(-1)).to.equal('1');
    expect(lines.join('\n')).to.contain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});
