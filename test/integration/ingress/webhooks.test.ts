import { request } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { createLogger } from '#shared/observability/logger.ts';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { describeOnBothBackends, redisUrlFor } from '../../support/both-backends.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import type { TestDatabase } from '../../support/database.ts';
import { track } from '../../support/track.ts';
import { openTestQueues } from '../queues/pools.ts';
import { countWaiting, startIngress, textMessage, waitingJobs, webhookOf } from './ingress.ts';
import type { TestIngress } from './ingress.ts';

describeOnBothBackends('the webhooks', (backend) => {
  let database: TestDatabase;
  let store: QueueStore;
  let ingress: TestIngress;

  before(async function () {
    this.timeout(60_000);
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    store = track(openTestQueues({ redisUrl: await redisUrlFor(backend), databaseUrl: database.url }), 'queue store');
    await store.opened;
    ingress = track(await startIngress(store), 'ingress');
  });
  afterEach(() => Promise.all(Object.values(store.queues() ?? {}).map((queue) => queue.obliterate({ force: true }))));
  after(async () => {
    await ingress.close();
    await store.close();
    await database.drop();
  });

  const ours = (): string => ingress.env.whatsapp.phoneNumberId;
  const counted = async (provider: string, outcome: string): Promise<number> => {
    const { values } = await ingress.metrics.webhooksReceived.get();
    return values.find(({ labels }) => labels.provider === provider && labels.outcome === outcome)?.value ?? 0;
  };

  describe('of WhatsApp', () => {
    it('answers the handshake with the challenge as plain text', async () => {
      const query = `hub.mode=subscribe&hub.challenge=112233&hub.verify_token=${ingress.env.whatsapp.verifyToken}`;
      const answer = await fetch(`${ingress.url}/webhooks/whatsapp?${query}`);
      expect(answer.status).to.equal(200);
      expect(answer.headers.get('content-type')).to.match(/^text\/plain/);
      expect(await answer.text()).to.equal('112233');
    });

    it('refuses the handshake without the right token', async () => {
      for (const query of [
        'hub.mode=subscribe&hub.challenge=1&hub.verify_token=ñandú',
        'hub.mode=subscribe&hub.challenge=1',
        'hub.mode=subscribe&hub.challenge=1&hub.verify_token=a&hub.verify_token=b',
        '',
      ])
        expect((await fetch(`${ingress.url}/webhooks/whatsapp?${query}`)).status).to.equal(403);
    });

    it('makes one job of each of ten messages over several entries, in order, and of a status', async () => {
      const messages = Array.from({ length: 10 }, (_, index) => textMessage(`wamid.m${index}`, `mensaje ${index}`));
      const status = { id: 'wamid.s1', status: 'delivered', timestamp: '1764000000', recipient_id: '5491122223333' };
      const body = webhookOf(ours(), [messages.slice(0, 4), messages.slice(4, 5), messages.slice(5)], [status]);
      expect((await ingress.postWhatsApp(body)).status).to.equal(200);
      const replies = await waitingJobs(store, 'conversations');
      expect(replies.map(({ name, data }) => [name, data.text])).to.deep.equal(
        messages.map((_, index) => ['reply-to-message', `mensaje ${index}`]),
      );
      expect(await waitingJobs(store, 'deliveries')).to.have.length(1);
    });

    it('adds ten copies of one webhook ten times: the worker tells them apart', async () => {
      const body = webhookOf(ours(), [[textMessage('wamid.same', 'hola')]]);
      const answers = await Promise.all(Array.from({ length: 10 }, () => ingress.postWhatsApp(body)));
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(200));
      expect(await waitingJobs(store, 'conversations')).to.have.length(10);
    });

    it('judges the bytes as they came: escapes, emoji and spaces', async () => {
      const body = webhookOf(ours(), [[textMessage('wamid.x', '¿Hay lugar? 🏔️ & <más>')]]).replaceAll(':', ' : ');
      const escaped = body.replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
      for (const raw of [body, escaped, Buffer.from(body)])
        expect((await ingress.postWhatsApp(raw)).status).to.equal(200);
      const texts = (await waitingJobs(store, 'conversations')).map(({ data }) => data.text);
      expect(new Set(texts).size).to.equal(1);
    });

    it('refuses wrong, missing and non-ASCII signatures and leaves no trace', async () => {
      const body = webhookOf(ours(), [[textMessage('wamid.x', 'hola')]]);
      const before = await counted('whatsapp', 'bad_signature');
      const signatures = [
        '',
        'sha256=',
        `sha256=${'0'.repeat(64)}`,
        'sha256=ñññ',
        `sha1=${'0'.repeat(40)}`,
        'x'.repeat(5_000),
      ];
      for (const signature of signatures) {
        const answer = await ingress.postWhatsApp(body, { 'x-hub-signature-256': signature });
        expect(answer.status, signature).to.equal(403);
        expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
        expect(await answer.json()).to.include({ status: 403, code: 'bad_signature' });
      }
      const unsigned = await fetch(`${ingress.url}/webhooks/whatsapp`, { method: 'POST', body });
      expect(unsigned.status).to.equal(403);
      expect(await countWaiting(store)).to.equal(0);
      expect(await counted('whatsapp', 'bad_signature')).to.equal(before + signatures.length + 1);
    });

    it('takes what is signed but no JSON, or JSON of no use, with 200, and counts it', async () => {
      const before = await counted('whatsapp', 'not_json');
      for (const body of ['', 'no json', '{"entry":']) expect((await ingress.postWhatsApp(body)).status).to.equal(200);
      expect(await counted('whatsapp', 'not_json')).to.equal(before + 3);
      for (const body of ['null', '[]', '{}', '{"entry":[null]}'])
        expect((await ingress.postWhatsApp(body)).status).to.equal(200);
      expect(await countWaiting(store)).to.equal(0);
    });

    it('ignores and counts messages of a number that is not ours', async () => {
      const body = webhookOf('999', [[textMessage('wamid.x', 'hola')]]);
      expect((await ingress.postWhatsApp(body)).status).to.equal(200);
      expect(await countWaiting(store)).to.equal(0);
      expect(await counted('whatsapp', 'ignored_foreign_phone_number')).to.equal(1);
    });

    it('refuses more than 3 MB with 413, announced or not, and takes 3 MB', async () => {
      const answer = await ingress.postWhatsApp('x'.repeat(3_000_001));
      expect(answer.status).to.equal(413);
      expect(await answer.json()).to.include({ code: 'body_too_large' });
      expect(await postChunked(ingress.url, 4)).to.equal(413);
      expect((await ingress.postWhatsApp('x'.repeat(3_000_000))).status).to.equal(200);
      expect(await counted('whatsapp', 'body_too_large')).to.equal(2);
    });

    it('takes a chunked body, refuses a compressed one, survives a caller that hangs up', async () => {
      expect(await postChunked(ingress.url, 1)).to.equal(403);
      const compressed = await ingress.postWhatsApp('{}', { 'content-encoding': 'gzip' });
      expect(compressed.status).to.equal(415);
      await hangUp(ingress.url);
      expect((await ingress.postWhatsApp('{}')).status).to.equal(200);
    });

    it('refuses with the headers of a careful server, whatever the address ends in', async () => {
      for (const path of ['/webhooks/whatsapp', '/webhooks/whatsapp?a=1']) {
        const refused = await fetch(`${ingress.url}${path}`, { method: 'POST', body: '{}' });
        expect(refused.status, path).to.equal(403);
        expect(refused.headers.get('x-content-type-options'), path).to.equal('nosniff');
        expect(refused.headers.get('cache-control'), path).to.equal('no-store');
        expect(refused.headers.get('x-correlation-id'), path).to.match(/^[\w-]{36}$/);
      }
      const taken = await ingress.postWhatsApp('{}');
      expect(taken.headers.get('content-length')).to.equal('0');
      expect(await taken.text()).to.equal('');
    });

    it('logs at info what led to no job, and at debug what its job will tell of', async () => {
      const lines: { level: string; route?: string; status: number }[] = [];
      const log = createLogger(
        { logLevel: 'debug', isProduction: true },
        { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
      );
      const logging = track(await startIngress(store, { log }), 'logging ingress');
      const ourNumber = logging.env.whatsapp.phoneNumberId;
      await logging.postWhatsApp(webhookOf(ourNumber, [[textMessage('wamid.x', 'hola')]]));
      await logging.postWhatsApp(webhookOf('999', [[textMessage('wamid.x', 'hola')]]));
      await logging.postWhatsApp('{}', { 'x-hub-signature-256': '' });
      await logging.close();
      expect(lines.map(({ level, route, status }) => [level, route, status])).to.deep.equal([
        ['debug', '/webhooks/whatsapp', 200],
        ['info', '/webhooks/whatsapp', 200],
        ['info', '/webhooks/whatsapp', 403],
      ]);
    });

    it('puts its own correlation id into the jobs and echoes only plain request ids', async () => {
      const body = webhookOf(ours(), [[textMessage('wamid.x', 'hola')]]);
      const answer = await ingress.postWhatsApp(body, { 'x-request-id': 'plain-1' });
      expect(answer.headers.get('x-request-id')).to.equal('plain-1');
      const [job] = await waitingJobs(store, 'conversations');
      expect(job?.data['_trace']).to.equal(answer.headers.get('x-correlation-id'));
      const forged = await ingress.postWhatsApp(body, { 'x-request-id': '<script>' });
      expect(forged.headers.get('x-request-id')).to.equal(null);
    });
  });

  describe('of Mercado Pago', () => {
    it('makes a job of a signed notice by the id of the query', async () => {
      const answer = await ingress.postMercadoPago('data.id=123456789012&type=payment', {
        body: '{"data":{"id":"666"}}',
      });
      expect(answer.status).to.equal(200);
      const found = await waitingJobs(store, 'payments');
      expect(found.map(({ name, data }) => [name, data.paymentId])).to.deep.equal([['settle-payment', '123456789012']]);
    });

    it('keeps one waiting job of many copies of one notice', async () => {
      await Promise.all(Array.from({ length: 10 }, () => ingress.postMercadoPago('data.id=5&type=payment')));
      expect(await waitingJobs(store, 'payments')).to.have.length(1);
    });

    it('refuses wrong, missing and non-ASCII signatures', async () => {
      for (const signature of ['', 'ts=1,v1=00', 'ñ', 'ts=1764000000', `ts=1764000000,v1=${'0'.repeat(64)}`]) {
        const answer = await ingress.postMercadoPago('data.id=5&type=payment', {
          headers: { 'x-signature': signature },
        });
        expect(answer.status, signature).to.equal(403);
      }
      expect(await countWaiting(store)).to.equal(0);
    });

    it('takes the form that cannot be validated and other topics with 200, enqueues nothing', async () => {
      const unsigned = { headers: { 'x-signature': '' } };
      for (const query of ['topic=payment&id=5', 'topic=merchant_order&id=7'])
        expect((await ingress.postMercadoPago(query, unsigned)).status).to.equal(200);
      const body = JSON.stringify({ topic: 'payment', resource: 'https://example.com/collections/5' });
      expect((await ingress.postMercadoPago('', { ...unsigned, body })).status).to.equal(200);
      const both = JSON.stringify({ type: 'payment', data: { id: '5' } });
      expect((await ingress.postMercadoPago('topic=payment&id=5', { ...unsigned, body: both })).status).to.equal(200);
      expect((await ingress.postMercadoPago('data.id=5&type=subscription_preapproval')).status).to.equal(200);
      expect(await countWaiting(store)).to.equal(0);
      expect(await counted('mercadopago', 'ipn')).to.equal(4);
      expect(await counted('mercadopago', 'ignored')).to.equal(1);
    });
  });
});

/** Posts so many megabytes in chunks, unsigned and without a length; the answer's status. */
function postChunked(url: string, megabytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const posting = request(`${url}/webhooks/whatsapp`, { method: 'POST' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    posting.on('error', reject);
    for (let sent = 0; sent < megabytes * 10; sent += 1) posting.write(Buffer.alloc(100_000, 'x'));
    posting.end();
  });
}

/** Announces a body and goes away in the middle of it. */
function hangUp(url: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write('POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"half":');
      setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve());
  });
}
