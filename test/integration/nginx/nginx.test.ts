import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import type { Middleware } from 'koa';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { signMercadoPago } from '#shared/integrations/mercadopago/signature.ts';
import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { track } from '../../support/track.ts';
import { startIngress, textMessage, waitingJobs, webhookOf } from '../ingress/ingress.ts';
import type { TestIngress } from '../ingress/ingress.ts';
import { openTestQueues } from '../queues/pools.ts';
import { ask, domain, startNginx, writeCertificate } from './nginx.ts';
import type { Answer, Asking, NginxOptions, TestNginx } from './nginx.ts';
import { vendorCredentials } from '../../support/vendor-credentials.ts';

/** What the tests want of an API and it does not have: an answer that takes its time, a page of some length, a feed. */
const extraPages: Middleware = async (ctx, next) => {
  if (ctx.path === '/api/v1/slow') await sleep(700);
  if (ctx.path.startsWith('/api/v1/')) ctx.body = { address: ctx.get('X-Forwarded-For'), filler: 'x'.repeat(5_000) };
  else if (ctx.path === '/calendars/token-of-a-feed.ics') {
    ctx.set({ 'Content-Type': 'text/calendar; charset=utf-8', ETag: '"strong"' });
    ctx.body = 'x'.repeat(5_000);
  } else await next();
};

