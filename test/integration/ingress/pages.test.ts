import { request } from 'node:http';
import { expect } from 'chai';
import { hashPassword } from '#shared/config/passwords.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { queueNames } from '#shared/queues/contracts.ts';
import { createEnqueueAll } from '#shared/queues/enqueue.ts';
import { describeOnBothBackends, redisUrlFor } from '../../support/both-backends.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { track } from '../../support/track.ts';
import { closeNow, openTestQueues, samplePayloads, startRecordingPool } from '../queues/pools.ts';
import { startIngress, textMessage, webhookOf } from './ingress.ts';
import type { TestIngress } from './ingress.ts';

describeOnBothBackends('the pages of the ingress', (backend) => {
  let database: TestDatabase;
  let store: QueueStore;
  let ingress: TestIngress;
  const lines: string[] = [];
  const log = createLogger({ logLevel: 'trace', isProduction: true }, { write: (line) => void lines.push(line) });

  before(async function () {
    this.timeout(60_000);
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    store = track(openTestQueues({ redisUrl: await redisUrlFor(backend), databaseUrl: database.url }), 'queue store');
    await store.opened;
    ingress = track(await startIngress(store, { log }), 'ingress');
  });
  after(async () => {
    await Promise.all(Object.values(store.queues() ?? {}).map((queue) => queue.obliterate({ force: true })));
    await ingress.close();
    await store.close();
    await database.drop();
  });

  const get = (path: string, login?: string): Promise<Response> =>
    fetch(`${ingress.url}${path}`, login ? { headers: { authorization: basic(login) } } : {});

  it('asks for a login at the board, its assets and its API', async () => {
    for (const path of [
      '/queues',
      '/queues/',
      '/queues/api/queues',
      '/queues/static/js/main.js',
      '/queues/queue/payments',
    ]) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(401);
      expect(answer.headers.get('www-authenticate')).to.match(/^Basic /);
      expect(await answer.json()).to.include({ code: 'unauthorized' });
    }
  });

  it('gives no way round the login', async () => {
    for (const path of [
      '/QUEUES',
      '/Queues/api/queues',
      '//queues',
      '//queues/api/queues',
      '/%71ueues/api/queues',
      '/queues%2fapi%2fqueues',
      '/./queues/../QUEUES/api/queues',
      '/x/../queues/api/queues',
      '/api/queues',
      '/queues;/api/queues',
    ])
      expect(await rawStatus(ingress.url, path), path).to.be.oneOf([401, 404]);
  });

  it('opens to the operator and refuses others', async () => {
    const page = await get('/queues', ingress.operator);
    expect(page.status).to.equal(200);
    expect(await page.text()).to.contain('Posada');
    expect(page.headers.get('content-security-policy')).to.contain("default-src 'self'");
    const script = /src="(static\/js\/main[^"]+)"/.exec(await (await get('/queues', ingress.operator)).text())?.[1];
    expect((await get(`/queues/${script}`, ingress.operator)).status).to.equal(200);
    expect((await get('/queues', 'admin@localhost:wrong')).status).to.equal(401);
  });

  it('has the queue of every pool', async () => {
    const shown = (await (await get('/queues/api/queues', ingress.operator)).json()) as { queues: { name: string }[] };
    expect(shown.queues.map(({ name }) => name)).to.have.members([...queueNames]);
  });

  it('is acted on by admins alone, and by none of them beyond what keeps every message', async () => {
    const [admin, operator] = ['ana@example.com:clave de ana', 'eva@example.com:clave de eva'];
    const hashes = await Promise.all(['clave de ana', 'clave de eva'].map((password) => hashPassword(password)));
    const roles = track(
      await startIngress(store, {
        env: { ADMIN_USERS: `ana@example.com:${hashes[0]}`, OPERATOR_USERS: `eva@example.com:${hashes[1]}` },
      }),
      'ingress with roles',
    );
    const queues = (await store.opened)!;
    const ask = async (login: string, path: string, method = 'PUT', headers = {}): Promise<number> => {
      const answer = await fetch(`${roles.url}/queues/api/queues/${path}`, {
        method,
        headers: { authorization: basic(login), ...headers },
      });
      const text = await answer.text();
      expect(text, path).not.to.match(/5491122223333|hola/);
      return answer.status;
    };
    const isReadOnly = async (login: string): Promise<boolean> => {
      const shown = await fetch(`${roles.url}/queues/api/queues`, { headers: { authorization: basic(login) } });
      const { queues: all } = (await shown.json()) as { queues: { readOnlyMode: boolean }[] };
      return all.every(({ readOnlyMode }) => readOnlyMode);
    };
    expect([await isReadOnly(admin), await isReadOnly(operator)]).to.deep.equal([false, true]);

    const enqueueAll = createEnqueueAll(store);
    await enqueueAll([
      { name: 'import-feed', payload: samplePayloads['import-feed'] },
      { name: 'reply-to-message', payload: samplePayloads['reply-to-message'] },
    ]);
    const failing = () => {
      throw Object.assign(new Error('no'), { status: 400 });
    };
    const pools = [
      startRecordingPool(store, 'calendars', { 'import-feed': failing }),
      startRecordingPool(store, 'conversations', { 'reply-to-message': failing }),
    ];
    const failedOf = async (queue: 'calendars' | 'conversations') =>
      (await queues[queue].getFailed()).map(({ id }) => id);
    await eventually(async () =>
      expect([(await failedOf('calendars')).length, (await failedOf('conversations')).length]).to.deep.equal([1, 1]),
    );
    await Promise.all(pools.map((pool) => closeNow(pool)));
    const [[feed], [message]] = [await failedOf('calendars'), await failedOf('conversations')];

    for (const path of [`calendars/${feed}/retry`, `calendars/${feed}/clean`, 'calendars/clean/failed'])
      expect(await ask(operator, path), path).to.equal(403);
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://elsewhere.example' }])
      expect(await ask(admin, `calendars/${feed}/retry`, 'PUT', headers)).to.equal(403);
    expect(await failedOf('calendars')).to.deep.equal([feed]);

    for (const path of [`conversations/${message}/clean`, 'conversations/clean/failed'])
      expect(await ask(admin, path), path).to.equal(409);
    for (const path of [
      'conversations/empty',
      'conversations/obliterate',
      'conversations/pause',
      'pause',
      'nope/clean/failed',
    ])
      expect(await ask(admin, path), path).to.equal(404);
    for (const [method, path] of [
      ['POST', 'conversations/add'],
      ['PATCH', `conversations/${message}/update-data`],
    ] as const)
      expect(await ask(admin, path, method), path).to.equal(404);
    expect((await queues.conversations.getJob(message!))?.data).to.deep.include({ text: 'hola' });

    expect(await ask(admin, `conversations/${message}/retry`)).to.equal(204);
    expect(await queues.conversations.getJobState(message!)).to.equal('waiting');
    expect(await ask(admin, `conversations/${message}/retry`)).to.equal(409);
    expect(await ask(admin, 'calendars/retry/failed')).to.equal(204);
    expect(await queues.calendars.getJobState(feed!)).to.equal('waiting');
    const later = await queues.expirations.add('expire-hold', samplePayloads['expire-hold'], { delay: 3_600_000 });
    expect(await ask(admin, `expirations/${later.id}/promote`)).to.equal(204);
    expect(await later.getState()).to.equal('waiting');
    expect(await ask(admin, `expirations/${later.id}/clean`)).to.equal(409);
    await Promise.all([queues.conversations, queues.calendars, queues.expirations].map((queue) => queue.drain(true)));
    await roles.close();
  });

  it('shows of jobs only ids, whatever guests wrote and whatever failed', async () => {
    const canary = 'canario';
    const { phoneNumberId } = ingress.env.whatsapp;
    const body = webhookOf(phoneNumberId, [
      [textMessage('wamid.Y2FuYXJpbw', `soy ${canary}`, '5491155556666'), textMessage('wamid.two', canary)],
    ]);
    expect((await ingress.postWhatsApp(body)).status).to.equal(200);
    await createEnqueueAll(store)([
      { name: 'settle-payment', payload: { paymentId: '123456789012' } },
      { name: 'deliver-messages', payload: samplePayloads['deliver-messages'] },
    ]);
    const pool = startRecordingPool(
      store,
      'conversations',
      {
        'reply-to-message': (payload) => {
          throw Object.assign(new Error(`cannot answer ${JSON.stringify(payload)}`), { status: 400, canary });
        },
      },
      { log },
    );
    await eventually(async () =>
      expect(await store.queues()?.conversations.getJobCounts('failed')).to.deep.equal({ failed: 2 }),
    );
    await closeNow(pool);

    let shown = '';
    for (const status of ['latest', 'failed', 'waiting'])
      for (const queue of ['conversations', 'deliveries', 'payments'])
        shown += await (
          await get(`/queues/api/queues?activeQueue=${queue}&status=${status}&page=1&jobsPerPage=20`, ingress.operator)
        ).text();
    const [failed] = (await store.queues()?.conversations.getJobs(['failed'])) ?? [];
    shown += await (await get(`/queues/api/queues/conversations/${failed?.id}`, ingress.operator)).text();
    expect(shown).to.contain('"paymentId":"123456789012"');
    expect(shown).to.contain('"conversationId":"7"');
    expect(shown).to.contain('http_4xx');
    for (const leak of [canary, 'Canaria', '55556666', 'wamid.Y2F', '22223333']) {
      expect(shown, leak).not.to.contain(leak);
      expect(lines.join(''), leak).not.to.contain(leak);
      expect(await ingress.metrics.render(), leak).not.to.contain(leak);
    }
  });

  it('joins webhook and job in the log by one correlation id', async () => {
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const webhook = logged.find(({ route, status }) => route === '/webhooks/whatsapp' && status === 200);
    expect(
      logged.some(({ job, correlationId }) => job === 'reply-to-message' && correlationId === webhook?.correlationId),
    ).to.equal(true);
  });

  it('limits failed logins, per account and address', async () => {
    const guarded = track(await startIngress(store), 'guarded ingress');
    const tryOnce = async (): Promise<number> =>
      (await fetch(`${guarded.url}/queues`, { headers: { authorization: basic('admin@localhost:x') } })).status;
    const statuses = [];
    for (let tries = 0; tries < 12; tries += 1) statuses.push(await tryOnce());
    expect(statuses).to.deep.equal([...Array(10).fill(401), 429, 429]);
    const right = await fetch(`${guarded.url}/queues`, { headers: { authorization: basic(guarded.operator) } });
    expect(right.status).to.equal(429);
    expect(Number(right.headers.get('retry-after'))).to.be.greaterThan(0);
    await guarded.close();
  });

  it('knows the operators of ADMIN_USERS by their hash; without any in production the board is not there', async () => {
    const hash = await hashPassword('clave larga, con ñ');
    const named = track(
      await startIngress(store, { env: { ADMIN_USERS: `ana@example.com:${hash}` } }),
      'named ingress',
    );
    const status = async (login: string): Promise<number> =>
      (await fetch(`${named.url}/queues`, { headers: { authorization: basic(login) } })).status;
    expect(await status('ana@example.com:clave larga, con ñ')).to.equal(200);
    expect(await status('ana@example.com:otra')).to.equal(401);
    expect(await status('eva@example.com:clave larga, con ñ')).to.equal(401);
    await named.close();
    const bare = track(await startIngress(store, { withoutOperators: true }), 'bare ingress');
    expect((await fetch(`${bare.url}/queues`)).status).to.equal(404);
    await bare.close();
  });

  it('answers for its health', async () => {
    expect(await (await get('/livez')).json()).to.deep.equal({ status: 'alive' });
    expect(await (await get('/readyz')).json()).to.deep.equal({ status: 'ready', failing: [] });
    const report = (await (await get('/healthz')).json()) as {
      status: string;
      checks: Record<string, { status: string }>;
    };
    expect(report.status).to.equal('healthy');
    expect(report.checks.queues?.status).to.equal('ok');
  });

  it('shows metrics, to bearers of the token when there is one', async () => {
    const open = await get('/metrics');
    expect(open.status).to.equal(200);
    expect(open.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    expect(await open.text()).to.contain('webhooks_received_total{provider="whatsapp",outcome="accepted"}');
    const closed = track(await startIngress(store, { env: { METRICS_TOKEN: 'abcdefghijklmnop' } }), 'closed ingress');
    const status = async (authorization?: string): Promise<number> =>
      (await fetch(`${closed.url}/metrics`, { headers: authorization ? { authorization } : {} })).status;
    expect(await status()).to.equal(401);
    expect(await status('Bearer abcdefghijklmnox')).to.equal(401);
    expect(await status('Bearer abcdefghijklmnop')).to.equal(200);
    await closed.close();
  });

  it('answers what it does not know as a problem, with the headers of a careful server', async () => {
    const missing = await get('/nothing');
    expect(missing.status).to.equal(404);
    expect(await missing.json()).to.include({ status: 404, code: 'not_found', title: 'Not Found' });
    expect(missing.headers.get('x-content-type-options')).to.equal('nosniff');
    const wrongMethod = await fetch(`${ingress.url}/webhooks/mercadopago`);
    expect(wrongMethod.status).to.equal(405);
    expect(wrongMethod.headers.get('allow')).to.contain('POST');
    expect(await rawStatus(ingress.url, '/%E0%A4%A')).to.be.within(400, 404);
  });

  it('gives other parts of the house a door, and 503 while they are not ready', async () => {
    let isReady = false;
    const door = track(
      await startIngress(store, {
        deps: {
          extraRoutes: () =>
            isReady
              ? [
                  async (ctx, next) => {
                    if (ctx.path !== '/extra') return next();
                    ctx.body = 'here';
                  },
                ]
              : undefined,
        },
      }),
      'door',
    );
    expect((await fetch(`${door.url}/extra`)).status).to.equal(503);
    isReady = true;
    expect(await (await fetch(`${door.url}/extra`)).text()).to.equal('here');
    expect((await fetch(`${door.url}/other`)).status).to.equal(404);
    await door.close();
  });
});

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

/** The status of a path as it is written: fetch would tidy it up. */
function rawStatus(url: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    request({ host: '127.0.0.1', port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
