import { expect } from 'chai';
import { openHouse, type House } from '../../support/house.ts';
import { testOperator } from '../../support/operator.ts';
import { createLive } from '../../../api/console/live.ts';
import { routes } from '../../../api/console/routes.ts';

type Cookies = Record<string, string>;

const operator = { email: testOperator.email, password: testOperator.password };

describe('the doors of the console', function () {
  this.timeout(30_000);
  let house: House;

  before(async () => {
    house = await openHouse('postgres', { pools: [] });
  });
  after(() => house?.close());

  async function ask(
    path: string,
    cookies: Cookies = {},
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const cookie = Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    return fetch(`${house.url}${path}`, { redirect: 'manual', ...init, headers: { cookie, ...init.headers } });
  }
  const post = (
    path: string,
    cookies: Cookies,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> => ask(path, cookies, { method: 'POST', body: new URLSearchParams(fields), headers });
  const setCookies = (response: Response): Cookies =>
    Object.fromEntries(
      response.headers.getSetCookie().map((line) => line.split(';')[0]!.split('=', 2) as [string, string]),
    );
  const tokenOf = async (response: Response): Promise<string> =>
    /name="token" value="([\w-]+)"/.exec(await response.text())![1]!;

  async function logIn(
    given = operator,
    extra: Record<string, string> = {},
  ): Promise<{ response: Response; cookies: Cookies }> {
    const form = await ask('/console/entrar');
    const visitor = setCookies(form);
    const response = await post('/console/entrar', visitor, { ...given, ...extra, token: await tokenOf(form) });
    return { response, cookies: setCookies(response) };
  }

  it('shows nothing but the login without a session: 401 on every page and form', async () => {
    const all = [
      ...routes(createLive()),
      { method: 'POST' as const, path: '/salir' },
      { method: 'GET' as const, path: '/no/such' },
    ];
    expect(all.length).to.be.greaterThan(35);
    for (const { method, path } of all) {
      const at = `/console${path.replaceAll(/:\w+/g, '1')}`;
      const answer = await ask(at, {}, { method });
      expect(answer.status, `${method} ${at}`).to.equal(401);
      expect(await answer.text(), at).to.contain('Contraseña');
    }
    expect((await ask('/console/public/console.css')).status).to.equal(200);
    for (const file of ['..%2fconsole.ts', 'nothing.css', 'console.css.map'])
      expect((await ask(`/console/public/${file}`)).status).to.equal(404);
  });

  it('gives a short, signed cookie that scripts and other sites never see', async () => {
    const { response, cookies } = await logIn();
    expect(response.status).to.equal(303);
    expect(response.headers.get('location')).to.equal('/console');
    const line = response.headers.getSetCookie().find((each) => each.startsWith('posada_session='))!;
    expect(line).to.match(/; Path=\/; Max-Age=3600; HttpOnly; SameSite=Strict$/);
    const page = await ask('/console', cookies);
    expect(page.status).to.equal(200);
    expect(page.headers.get('content-security-policy')).to.equal(
      "default-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(page.headers.get('cache-control')).to.equal('no-store');
    const markup = await page.text();
    expect(markup).to.not.match(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
    const session = cookies['posada_session']!;
    for (const forged of [
      session.slice(0, -2),
      `${session}x`,
      '',
      'a.b.c',
      session.replace(/^[^.]+/, Buffer.from('{"alg":"none"}').toString('base64url')),
    ])
      expect((await ask('/console', { posada_session: forged })).status, forged).to.equal(401);
  });

  it('takes no token of the API for a session, nor the other way round', async () => {
    const login = await fetch(`${house.url}/api/v1/auth/login`, {
      method: 'POST',
      body: JSON.stringify(operator),
      headers: { 'content-type': 'application/json' },
    });
    const { token } = (await login.json()) as { token: string };
    expect((await ask('/console', { posada_session: token })).status).to.equal(401);
    const { cookies } = await logIn();
    const asApi = await ask('/api/v1/stats', {}, { headers: { authorization: `Bearer ${cookies['posada_session']}` } });
    expect(asApi.status).to.equal(401);
  });

  it('leads back to where one wanted to go, and nowhere else', async () => {
    for (const [back, to] of [
      ['/console/reservas?estado=held', '/console/reservas?estado=held'],
      ['/queues', '/queues'],
      ['https://elsewhere.example/', '/console'],
      ['//elsewhere.example', '/console'],
      ['/console\\..\\..', '/console'],
      ['/console/entrar', '/console'],
    ] as const) {
      const { response } = await logIn(operator, { volver: back });
      expect(response.headers.get('location'), back).to.equal(to);
    }
  });

  it('refuses a form without its token, of another session, or of another site', async () => {
    const { cookies } = await logIn();
    const token = await tokenOf(await ask('/console/bloqueos', cookies));
    const block = { unit: '1', from: '2027-01-01', to: '2027-01-02', reason: '' };
    expect((await post('/console/bloqueos', cookies, block)).status).to.equal(403);
    expect((await post('/console/bloqueos', cookies, { ...block, token: 'x' })).status).to.equal(403);
    const login = await ask('/console/entrar');
    expect((await post('/console/bloqueos', cookies, { ...block, token: await tokenOf(login) })).status).to.equal(403);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
    ] as Record<string, string>[])
      expect((await post('/console/bloqueos', cookies, { ...block, token }, headers)).status).to.equal(403);
    const json = await ask('/console/bloqueos', cookies, {
      method: 'POST',
      body: JSON.stringify({ ...block, token }),
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).to.equal(403);
    const good = await post(
      '/console/bloqueos',
      cookies,
      { ...block, token },
      { 'sec-fetch-site': 'same-origin', origin: house.url },
    );
    expect(good.status).to.equal(303);
    const [{ count }]: [{ count: number }] = await house.database.query('SELECT count(*)::int AS count FROM blocks');
    expect(count).to.equal(1);
  });

  it('asks a visitor’s own form at the login, too', async () => {
    const form = await ask('/console/entrar');
    const token = await tokenOf(form);
    expect((await post('/console/entrar', {}, { ...operator, token })).status).to.equal(403);
    expect((await post('/console/entrar', setCookies(form), { ...operator, token: 'x' })).status).to.equal(403);
    expect(
      (await post('/console/entrar', setCookies(form), { ...operator, token }, { 'sec-fetch-site': 'cross-site' }))
        .status,
    ).to.equal(403);
  });

  it('ends a session on request', async () => {
    const { cookies } = await logIn();
    const token = await tokenOf(await ask('/console', cookies));
    const left = await post('/console/salir', cookies, { token });
    expect(left.headers.get('location')).to.equal('/console/entrar');
    expect(left.headers.getSetCookie()[0]).to.match(/^posada_session=; Path=\/; Max-Age=0/);
  });

  it('opens the board with the console’s session and asks people to log in there', async () => {
    const stranger = await ask('/queues', {}, { headers: { accept: 'text/html' } });
    expect(stranger.status).to.equal(401);
    expect(stranger.headers.get('www-authenticate')).to.equal(null);
    expect(await stranger.text()).to.contain('value="/queues"');
    expect((await ask('/queues/api/queues')).headers.get('www-authenticate')).to.match(/^Basic/);
    const { cookies } = await logIn();
    const board = await ask('/queues', cookies, { headers: { accept: 'text/html' } });
    expect(board.status).to.equal(200);
    expect(await board.text()).to.contain('Posada');
    expect((await ask('/queues/api/queues', cookies)).status).to.equal(200);
    const clean = (headers: Record<string, string>) =>
      ask('/queues/api/queues/payments/clean/failed', cookies, { method: 'PUT', headers });
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { origin: 'https://elsewhere.example' }])
      expect((await clean(headers)).status, JSON.stringify(headers)).to.equal(403);
    expect((await clean({ 'sec-fetch-site': 'same-origin' })).status).to.equal(204);
  });

  it('limits the tries, together with the other doors', async () => {
    const wrong = { email: 'otra@example.com', password: 'nope' };
    for (let tries = 0; tries < 10; tries += 1) {
      const { response } = await logIn(wrong);
      expect(response.status).to.equal(401);
      expect(await response.text()).to.contain('no son correctos');
    }
    const { response } = await logIn(wrong);
    expect(response.status).to.equal(429);
    expect(Number(response.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(await response.text())
      .to.contain('Demasiados intentos')
      .and.not.contain('nope');
  });

  it('does not exist where nobody may log in', async () => {
    const closed = await openHouse('postgres', { pools: [], variables: productionVariables });
    try {
      for (const path of ['/console', '/console/entrar', '/console/public/console.css', '/queues'])
        expect((await fetch(`${closed.url}${path}`, { headers: { accept: 'text/html' } })).status, path).to.equal(404);
    } finally {
      await closed.close();
    }
  });
});

/** What production insists on, without ADMIN_USERS. */
const productionVariables = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'silent',
  ADMIN_USERS: '',
  ICAL_TOKEN_SECRET: 'a-calendar-secret-of-some-length',
  JWT_SECRET: 'a-session-key-of-some-length-too',
  DATA_ENCRYPTION_KEY: 'an-encryption-key-of-some-length',
};
