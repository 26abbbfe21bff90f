import { expect } from 'chai';
import { z } from 'zod';
import { routeTable } from '../../../api/app.ts';
import { loginContract } from '../../../api/v1/login.ts';
import { openApiContract, toOpenApi } from '../../../api/v1/openapi.ts';
import { routes } from '../../../api/v1/routes.ts';
import type { RouteContract } from '../../../api/v1/route.ts';
import { inDays } from '../../support/records.ts';
import { openTestDesk, type TestDesk } from './open-desk.ts';

type Json = Record<string, unknown>;
type Operation = {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean; schema: Json }[];
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
};

const contracts: RouteContract[] = [loginContract, openApiContract, ...routes];

describe('the contract of /api/v1', () => {
  let desk: TestDesk;
  let document: { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: Json } };
  before(async function () {
    this.timeout(60_000);
    desk = await openTestDesk();
    document = (await desk.call('GET', '/openapi.json')).body as unknown as typeof document;
  });
  after(() => desk.close());

  it('is OpenAPI 3.1 of the very routes that are served, under /api/v1 alone', () => {
    expect(document.openapi).to.equal('3.1.0');
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = contracts.map(({ method, path }) => `${method} /api/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(told).to.have.members(served);
    expect(new Set(served).size).to.equal(served.length);
    expect(document).to.deep.equal(JSON.parse(JSON.stringify(toOpenApi(contracts))));
  });

  it('names each operation once, declares the parameters of its path, and every reference leads somewhere', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, operation })),
    );
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).to.equal(names.length);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(
        declared.map(({ name }) => name),
        path,
      ).to.have.members(inPath);
      for (const { required } of declared) expect(required).to.equal(true);
    }
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas, name).to.have.property(name!);
    expect(JSON.stringify(document)).not.to.contain('$defs');
  });

  it('answers 401 on every route, on unknown paths and with any other token, except at the login', async () => {
    const ask = (method: string, path: string, authorization?: string) =>
      fetch(`${desk.url}/api/v1${path}`, { method, headers: authorization ? { authorization } : {} });
    for (const { method, path } of contracts) {
      const target = path.replaceAll(/:\w+/g, '1');
      const answer = await ask(method, target);
      if (path === loginContract.path) {
        expect(answer.status, target).to.equal(400);
        continue;
      }
      expect(answer.status, `${method} ${target}`).to.equal(401);
      expect(answer.headers.get('www-authenticate')).to.match(/^Bearer/);
      expect(await answer.json()).to.include({ code: 'unauthorized', status: 401 });
    }
    for (const path of ['', '/', '/nowhere', '/reservations/', '//reservations', '/auth/login/', '/openapi.json?x=1'])
      expect((await ask('GET', path)).status, path).to.equal(401);
    for (const wrong of [
      'Bearer x',
      'Bearer a.b.c',
      `Basic ${desk.token}`,
      desk.token,
      `bearer ${desk.token}x`,
      'Bearer ',
    ])
      expect((await ask('GET', '/stats', wrong)).status, wrong).to.equal(401);
    expect((await ask('GET', '/stats', `bearer ${desk.token}`)).status).to.equal(200);
    for (const path of ['/API/v1/stats', '/api/V1/stats', '/api//v1/stats', '/%61pi/v1/stats', '/api/v1'])
      expect((await fetch(`${desk.url}${path}`)).status, path).to.be.oneOf([401, 404]);
  });

  it('leaves open only what has to be: webhooks, the calendar feed, health, and metrics to whoever has their token', async () => {
    const open = [
      '/webhooks/whatsapp',
      '/webhooks/mercadopago',
      '/calendars/:token.ics',
      '/livez',
      '/readyz',
      '/healthz',
    ];
    const guarded = routeTable(desk.deps)
      .stack.map(({ path }) => String(path))
      .filter((path) => !open.includes(path));
    expect(guarded).to.deep.equal(['/metrics']);
    for (const path of [...guarded, '/queues', '/queues/api/queues'])
      expect((await fetch(`${desk.url}${path}`)).status, path).to.equal(401);
  });

  it('knows a path by its methods once you are logged in', async () => {
    expect((await desk.call('DELETE', '/reservations')).body).to.include({ code: 'method_not_allowed' });
    expect((await desk.call('GET', '/nowhere')).body).to.include({ status: 404, code: 'not_found' });
  });

  describe('keeps its word', () => {
    let code: string;
    let conversationId: string;
    before(async () => {
      const held = await desk.call('POST', '/reservations', {
        accommodationId: 1,
        checkIn: inDays(30),
        checkOut: inDays(32),
        guests: 2,
        contact: { name: 'Ana', phone: '+54 9 2945 55-0001' },
      });
      code = (held.body as { code: string }).code;
      const detail = await desk.call('GET', `/reservations/${code}`);
      conversationId = (detail.body as { conversationId: string }).conversationId;
      await desk.call('POST', `/reservations/${code}/payments`, {
        amountCents: 1_000,
        method: 'cash',
        reference: 'R-1',
      });
      await desk.call('POST', `/conversations/${conversationId}/messages`, { text: 'Hola, soy la dueña' });
      await desk.call('POST', '/feeds', {
        accommodationId: 1,
        channel: 'airbnb',
        url: 'https://www.airbnb.com/calendar/ical/1.ics',
      });
      await desk.call('POST', '/blocks', { accommodationId: 1, from: inDays(10), to: inDays(12) });
      await desk.records.database.query(
        `INSERT INTO owner_notices (type, data) VALUES ('guest_wants_person', '{"reason":"asked"}')`,
      );
    });

    const values = (): Record<string, string> => ({
      code,
      from: inDays(0),
      to: inDays(60),
      checkIn: inDays(40),
      checkOut: inDays(42),
      guests: '2',
      accommodationId: '1',
    });

    for (const { method, path, name } of contracts.filter((contract) => contract.method === 'GET'))
      it(`${method} ${path}`, async () => {
        const operation = document.paths[`/api/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`]!['get']!;
        const target = path.replaceAll(/:(\w+)/g, (_, parameter: string) =>
          parameter === 'id'
            ? path.startsWith('/conversations')
              ? conversationId
              : '1'
            : (values()[parameter] ?? '1'),
        );
        const needed = (operation.parameters ?? []).filter(
          (parameter) => parameter.in === 'query' && parameter.required,
        );
        const query = new URLSearchParams(
          Object.fromEntries(needed.map((parameter) => [parameter.name, values()[parameter.name] ?? ''])),
        );
        const answer = await desk.call('GET', needed.length > 0 ? `${target}?${query.toString()}` : target);
        expect(answer.status, `${name}: ${answer.text}`).to.equal(200);
        const type = answer.headers.get('content-type')!.split(';')[0]!;
        const told = operation.responses['200']!.content![type]!.schema;
        if (type === 'text/csv') return;
        const schema = JSON.parse(
          JSON.stringify({ ...told, $defs: document.components.schemas }).replaceAll(
            '#/components/schemas/',
            '#/$defs/',
          ),
        ) as Json;
        const parsed = z.fromJSONSchema(schema as never).safeParse(answer.body);
        expect(parsed.error?.issues, answer.text).to.equal(undefined);
        if (name !== 'listConflicts')
          expect((answer.body as { items?: unknown[] }).items?.length, name).not.to.equal(0);
      });

    it('refuses with a problem whose status the document names, whatever nonsense it gets', async () => {
      for (const { method, path } of contracts.filter((contract) => contract.path !== loginContract.path)) {
        const target = path.replaceAll(/:(\w+)/g, '999999');
        const operation = document.paths[`/api/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`]![method.toLowerCase()]!;
        const nonsense: [string, unknown][] = [
          [target, { unknown: 1 }],
          [target, []],
          [`${target}?unknown=1&from=2026-02-30`, undefined],
          [target, undefined],
        ];
        for (const [where, body] of nonsense) {
          const answer = await desk.call(method, where, method === 'GET' ? undefined : body);
          expect(Object.keys(operation.responses), `${method} ${where} ${answer.text}`).to.include(
            String(answer.status),
          );
          if (answer.status < 400) continue;
          expect(answer.headers.get('content-type')).to.equal('application/problem+json');
          expect(answer.body).to.include.keys('type', 'title', 'status', 'code', 'correlationId');
        }
      }
    });
  });
});
