import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { createAccess, type Access } from '../../../api/auth/access.ts';
import { createOperators } from '../../../api/auth/operators.ts';
import { createSharedTries } from '../../../api/auth/shared-tries.ts';
import { testOperator } from '../../support/operator.ts';
import { openTestDesk, type TestDesk } from './open-desk.ts';

describe('limits of the API', () => {
  let desk: TestDesk;
  beforeEach(async function () {
    this.timeout(60_000);
    desk = await openTestDesk({
      env: { TRUSTED_PROXIES: '127.0.0.2' },
      patience: { headersMs: 500, requestMs: 1_000, checkMs: 100 },
    });
  });
  afterEach(() => desk.close());

  const logIn = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${desk.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('logs in by e-mail and password, and tells nothing more about who exists', async () => {
    const { email, password } = testOperator;
    const good = await logIn({ email: email.toUpperCase(), password });
    expect(good.status).to.equal(200);
    const { token, expiresAt } = (await good.json()) as { token: string; expiresAt: string };
    expect(token.split('.')).to.have.length(3);
    expect(Date.parse(expiresAt) - Date.now()).to.be.within(59 * 60_000, 61 * 60_000);
    const wrong = await logIn({ email, password: 'x' });
    const nobody = await logIn({ email: 'nobody@example.com', password: 'x' });
    expect([wrong.status, nobody.status]).to.deep.equal([401, 401]);
    const told = async (answer: Response) => ({ ...((await answer.json()) as object), correlationId: '' });
    expect(await told(wrong)).to.deep.equal(await told(nobody));
    for (const body of [{}, { email }, { email, password: 7 }, { email: [email], password }, []])
      expect((await logIn(body)).status, JSON.stringify(body)).to.equal(400);
  });

  it('limits tries to log in whatever address they claim to come from', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 15; i += 1)
      statuses.push(
        (await logIn({ email: `nobody${i}@example.com`, password: 'x' }, { 'x-forwarded-for': `203.0.113.${i}` }))
          .status,
      );
    expect(statuses.filter((status) => status === 401)).to.have.length(10);
    const refused = await logIn({ email: testOperator.email, password: testOperator.password });
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 900);
    expect(await refused.json()).to.include({ code: 'too_many_attempts' });
  });

  it('counts tries together with the other API processes and over restarts, by digests alone', async () => {
    const process = () =>
      createAccess(
        desk.env,
        createOperators(desk.env),
        createSharedTries(desk.env.jwtSecret, () => desk.records.database),
      );
    const { email, password } = testOperator;
    const tryIn = (access: Access, address: string, given = 'x') =>
      access.login({ email, password: given }, address, 'api').then(
        (opened) => (opened ? 200 : 401),
        (error: { status?: number }) => error.status,
      );
    const [one, two, three] = [process(), process(), process()];
    for (let i = 0; i < 9; i += 1) expect(await tryIn(i % 2 ? one : two, `203.0.113.${i}`)).to.equal(401);
    expect(await tryIn(one, '203.0.113.20', password)).to.equal(200); // forgives what two counted as well
    const outcomes = (
      await Promise.all(
        [one, two, three].map((each, i) => Promise.all([1, 2, 3, 4, 5].map((n) => tryIn(each, `198.51.100.${i}${n}`)))),
      )
    ).flat();
    expect(outcomes.filter((status) => status === 401)).to.have.length(10);
    expect(outcomes.filter((status) => status === 429)).to.have.length(5);
    expect(await tryIn(process(), '203.0.113.30', password)).to.equal(429);
    const kept = JSON.stringify(await desk.records.database.query('SELECT * FROM login_attempts'));
    expect(kept).not.to.match(/ana@|198\.51|203\.0/);
  });

  it('logs in, and still limits, while the database is away', async () => {
    const away = createAccess(
      desk.env,
      createOperators(desk.env),
      createSharedTries(desk.env.jwtSecret, () => undefined),
    );
    const given = { email: testOperator.email, password: testOperator.password };
    expect(await away.login(given, '203.0.113.1', 'api')).to.have.property('token');
    for (let i = 0; i < 10; i += 1)
      expect(await away.login({ ...given, password: 'x' }, `203.0.113.${i}`, 'api')).to.equal(undefined);
    const refusal = await away.login(given, '203.0.113.1', 'api').catch((error: unknown) => error);
    expect(refusal).to.include({ status: 429 });
  });

  it('answers 300 requests of an address in a minute, then 429, whatever address the caller claims', async () => {
    const ask = (i: number) =>
      fetch(`${desk.url}/api/v1/nowhere`, { headers: { 'x-forwarded-for': `203.0.113.${i % 250}` } });
    const statuses: number[] = [];
    for (let batch = 0; batch < 20; batch += 1)
      statuses.push(
        ...(await Promise.all(Array.from({ length: 20 }, (_, i) => ask(batch * 20 + i)))).map(({ status }) => status),
      );
    const first = statuses.indexOf(429);
    expect(first).to.be.at.least(299); // one was the login
    const refused = await ask(0);
    if (refused.status === 429) expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
    expect((await fetch(`${desk.url}/livez`)).status).to.equal(200);
  });

  for (const [what, part] of [
    ['headers', 'GET /api/v1/stats HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'body',
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
    ],
  ] as const)
    it(`does not wait for ever for a caller that never ends its ${what}`, async () => {
      const socket = connect(Number(new URL(desk.url).port), '127.0.0.1');
      await once(socket, 'connect');
      let said = '';
      socket.on('data', (data) => (said += data.toString()));
      socket.write(part);
      await once(socket, 'close');
      expect(said).to.match(/^HTTP\/1\.1 4(08|00)/);
    });
});
