import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { startTracing, type Tracing } from '#shared/observability/tracing.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';
import { track } from '../support/track.ts';

type Span = { traceId: string; spanId: string; parentSpanId?: string; name: string };

/** The little of a collector that a test needs: what arrives by OTLP over HTTP, as JSON. */
async function startCollector() {
  const spans: Span[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url === '/v1/traces') {
        bodies.push(body);
        const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return track(
    { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, bodies, close },
    'collector',
  );
}

describeOnBothBackends('traces', function (backend) {
  this.timeout(60_000);
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let tracing: Tracing;
  let house: House;

  before(async () => {
    collector = await startCollector();
    tracing = await startTracing(collector.url, 'posada-test');
    house = await openHouse(backend, { pools: ['conversations', 'deliveries'] });
  });
  after(async () => {
    await house?.close();
    await tracing?.close();
    await collector?.close();
  });

  it('join webhook, jobs and send of one message, and keep two guests apart', async () => {
    const [ana, bruno] = [createPhone(house), createPhone(house)];
    await Promise.all([ana.say('canario: ¿tienen wifi?'), bruno.say('canario: ¿dónde queda?')]);
    await Promise.all([ana.waitFor(/./), bruno.waitFor(/./)]);
    const sends = await eventually(
      () => {
        const found = collector.spans.filter(({ name }) => name === 'whatsapp.send').map(toRoot);
        expect(found.filter((names) => names.at(-1) === 'POST /webhooks/whatsapp').length).to.be.at.least(2);
        return found;
      },
      { timeoutMs: 20_000 },
    );
    const whole = sends.filter((names) => names.at(-1) === 'POST /webhooks/whatsapp');
    for (const names of whole) {
      expect(
        names.some((name) => /process.*deliveries/.test(name)),
        names.join(' < '),
      ).to.equal(true);
      expect(
        names.some((name) => /process.*conversations/.test(name)),
        names.join(' < '),
      ).to.equal(true);
    }
    const traces = new Set(
      collector.spans.filter(({ name }) => name === 'whatsapp.send').map(({ traceId }) => traceId),
    );
    expect(traces.size).to.be.at.least(2);
  });

  it('carry neither words nor numbers of a guest', () => {
    const told = collector.bodies.join('\n');
    expect(told).to.contain('posada-test');
    for (const secret of ['canario', '549294455', 'graph-token', 'wamid']) expect(told).to.not.contain(secret);
  });

  /** Names from a span up to its root; a parent that has not arrived (yet) ends it. */
  function toRoot(span: Span): string[] {
    const names: string[] = [];
    for (let at: Span | undefined = span; at; at = collector.spans.find(({ spanId }) => spanId === at?.parentSpanId))
      names.push(at.name);
    return names;
  }
});

describe('traces without a collector', () => {
  it('cost nothing and leave no mark on a job', async () => {
    const tracing = await startTracing(undefined, 'posada-test');
    const house = await openHouse('postgres', { pools: [] });
    await createPhone(house).say('hola');
    const [row]: { opts: string }[] = await house.database.query(
      `SELECT opts::text AS opts FROM bullmq.job WHERE name = 'reply-to-message'`,
    );
    expect(row!.opts).to.not.contain('telemetry');
    await house.close();
    await tracing.close();
  });
});
