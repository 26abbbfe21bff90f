import { signWhatsApp } from '#shared/integrations/whatsapp/signature.ts';
import type { Backend } from '../support/both-backends.ts';
import { loadHttp, loadHttpAtRate, type HttpLoadResult, type NextRequest } from './http-load.ts';
import { percentile, ratioRow, type BenchOptions, type Row } from './rows.ts';
import { openStage, type Stage } from './stage.ts';
import { vendorCredentials } from '../support/vendor-credentials.ts';

const connections = 64;

/** A text message as WhatsApp posts it; the id has a place for a number of its own. */
const place = '0000000000';
const template = Buffer.from(
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: {
                display_phone_number: '5492944000000',
                phone_number_id: vendorCredentials.WHATSAPP_PHONE_NUMBER_ID,
              },
              contacts: [{ profile: { name: 'Ana' }, wa_id: '5492944551234' }],
              messages: [
                {
                  from: '5492944551234',
                  id: `wamid.bench.${place}`,
                  timestamp: '1795500000',
                  type: 'text',
                  text: { body: 'hola, hay lugar?' },
                },
              ],
            },
          },
        ],
      },
    ],
  }),
);
const placeAt = template.indexOf(place);

let requests = 0;

/** Signed requests, each with a message of its own: a repeated one would be dropped by its id, and cost nothing. */
function toRequests(path: string): NextRequest {
  return () => {
    requests += 1;
    const body = Buffer.from(template);
    body.write(String(requests).padStart(place.length, '0'), placeAt);
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `X-Hub-Signature-256: ${signWhatsApp(body, vendorCredentials.WHATSAPP_APP_SECRET)}`,
    ];
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
  };
}

/**
 * The ingress (HMAC, normalising, enqueueing) against bare Koa that reads the body, and against bare Koa that also awaits one
 * `queue.add`, one after the other on the same stores, twice in turns, the better run of each counting.
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const backend of short ? (['redis'] as const) : (['redis', 'postgres'] as const)) {
    const stage = await openStage(backend);
    try {
      rows.push(...(await measure(stage, backend, short ? 1_500 : 8_000)));
    } finally {
      await stage.close();
    }
  }
  return rows;
}

async function measure(stage: Stage, backend: Backend, durationMs: number): Promise<Row[]> {
  const ingress = await stage.spawn('api/server.ts', [], /"port":(\d+)/);
  const bareBody = await stage.spawn('test/load/bare-server.ts', ['body'], /port (\d+)/);
  const bareAdd = await stage.spawn('test/load/bare-server.ts', ['add'], /port (\d+)/);
  const run = async (port: string, path: string): Promise<HttpLoadResult> => {
    // Each finds the queues empty: at 100,000 waiting jobs the ingress refuses more.
    await stage.emptyQueues();
    return loadHttp({ port: Number(port), next: toRequests(path), connections, durationMs });
  };
  const best: Record<'ingress' | 'body' | 'add', HttpLoadResult | undefined> = {
    ingress: undefined,
    body: undefined,
    add: undefined,
  };
  const keep = (kind: keyof typeof best, result: HttpLoadResult): void => {
    const isAllRight = Object.keys(result.statuses).join() === '200';
    // The bare server may stumble over its store; ours must not.
    if (kind === 'ingress' && !isAllRight) throw new Error(`the ingress answered ${JSON.stringify(result.statuses)}`);
    if (!best[kind] || result.perSecond > best[kind].perSecond) best[kind] = result;
  };
  await run(ingress.match, '/webhooks/whatsapp'); // warm
  for (let round = 0; round < 2; round++) {
    keep('add', await run(bareAdd.match, '/'));
    keep('ingress', await run(ingress.match, '/webhooks/whatsapp'));
    keep('body', await run(bareBody.match, '/'));
  }
  const paced = await loadHttpAtRate({
    port: Number(ingress.match),
    next: toRequests('/webhooks/whatsapp'),
    perSecond: 300,
    durationMs,
  });
  const pacedP99 = percentile(paced.latenciesMs, 99);
  const { ingress: ours, add, body: plain } = best;
  return [
    { name: `bare Koa, body read (${backend})`, value: plain!.perSecond, unit: 'req/s' },
    { name: `bare Koa, body read and one queue.add (${backend})`, value: add!.perSecond, unit: 'req/s' },
    ratioRow(
      `ingress (${backend})`,
      ours!.perSecond,
      'req/s',
      'bare Koa with queue.add',
      ours!.perSecond / add!.perSecond,
      { atLeast: 0.9 },
    ),
    {
      name: `ingress, acknowledgement P99 at ${connections} connections (${backend})`,
      value: percentile(ours!.latenciesMs, 99),
      unit: 'ms',
    },
    {
      name: `ingress, acknowledgement P99 at 300 webhooks/s (${backend})`,
      value: pacedP99,
      unit: 'ms',
      target: { text: '≤ 50 ms', isMet: pacedP99 <= 50 },
    },
  ];
}