describe('nginx in front of the API', () => {
  let database: TestDatabase;
  let store: QueueStore;
  let replicas: TestIngress[];
  let nginx: TestNginx;
  const started: TestNginx[] = [];

  before(async function () {
    this.timeout(60_000);
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    store = track(openTestQueues({ redisUrl: undefined, databaseUrl: database.url }), 'queue store');
    await store.opened;
    const start = async (): Promise<TestIngress> =>
      track(await startIngress(store, { deps: { extraRoutes: [extraPages] }, env }), 'ingress');
    replicas = [await start(), await start()];
    nginx = await fresh();
  });
  after(async () => {
    await Promise.all(started.map((each) => each.stop()));
    await Promise.all(replicas.map((each) => each.close()));
    await store.close();
    await database.drop();
  });

  /** An nginx whose buckets are empty. */
  const fresh = async (options: Partial<NginxOptions> = {}): Promise<TestNginx> => {
    const upstreamPorts = replicas.map(({ url }) => Number(new URL(url).port));
    const made = track(await startNginx({ upstreamPorts, ...options }), 'nginx');
    started.push(made);
    return made;
  };
  const whatsappBody = (id: string): string => webhookOf(env.WHATSAPP_PHONE_NUMBER_ID, [[textMessage(id, 'hola')]]);
  const whatsapp = (body: string): Asking => ({
    method: 'POST',
    path: '/webhooks/whatsapp',
    body,
    headers: { 'x-hub-signature-256': signWhatsApp(Buffer.from(body), env.WHATSAPP_APP_SECRET) },
  });

  describe('passes on', () => {
    it('signed webhooks of both vendors, byte by byte, with the request id that the signature covers', async () => {
      expect((await ask(nginx, whatsapp(whatsappBody('wamid.nginx')))).status).to.equal(200);
      expect((await ask(nginx, whatsapp(`${whatsappBody('ñ 🏔️')} `))).status).to.equal(200);
      const xSignature = signMercadoPago({
        secret: env.MERCADOPAGO_WEBHOOK_SECRET,
        dataId: '5',
        xRequestId: 'request-9',
        ts: 1_764_000_000,
      });
      const headers = { 'x-signature': xSignature, 'x-request-id': 'request-9' };
      const path = '/webhooks/mercadopago?data.id=5&type=payment';
      expect((await ask(nginx, { method: 'POST', path, body: '{}', headers })).status).to.equal(200);
      expect((await ask(nginx, { method: 'POST', path, body: '{}' })).status).to.equal(403);
      expect(await waitingJobs(store, 'conversations')).to.have.length(2);
      expect(await waitingJobs(store, 'payments')).to.have.length(1);
    });

    it('the handshake', async () => {
      const query = `hub.mode=subscribe&hub.challenge=42&hub.verify_token=${env.WHATSAPP_VERIFY_TOKEN}`;
      const answer = await ask(nginx, { path: `/webhooks/whatsapp?${query}` });
      expect(answer).to.include({ status: 200, body: '42' });
    });

    it('a webhook of 3 MB and none that is larger, elsewhere a megabyte', async () => {
      expect((await ask(nginx, whatsapp('x'.repeat(3_000_000)))).status).to.equal(200);
      for (const size of [3_000_001, 5_000_000]) {
        const answer = await ask(nginx, whatsapp('x'.repeat(size)));
        expect(answer.status).to.equal(413);
        expect(JSON.parse(answer.body)).to.include({ code: 'body_too_large' });
      }
      expect((await ask(nginx, { method: 'POST', path: '/api/v1/x', body: 'x'.repeat(1_100_000) })).status).to.equal(
        413,
      );
    });

    it('feeds with their strong ETag; pages compressed', async () => {
      const headers = { 'accept-encoding': 'gzip' };
      const feed = await ask(nginx, { path: '/calendars/token-of-a-feed.ics', headers });
      expect(feed.headers).to.include({ etag: '"strong"' }).and.not.to.have.property('content-encoding');
      const page = await ask(nginx, { path: '/api/v1/page', headers });
      expect(page.headers).to.include({ 'content-encoding': 'gzip' });
    });
  });

  describe('keeps to itself', () => {
    it('figures and operators’ pages, however their address is written', async () => {
      const paths = [
        '/metrics',
        '/metrics/',
        '/queues',
        '/queues/api/queues',
        '//queues',
        '/%71ueues',
        '/QUEUES',
        '/x/../metrics',
        '/sandbox',
      ];
      for (const path of [...paths, '/metrics?x=/console', '/./metrics', '/metrics%2f']) {
        const answer = await ask(nginx, { path });
        expect(answer.status, path).to.equal(404);
        expect(JSON.parse(answer.body), path).to.include({ code: 'not_found' });
        expect(answer.body, path).not.to.contain('jobs_processed');
      }
    });

    it('unless the caller is in the operators’ network', async () => {
      const open = await fresh({ operatorsNetwork: '127.0.0.1/32' });
      expect((await ask(open, { path: '/metrics' })).body).to.contain('jobs_processed_total');
      expect((await ask(open, { path: '/queues' })).status).to.equal(401);
    });

    it('what it would say about itself', async () => {
      expect((await ask(nginx, { path: '/livez' })).headers['server']).to.equal('nginx');
    });

    it('tokens: the log has times and no query string, no calendar link', async () => {
      await ask(nginx, { path: `/webhooks/whatsapp?hub.verify_token=canary-token` });
      for (const path of ['/calendars/canary-feed.ics', '//calendars/canary-feed.ics', '/%63alendars/canary-feed.ics'])
        await ask(nginx, { path });
      await ask(nginx, { path: '/api/v1/page?secret=canary-query' });
      const log = await eventually(async () => {
        const text = await nginx.accessLog();
        expect(text).to.contain('"/api/v1/page"');
        return text;
      });
      expect(log).not.to.contain('canary');
      const lines = log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.map(({ path }) => path))
        .to.include('/calendars/-')
        .and.not.to.include('/livez');
      const webhook = lines.find(({ path, status }) => path === '/webhooks/whatsapp' && status === 200);
      expect(Number(webhook?.['seconds'])).to.be.at.least(0);
      expect(webhook?.['upstreamSeconds']).to.match(/^\d/);
      expect(webhook?.['correlationId']).to.match(/./);
    });
  });

  describe('speaks', () => {
    it('HTTPS only, under its name only', async () => {
      const plain = await fetch(`http://127.0.0.1:${nginx.httpPort}/console?x=1`, { redirect: 'manual' });
      expect(plain.status).to.equal(301);
      expect(plain.headers.get('location')).to.equal(`https://${domain}/console?x=1`);
      expect(await ask(nginx, { path: '/livez', name: 'other.example' }).catch(codeOf)).to.match(/SSL|ALERT|RESET/i);
      const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } as const;
      expect(await ask(nginx, { path: '/livez', secureProtocol: old }).catch(codeOf)).to.match(/SSL|PROTO/i);
    });

    it('TLS 1.2 and 1.3, and offers HTTP/2', async () => {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const options = { minVersion: version, maxVersion: version, rejectUnauthorized: false };
        const socket = connectTls(nginx.httpsPort, '127.0.0.1', {
          ...options,
          servername: domain,
          ALPNProtocols: ['h2'],
        });
        await once(socket, 'secureConnect');
        expect(socket.getProtocol()).to.equal(version);
        expect(socket.alpnProtocol).to.equal('h2');
        socket.destroy();
      }
    });

    it('the certificate authority’s answers over plain HTTP', async () => {
      const folder = join(nginx.dir, 'acme/.well-known/acme-challenge');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'token'), 'answer');
      const base = `http://127.0.0.1:${nginx.httpPort}/.well-known/acme-challenge`;
      expect(await (await fetch(`${base}/token`)).text()).to.equal('answer');
      expect((await fetch(`${base}/none`)).status).to.equal(404);
    });

    it('the headers of a safe page exactly once, on answers of the application and of its own', async () => {
      const answers = [
        await ask(nginx, { path: '/livez' }),
        await ask(nginx, { path: '/nowhere' }),
        await ask(nginx, { path: '/metrics' }),
        await ask(nginx, { method: 'POST', path: '/api/v1/x', body: 'x'.repeat(1_100_000) }),
      ];
      for (const { status, headers } of answers) {
        expect(headers, String(status)).to.include({
          'strict-transport-security': 'max-age=63072000',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
        });
        expect(headers['content-security-policy']).to.match(/^default-src 'none'/);
      }
    });
  });

  describe('limits', () => {
    it('the API to ten requests a second of one address beyond a burst of 300, with 429 and Retry-After', async function () {
      this.timeout(60_000);
      const own = await fresh();
      const answers = await many(own, 420, () => ({ path: '/api/v1/none' }));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).to.be.at.least(1);
      expect(answers.length - refused.length).to.be.at.least(301);
      expect(refused[0]?.headers).to.include({ 'retry-after': '1', 'content-type': 'application/problem+json' });
      expect(JSON.parse(refused[0]?.body ?? '')).to.include({ code: 'too_many_requests' });
      // Webhooks have their own bucket: an address that is over its limit there still delivers.
      expect((await ask(own, { path: '/webhooks/whatsapp' })).status).to.equal(403);
    });

    it('an address whatever X-Forwarded-For it makes up; the application is told the true one alone', async function () {
      this.timeout(60_000);
      const own = await fresh();
      const forged = (index: number): Record<string, string> => ({
        'x-forwarded-for': `198.51.100.${index % 250}`,
        'x-real-ip': `198.51.100.${index % 250}`,
        forwarded: `for=198.51.100.${index % 250}`,
      });
      const told = await ask(own, { path: '/api/v1/x', headers: forged(7) });
      expect(JSON.parse(told.body)).to.include({ address: '127.0.0.1' });
      const answers = await many(own, 420, (index) => ({ path: '/api/v1/none', headers: forged(index) }));
      expect(answers.filter(({ status }) => status === 429).length).to.be.at.least(1);
      // The application's own limit of failed logins, counted per address, sees one address too.
      const open = await fresh({ operatorsNetwork: '127.0.0.1/32' });
      const login = (index: number): Asking => ({
        path: '/queues',
        headers: {
          ...forged(index),
          authorization: `Basic ${Buffer.from(`a${index}@x.example:wrong`).toString('base64')}`,
        },
      });
      const statuses: number[] = [];
      for (let index = 0; index < 22; index += 1) statuses.push((await ask(open, login(index))).status);
      expect(statuses[0]).to.equal(401);
      expect(statuses.at(-1)).to.equal(429);
    });

    it('webhooks as one bucket for both vendors: 2,000 at once pass, what is beyond gets 503 with Retry-After', async function () {
      this.timeout(120_000);
      const own = await fresh();
      const paths = ['/webhooks/whatsapp', '/webhooks/mercadopago?topic=payment&id=1'];
      const answers = await many(own, 2_700, (index) => ({
        method: index % 2 === 0 ? 'GET' : 'POST',
        path: paths[index % 2]!,
      }));
      const refused = answers.filter(({ status }) => status === 503);
      expect(answers.length - refused.length).to.be.at.least(2_001);
      expect(refused.length).to.be.at.least(1);
      expect(refused[0]?.headers).to.have.property('retry-after');
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200, 403, 503]));
      // The API's bucket is another one.
      expect((await ask(own, { path: '/livez' })).status).to.equal(200);
    });
  });

  describe('when a replica is gone', () => {
    it('loses no webhook while one dies and the other lives', async function () {
      this.timeout(60_000);
      const mortal = track(await startIngress(store, { env }), 'ingress');
      const upstreamPorts = [mortal.url, replicas[0]!.url].map((url) => Number(new URL(url).port));
      const own = await fresh({ upstreamPorts });
      const posts = many(own, 200, (index) => whatsapp(whatsappBody(`wamid.mortal${index}`)), 10);
      await eventually(async () => expect(await own.accessLog()).to.contain('/webhooks/whatsapp'));
      await mortal.close();
      expect(new Set((await posts).map(({ status }) => status))).to.deep.equal(new Set([200]));
      const after = await many(own, 20, () => ({ path: '/livez' }), 2);
      expect(new Set(after.map(({ status }) => status))).to.deep.equal(new Set([200]));
    });

    it('answers 503 with Retry-After when none is left, and is back within seconds of the first', async function () {
      this.timeout(60_000);
      const first = track(await startIngress(store, { env }), 'ingress');
      const port = Number(new URL(first.url).port);
      const own = await fresh({ upstreamPorts: [port, 9] });
      expect((await ask(own, { path: '/livez' })).status).to.equal(200);
      await first.close();
      for (const asking of [{ path: '/livez' }, whatsapp(whatsappBody('wamid.none')), { path: '/api/v1/x' }]) {
        const answer = await ask(own, asking);
        expect(answer.status).to.equal(503);
        expect(answer.headers).to.include({ 'retry-after': '5', 'content-type': 'application/problem+json' });
        expect(answer.headers).to.have.property('strict-transport-security');
        expect(JSON.parse(answer.body)).to.include({ status: 503, code: 'unavailable' });
      }
      const again = track(await startIngress(store, { env, port }), 'ingress');
      await eventually(async () => expect((await ask(own, { path: '/livez' })).status).to.equal(200));
      await again.close();
    });
  });

  describe('reloads', () => {
    it('for a new certificate without dropping a request, and not for one that it would refuse', async function () {
      this.timeout(60_000);
      const own = await fresh();
      const before = await fingerprintOf(own);
      let isOver = false;
      const answers: Answer[] = [];
      const slow = Array.from({ length: 10 }, () => ask(own, { path: '/api/v1/slow' }));
      const sender = async (name: number): Promise<void> => {
        for (let index = 0; !isOver; index += 1)
          answers.push(await ask(own, whatsapp(whatsappBody(`wamid.reload-${name}-${index}`))));
      };
      const senders = [1, 2, 3, 4].map(sender);
      await eventually(() => expect(answers.length).to.be.at.least(5));
      await writeCertificate(join(own.dir, 'certs'));
      await eventually(async () => expect(await fingerprintOf(own)).not.to.equal(before), { timeoutMs: 20_000 });
      isOver = true;
      await Promise.all(senders);
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
      expect(new Set((await Promise.all(slow)).map(({ status }) => status))).to.deep.equal(new Set([200]));
      const good = await fingerprintOf(own);
      await writeFile(join(own.dir, 'certs/fullchain.pem'), 'no certificate');
      await eventually(() => expect(own.output()).to.contain('refused'), { timeoutMs: 20_000 });
      expect(await fingerprintOf(own)).to.equal(good);
      await writeCertificate(join(own.dir, 'certs'));
      await eventually(async () => expect(await fingerprintOf(own)).not.to.equal(good), { timeoutMs: 20_000 });
    });

    it('a new configuration; a wrong one is refused and the old one stays', async () => {
      const own = await fresh();
      expect((await ask(own, { path: '/metrics' })).status).to.equal(404);
      await own.reload({ OPERATORS_NETWORK: '127.0.0.1/32' });
      await eventually(async () => expect((await ask(own, { path: '/metrics' })).status).to.equal(200));
      expect(await own.reload({ OPERATORS_NETWORK: 'everybody' }).catch(String)).to.contain('invalid parameter');
      expect(await own.reload({ POSADA_DOMAIN: '' }).catch(String)).to.contain('POSADA_DOMAIN is not set');
      expect((await ask(own, { path: '/metrics' })).status).to.equal(200);
    });
  });
});

const fingerprintOf = async (nginx: TestNginx): Promise<string> => (await ask(nginx, { path: '/livez' })).fingerprint;

const env = {
  ...vendorCredentials,
  SANDBOX: 'false',
};

function codeOf(error: unknown): string {
  return `${(error as { code?: string }).code} ${String(error)}`;
}

/** So many requests over a few connections that stay open, as fast as they go. */
async function many(
  nginx: TestNginx,
  count: number,
  asking: (index: number) => Asking,
  connections = 40,
): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  const answers: Answer[] = [];
  const sender = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      answers.push(await ask(nginx, { ...asking(next), agent }));
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
  agent.destroy();
  return answers;
}
