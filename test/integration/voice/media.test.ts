import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createMediaClient, MediaError, type MediaClient } from '#shared/integrations/whatsapp/media.ts';
import { createWhatsAppSimulator, type WhatsAppSimulator } from '#shared/integrations/whatsapp/simulator.ts';
import { makeTestFolder } from '../../support/services.ts';
import { track } from '../../support/track.ts';

describe("a guest's file from WhatsApp", () => {
  let whatsapp: WhatsAppSimulator;
  let client: MediaClient;
  let apiUrl: string;
  let path: string;
  const bytes = randomBytes(50_000);
  const maxBytes = 60_000;

  before(async () => {
    whatsapp = track(createWhatsAppSimulator({ appSecret: 's', phoneNumberId: '1', accessToken: 'token' }), 'whatsapp');
    apiUrl = `${(await whatsapp.listen()).url}/v26.0`;
    path = join(await makeTestFolder('media'), 'note');
    client = createMediaClient({ apiUrl, accessToken: 'token', timeoutMs: 500, askAgainAfterMs: 20 });
  });
  after(() => whatsapp.close());

  const add = (content = bytes): string => whatsapp.addMedia(content, 'audio/ogg; codecs=opus');
  async function failure(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => (error instanceof MediaError ? error.kind : error),
    );
  }
  const isBytes = ({ path: asked }: { path: string }): boolean => asked.includes('/media/');

  it('is written to disk, with its size, hash and type', async () => {
    const media = await client.download(add(), path, { maxBytes });
    expect(media).to.deep.equal({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      mimeType: 'audio/ogg; codecs=opus',
    });
    expect(await readFile(path)).to.deep.equal(bytes);
  });

  it('may be empty', async () => {
    expect(await client.download(add(Buffer.alloc(0)), path, { maxBytes })).to.include({ bytes: 0 });
  });

  for (const status of [404, 410])
    it(`is asked for anew when its address answers ${status} once, and is gone the second time`, async () => {
      const id = add();
      whatsapp.failNext(1, { kind: 'status', status }, isBytes);
      expect((await client.download(id, path, { maxBytes })).bytes).to.equal(bytes.length);
      whatsapp.failNext(2, { kind: 'status', status }, isBytes);
      expect(await failure(client.download(id, path, { maxBytes }))).to.equal('gone');
    });

  it('is gone when nobody knows the id', async () => {
    expect(await failure(client.download('unknown', path, { maxBytes }))).to.equal('gone');
  });

  it('is too large by what is told, by the header and by what comes', async () => {
    const id = add(randomBytes(maxBytes + 1));
    expect(await failure(client.download(id, path, { maxBytes }))).to.equal('too_large');
    for (const isTold of [true, false]) {
      const server = await serve((host) => ({ url: `http://${host}/file` }), randomBytes(maxBytes + 1), isTold);
      const liar = createMediaClient({ apiUrl: server.url, accessToken: 'token' });
      expect(await failure(liar.download('1', path, { maxBytes }))).to.equal('too_large');
      await server.close();
    }
  });

  it('comes later when WhatsApp has trouble', async () => {
    const id = add();
    for (const fault of [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 502, html: true },
      { kind: 'reset' },
      { kind: 'silence' },
    ] as const) {
      whatsapp.failNext(1, fault);
      expect(await failure(client.download(id, path, { maxBytes })), JSON.stringify(fault)).to.equal('temporary');
    }
    whatsapp.failNext(1, { kind: 'status', status: 429, retryAfterS: 3 });
    const error = await client.download(id, path, { maxBytes }).catch((reason: unknown) => reason);
    expect(error).to.include({ kind: 'rate_limited', retryAfterMs: 3_000 });
  });

  it('is not had with a wrong token, and says nothing of it', async () => {
    const wrong = createMediaClient({ apiUrl, accessToken: 'SECRET' });
    const error = (await wrong.download(add(), path, { maxBytes }).catch((reason: unknown) => reason)) as MediaError;
    expect(error.kind).to.equal('auth');
    expect(`${error.message} ${error.stack}`).not.to.include('SECRET').and.not.to.include('http');
  });

  it('is fetched from WhatsApp only, and the token goes nowhere else', async () => {
    const asked: string[] = [];
    const elsewhere = track(
      createServer((request, response) => {
        asked.push(request.headers.authorization ?? 'no token');
        response.end('stolen');
      }),
      'elsewhere',
    );
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const other = `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    for (const url of [
      `http://${other}/file`,
      'https://evil.example/file',
      'http://lookaside.fbsbx.com/file',
      'https://fbsbx.com.evil.example/file',
      'https://lookaside.fbsbx.com:8443/file',
      'https://user@lookaside.fbsbx.com/file',
      'file:///etc/passwd',
    ]) {
      const server = await serve(() => ({ url }), bytes);
      const fooled = createMediaClient({ apiUrl: server.url, accessToken: 'token' });
      expect(await failure(fooled.download('1', path, { maxBytes })), url).to.equal('refused');
      await server.close();
    }
    const redirecting = await serve((host) => ({ url: `http://${host}/redirect?to=http://${other}/file` }), bytes);
    const fooled = createMediaClient({ apiUrl: redirecting.url, accessToken: 'token' });
    expect(await failure(fooled.download('1', path, { maxBytes }))).to.equal('refused');
    await redirecting.close();
    expect(asked).to.deep.equal([]);
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  it('follows a redirect on the same host, not for ever', async () => {
    const server = await serve((host) => ({ url: `http://${host}/redirect?to=/file` }), bytes);
    const client = createMediaClient({ apiUrl: server.url, accessToken: 'token' });
    expect((await client.download('1', path, { maxBytes })).bytes).to.equal(bytes.length);
    await server.close();
    const endless = await serve((host) => ({ url: `http://${host}/redirect?to=/redirect` }), bytes);
    const lost = createMediaClient({ apiUrl: endless.url, accessToken: 'token' });
    expect(await failure(lost.download('1', path, { maxBytes }))).to.equal('refused');
    await endless.close();
  });

  it('takes its id as a name and nothing more', async () => {
    expect(await failure(client.download('../100/messages?x=', path, { maxBytes }))).to.equal('gone');
  });

  it('ends with its signal', async () => {
    whatsapp.failNext(1, { kind: 'silence' });
    const abort = new AbortController();
    const work = failure(client.download(add(), path, { maxBytes, signal: abort.signal }));
    abort.abort(new Error('enough'));
    expect(await work).to.include({ message: 'enough' });
  });
});

/** A Graph of the test's own: any id has this answer, `/file` these bytes, `/redirect?to=` leads on. */
async function serve(
  answer: (host: string) => object,
  file: Buffer,
  isSizeTold = true,
): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://test');
    if (url.pathname === '/redirect') {
      response.writeHead(302, { location: url.searchParams.get('to') ?? '/redirect' }).end();
    } else if (url.pathname === '/file') {
      response.writeHead(200, isSizeTold ? { 'content-length': file.length } : {});
      response.end(file);
    } else response.end(JSON.stringify(answer(request.headers.host ?? '')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
