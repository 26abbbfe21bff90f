import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createWhatsAppClient } from '#shared/integrations/whatsapp/client.ts';
import type { WhatsAppClient } from '#shared/integrations/whatsapp/client.ts';
import { WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import { splitWebhook } from '#shared/integrations/whatsapp/payload.ts';
import { verifyWhatsAppSignature } from '#shared/integrations/whatsapp/signature.ts';
import { createWhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import type { WhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';

const appSecret = 'app-secret';
const phoneNumberId = '100200300';
const guest = { phone: '5492944000001', bsuid: 'AR.13491208', name: 'Ana' };

/** An app that verifies and keeps what it is told; `answers` are its next statuses (200 after them). */
async function startApp(): Promise<{
  url: string;
  bodies: unknown[];
  verdicts: boolean[];
  answers: number[];
  close: () => Promise<void>;
}> {
  const bodies: unknown[] = [];
  const verdicts: boolean[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const header = request.headers['x-hub-signature-256'];
      verdicts.push(verifyWhatsAppSignature(raw, typeof header === 'string' ? header : undefined, [appSecret]).valid);
      const status = answers.shift() ?? 200;
      if (status === 200) bodies.push(JSON.parse(raw.toString()));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/whatsapp`;
  return {
    url,
    bodies,
    verdicts,
    answers,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function failure(promise: Promise<unknown>): Promise<WhatsAppError> {
  try {
    await promise;
  } catch (error) {
    expect(error).to.be.instanceOf(WhatsAppError);
    return error as WhatsAppError;
  }
  throw new Error('it did not fail');
}

describe('the WhatsApp client against the simulator', () => {
  let app: Awaited<ReturnType<typeof startApp>>;
  let simulator: WhatsAppSimulator;
  let client: WhatsAppClient;
  let apiUrl: string;

  beforeEach(async () => {
    app = await startApp();
    simulator = createWhatsAppSimulator({
      appSecret,
      phoneNumberId,
      accessToken: 'token',
      webhookUrl: app.url,
      retryDelaysMs: [10, 20],
    });
    apiUrl = `${(await simulator.listen()).url}/v26.0`;
    client = createWhatsAppClient({ apiUrl, accessToken: 'token', phoneNumberId, timeoutMs: 300 });
  });

  afterEach(async () => {
    await simulator.close();
    await app.close();
  });

  it('carries a guest’s words to the app, signed', async () => {
    const [id] = await simulator.write(guest, { text: 'hola 🏔️ ¿hay lugar & desayuno?' });
    expect(app.verdicts).to.deep.equal([true]);
    const { messages } = splitWebhook(app.bodies[0], phoneNumberId);
    expect(messages).to.have.length(1);
    expect(messages[0]).to.deep.include({
      providerMessageId: id,
      type: 'text',
      text: 'hola 🏔️ ¿hay lugar & desayuno?',
      contact: { waId: guest.phone, phone: guest.phone, bsuid: guest.bsuid, profileName: 'Ana' },
    });
  });

  it('carries several messages in one POST', async () => {
    await simulator.write(guest, { text: 'hola' }, { text: 'para 4' });
    expect(app.bodies).to.have.length(1);
    expect(splitWebhook(app.bodies[0], phoneNumberId).messages.map((each) => each.text)).to.deep.equal([
      'hola',
      'para 4',
    ]);
  });

  it('sends again until the app takes it', async () => {
    app.answers.push(503, 500);
    await simulator.write(guest, { text: 'hola' });
    expect(app.bodies).to.have.length(0);
    await simulator.webhooks.idle();
    expect(app.bodies).to.have.length(1);
    expect(simulator.webhooks.pending()).to.deep.equal([]);
  });

  it('sends each kind of message and lets the guest tap what it shows', async () => {
    simulator.setStatuses([]);
    await client.send({ kind: 'text', body: 'hola' }, { to: guest.phone }, { opaqueId: 'm1' });
    await client.send(
      { kind: 'buttons', body: '¿Confirmás?', buttons: [{ id: 'confirm', title: 'Confirmar' }] },
      { to: guest.phone },
      { opaqueId: 'm2' },
    );
    await client.send(
      {
        kind: 'list',
        body: 'Libres',
        button: 'Ver cabañas',
        sections: [{ rows: [{ id: 'unit:1', title: 'Cabaña Arrayán', description: '$ 48.000' }] }],
      },
      { to: guest.phone },
      { opaqueId: 'm3' },
    );
    await client.send({ kind: 'image', link: 'https://example.com/a.jpg' }, { to: guest.phone }, { opaqueId: 'm4' });
    await client.send(
      {
        kind: 'template',
        name: 'offer',
        language: 'es_AR',
        bodyParameters: ['uno\ndos'],
        buttons: [{ payload: 'yes' }],
      },
      { recipient: guest.bsuid },
      { opaqueId: 'm5' },
    );
    expect(simulator.sent().map((each) => each.opaqueId)).to.deep.equal(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(simulator.sent(guest.bsuid).map((each) => each.text)).to.deep.equal(['uno dos']);

    await simulator.write(guest, { tap: 'confirm' }, { tap: 'unit:1' }, { tap: 'yes' });
    const { messages } = splitWebhook(app.bodies[0], phoneNumberId);
    expect(messages.map((each) => each.choice?.id)).to.deep.equal(['confirm', 'unit:1', 'yes']);
    expect(messages.map((each) => each.type)).to.deep.equal(['choice', 'choice', 'choice']);
    expect(messages[1]?.replyTo).to.equal(simulator.sent()[2]?.id);
  });

  it('refuses a tap on what the guest was never shown', async () => {
    const tapped = await simulator.write(guest, { tap: 'nothing' }).catch((error: Error) => error.message);
    expect(tapped).to.equal('the guest was shown no such choice');
  });

  it('tells sent and delivered with our own id in them', async () => {
    const { providerMessageId } = await client.send(
      { kind: 'text', body: 'x' },
      { to: guest.phone },
      { opaqueId: 'm9' },
    );
    while (app.bodies.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const statuses = app.bodies.flatMap((body) => splitWebhook(body, phoneNumberId).statuses);
    expect(statuses.map((each) => each.status).toSorted()).to.deep.equal(['delivered', 'sent']);
    expect(statuses[0]).to.deep.include({ providerMessageId, opaqueId: 'm9', recipient: { waId: guest.phone } });
    await simulator.postStatus(providerMessageId, 'failed', 131026);
    const last = splitWebhook(app.bodies.at(-1), phoneNumberId).statuses[0];
    expect(last?.errors.map((each) => each.code)).to.deep.equal([131026]);
  });

  it('shows the same send twice as two', async () => {
    const message = { kind: 'text', body: 'una vez' } as const;
    await client.send(message, { to: guest.phone }, { opaqueId: 'twin' });
    await client.send(message, { to: guest.phone }, { opaqueId: 'twin' });
    expect(simulator.sent(guest.phone)).to.have.length(2);
  });

  it('marks read and typing', async () => {
    const [id = ''] = await simulator.write(guest, { text: 'hola' });
    await client.markRead(id, { typing: true });
    const chat = simulator.chats()[0];
    expect(chat?.entries[0]?.statuses).to.deep.equal(['read']);
    expect(chat?.typingUntil).to.be.a('string');
  });

  it('names each error by its code', async () => {
    const send = (): Promise<unknown> =>
      client.send({ kind: 'text', body: 'secreto' }, { to: guest.phone }, { opaqueId: 'x' });
    const table: [number, number, string][] = [
      [400, 131047, 'outside_window'],
      [400, 131026, 'undeliverable'],
      [400, 131056, 'user_rate'],
      [429, 130429, 'number_rate'],
      [400, 131049, 'do_not_retry'],
      [500, 131000, 'temporary'],
      [503, 131016, 'temporary'],
      [400, 131030, 'not_in_test_list'],
      [401, 190, 'auth'],
      [400, 4, 'app_limit'],
      [429, 80007, 'app_limit'],
      [400, 131009, 'invalid'],
    ];
    for (const [status, code, kind] of table) {
      simulator.failNext(1, { kind: 'status', status, code, retryAfterS: 7 });
      const error = await failure(send());
      expect([error.kind, error.code, error.status, error.retryAfterMs]).to.deep.equal([kind, code, status, 7000]);
      expect(error.message).not.to.match(/secreto|549|token/);
    }
    expect(simulator.sent()).to.have.length(0);
  });

  it('calls ambiguous what may have been sent', async () => {
    const send = (signal?: AbortSignal): Promise<unknown> =>
      client.send({ kind: 'text', body: 'x' }, { to: guest.phone }, { opaqueId: 'x', ...(signal && { signal }) });
    simulator.failNext(1, { kind: 'status', status: 502, html: true });
    expect((await failure(send())).kind).to.equal('ambiguous');
    simulator.failNext(1, { kind: 'reset', acted: true });
    expect((await failure(send())).kind).to.equal('ambiguous');
    simulator.failNext(1, { kind: 'silence', acted: true });
    expect((await failure(send())).kind).to.equal('ambiguous');
    simulator.failNext(1, { kind: 'silence' });
    expect((await failure(send(AbortSignal.timeout(20)))).kind).to.equal('ambiguous');
    expect(simulator.sent()).to.have.length(2);
  });

  it('calls temporary what never left', async () => {
    const away = createServer();
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    const { port } = away.address() as AddressInfo;
    await new Promise<void>((resolve) => away.close(() => resolve()));
    const lost = createWhatsAppClient({ apiUrl: `http://127.0.0.1:${port}/v26.0`, accessToken: 't', phoneNumberId });
    const sending = lost.send({ kind: 'text', body: 'x' }, { to: guest.phone }, { opaqueId: 'x' });
    expect((await failure(sending)).kind).to.equal('temporary');
    const aborted = client.send(
      { kind: 'text', body: 'x' },
      { to: '1' },
      { opaqueId: 'x', signal: AbortSignal.abort() },
    );
    expect((await failure(aborted)).kind).to.equal('temporary');
  });

  it('refuses a wrong token, a wrong number and a message beyond the limits', async () => {
    const message = { kind: 'text', body: 'x' } as const;
    const stranger = createWhatsAppClient({ apiUrl, accessToken: 'wrong', phoneNumberId });
    expect((await failure(stranger.send(message, { to: guest.phone }, { opaqueId: 'x' }))).kind).to.equal('auth');
    const other = createWhatsAppClient({ apiUrl, accessToken: 'token', phoneNumberId: '9' });
    expect((await failure(other.send(message, { to: guest.phone }, { opaqueId: 'x' }))).kind).to.equal('invalid');
    expect(
      (await failure(client.send({ kind: 'text', body: ' ' }, { to: guest.phone }, { opaqueId: 'x' }))).kind,
    ).to.equal('invalid');
    simulator.refuseRecipient(guest.phone, 131030);
    expect((await failure(client.send(message, { to: guest.phone }, { opaqueId: 'x' }))).kind).to.equal(
      'not_in_test_list',
    );
  });

  it('serves media with the token only', async () => {
    const id = simulator.addMedia(Buffer.from('OggS'), 'audio/ogg; codecs=opus');
    const headers = { authorization: 'Bearer token' };
    const told = (await (await fetch(`${apiUrl}/${id}`, { headers })).json()) as { url: string; file_size: number };
    expect(told.file_size).to.equal(4);
    expect(await (await fetch(told.url, { headers })).text()).to.equal('OggS');
    expect((await fetch(told.url)).status).to.equal(401);
    simulator.removeMedia(id);
    expect((await fetch(`${apiUrl}/${id}`, { headers })).status).to.equal(404);
  });

  it('echoes the owner and fails what is outside the window when asked to', async () => {
    await simulator.echo(guest, 'yo me ocupo');
    const { messages } = splitWebhook(app.bodies[0], phoneNumberId);
    expect(messages[0]).to.deep.include({ type: 'echo', text: 'yo me ocupo' });
    expect(messages[0]?.contact).to.deep.include({ phone: guest.phone, bsuid: guest.bsuid });
  });

  it('lets the page write and tap over HTTP, and not a foreign form', async () => {
    const url = apiUrl.replace('/v26.0', '/guest/messages');
    const body = JSON.stringify({ guest, contents: [{ text: 'hola' }] });
    const plain = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
    expect(plain.status).to.equal(415);
    const json = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(json.status).to.equal(200);
    expect(app.bodies).to.have.length(1);
    const chats = (await (await fetch(url.replace('messages', 'chats'))).json()) as unknown[];
    expect(chats).to.have.length(1);
  });
});

describe('the WhatsApp simulator', () => {
  it('keeps chats and undelivered webhooks over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posada-wa-'));
    const app = await startApp();
    const made = (): WhatsAppSimulator =>
      createWhatsAppSimulator({
        appSecret,
        phoneNumberId,
        accessToken: 'token',
        webhookUrl: app.url,
        stateFile: join(folder, 'state.json'),
        retryDelaysMs: [30],
      });
    app.answers.push(503);
    const first = made();
    await first.write(guest, { text: 'hola' });
    await first.close();
    const second = made();
    expect(second.chats()[0]?.entries[0]?.text).to.equal('hola');
    await second.webhooks.idle();
    expect(app.bodies).to.have.length(1);
    const [id] = await second.write(guest, { text: 'otra' });
    expect(id).not.to.equal(second.chats()[0]?.entries[0]?.id);
    await second.close();
    await app.close();
    await rm(folder, { recursive: true });
  });

  it('fails free-form messages outside the 24 hours by status, and lets templates pass', async () => {
    const app = await startApp();
    const simulator = createWhatsAppSimulator({
      appSecret,
      phoneNumberId,
      accessToken: 'token',
      webhookUrl: app.url,
      window: 'on',
      statuses: ['sent'],
    });
    const { url } = await simulator.listen();
    const client = createWhatsAppClient({ apiUrl: `${url}/v26.0`, accessToken: 'token', phoneNumberId });
    await client.send({ kind: 'text', body: 'x' }, { to: guest.phone }, { opaqueId: 'late' });
    const template = { kind: 'template', name: 'offer', language: 'es', bodyParameters: [] } as const;
    await client.send({ ...template, bodyParameters: [] }, { to: guest.phone }, { opaqueId: 'template' });
    while (app.bodies.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const statuses = app.bodies.flatMap((body) => splitWebhook(body, phoneNumberId).statuses);
    const byId = Object.fromEntries(statuses.map((each) => [each.opaqueId, each]));
    expect(byId['late']?.errors[0]?.code).to.equal(131047);
    expect(byId['template']?.status).to.equal('sent');
    await simulator.close();
    await app.close();
  });
});
