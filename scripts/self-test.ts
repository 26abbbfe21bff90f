import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parseArgs } from 'node:util';
import { exitOnBadEnv } from '#shared/config/env.ts';
import type { Env } from '#shared/config/env.ts';
import { signMercadoPago } from '#shared/integrations/mercadopago/signature.ts';
import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';

// `node scripts/self-test.ts [--address 127.0.0.1 --http-port 80 --https-port 443]`: does the world find at PUBLIC_URL what the
// vendors and guests need? Asks by the public name over TLS as they do; signed as they sign, but with nothing to be done.
// --address goes to this machine instead of where the name points. Exit 1 when something is not as it should be.

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
type Asking = { path: string; method?: string; headers?: Record<string, string>; body?: string; plain?: boolean };
type Ask = (asking: Asking) => Promise<Answer>;
type Place = { address: string | undefined; httpPort: number; httpsPort: number };

const answerWithinMs = 10_000;

/** What is asked, and what is wrong with the answer ('' = nothing). */
type Check = { name: string; run: (ask: Ask, env: Env) => Promise<string> };

const checks: Check[] = [
  {
    name: 'ready: database, queues and schema answer',
    run: async (ask) => expectStatus(await ask({ path: '/readyz' }), 200),
  },
  {
    name: 'WhatsApp handshake with the right token',
    run: async (ask, env) => {
      const answer = await ask({ path: handshake(env.whatsapp.verifyToken) });
      return expectStatus(answer, 200) || (answer.body === '1158201444' ? '' : 'the challenge did not come back');
    },
  },
  {
    name: 'WhatsApp handshake with a wrong token is refused',
    run: async (ask) => expectStatus(await ask({ path: handshake('wrong') }), 403),
  },
  {
    name: 'a signed WhatsApp webhook is taken',
    run: async (ask, env) => expectStatus(await ask(whatsapp(env.whatsapp.appSecrets[0] ?? '')), 200),
  },
  {
    name: 'a forged WhatsApp webhook is refused',
    run: async (ask) => expectStatus(await ask(whatsapp('forged')), 403),
  },
  {
    name: 'a signed Mercado Pago notice is taken',
    run: async (ask, env) => expectStatus(await ask(mercadopago(env.mercadopago.webhookSecret)), 200),
  },
  {
    name: 'a forged Mercado Pago notice is refused',
    run: async (ask) => expectStatus(await ask(mercadopago('forged')), 403),
  },
  { name: 'the headers of a safe page', run: async (ask) => missingHeaders(await ask({ path: '/livez' })) },
  {
    name: 'figures and queues are not public',
    run: async (ask) =>
      expectStatus(await ask({ path: '/metrics' }), 404) || expectStatus(await ask({ path: '/queues' }), 404),
  },
  {
    name: 'plain HTTP leads to HTTPS',
    run: async (ask, env) => {
      const answer = await ask({ path: '/', plain: true });
      return expectStatus(answer, 301) || (answer.headers.location === `${env.publicUrl}/` ? '' : 'but elsewhere');
    },
  },
];

const { values } = parseArgs({
  options: { address: { type: 'string' }, 'http-port': { type: 'string' }, 'https-port': { type: 'string' } },
});
process.exitCode = await main(exitOnBadEnv(), {
  address: values.address,
  httpPort: Number(values['http-port'] ?? 80),
  httpsPort: Number(values['https-port'] ?? 443),
});

async function main(env: Env, place: Place): Promise<number> {
  const ask = asker(new URL(env.publicUrl), place);
  let failures = 0;
  for (const { name, run } of checks) {
    const problem = await run(ask, env).catch((error: unknown) => plainly(error));
    console.log(problem === '' ? `ok      ${name}` : `FAILED  ${name}: ${problem}`);
    if (problem !== '') failures += 1;
  }
  return failures === 0 ? 0 : 1;
}

function asker({ hostname }: URL, { address, httpPort, httpsPort }: Place): Ask {
  return ({ path, method = 'GET', headers = {}, body, plain = false }) => {
    const options: RequestOptions & { servername: string } = {
      host: address ?? hostname,
      servername: hostname,
      port: plain ? httpPort : httpsPort,
      path,
      method,
      timeout: answerWithinMs,
      agent: false,
      headers: {
        host: hostname,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    };
    return new Promise((done, fail) => {
      const request = (plain ? httpRequest : httpsRequest)(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', fail);
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${answerWithinMs / 1_000} s`)));
      request.on('error', fail);
      request.end(body);
    });
  };
}

function expectStatus({ status }: Answer, expected: number): string {
  return status === expected ? '' : `${status} instead of ${expected}`;
}

function missingHeaders({ headers }: Answer): string {
  const wanted = ['strict-transport-security', 'x-content-type-options', 'x-frame-options', 'referrer-policy'];
  const missing = wanted.filter((name) => headers[name] === undefined);
  return missing.length === 0 ? '' : `missing ${missing.join(', ')}`;
}

function handshake(token: string): string {
  const query = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': token };
  return `/webhooks/whatsapp?${new URLSearchParams(query).toString()}`;
}

/** Signed and true, about nothing. */
function whatsapp(secret: string): Asking {
  const body = '{"object":"whatsapp_business_account","entry":[]}';
  const headers = {
    'content-type': 'application/json',
    'x-hub-signature-256': signWhatsApp(Buffer.from(body), secret),
  };
  return { method: 'POST', path: '/webhooks/whatsapp', headers, body };
}

/** A topic that Posada takes note of and does nothing about. */
function mercadopago(secret: string): Asking {
  const xSignature = signMercadoPago({
    secret,
    dataId: '1',
    xRequestId: 'self-test',
    ts: Math.floor(Date.now() / 1_000),
  });
  const headers = { 'content-type': 'application/json', 'x-signature': xSignature, 'x-request-id': 'self-test' };
  return { method: 'POST', path: '/webhooks/mercadopago?data.id=1&type=self-test', headers, body: '{}' };
}

/** Errors of sockets and certificates by their code; no address, no secret. */
function plainly(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? 'failed';
}
