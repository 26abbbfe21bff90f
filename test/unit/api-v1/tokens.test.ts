import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { createAccess, tokenMinutes } from '../../../api/auth/access.ts';
import { createOperators } from '../../../api/auth/operators.ts';
import { readToken, signToken, type TokenClaims } from '../../../api/auth/tokens.ts';
import { HttpProblem } from '../../../api/problem.ts';

const secret = 'a secret of at least thirty-two bytes';
const nowMs = Date.parse('2026-11-24T12:00:00Z');
const nowS = nowMs / 1_000;
const good: TokenClaims = { sub: 'ana@example.com', aud: 'api', iat: nowS, exp: nowS + 60, stamp: 'x' };

describe('readToken', () => {
  const read = (token: string) => readToken(secret, token, 'api', nowMs);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const forge = (head: object, claims: object, key = secret) => {
    const signed = `${encode(head)}.${encode(claims)}`;
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
  };

  it('reads what signToken wrote, and what any other HS256 writer would', () => {
    expect(read(signToken(secret, good))).to.deep.equal(good);
    expect(read(forge({ typ: 'JWT', alg: 'HS256' }, good))).to.deep.equal(good);
  });

  const [head, body, signature] = signToken(secret, good).split('.') as [string, string, string];
  const none = encode({ alg: 'none', typ: 'JWT' });
  const refused: [string, string][] = [
    ['no algorithm, no signature', `${none}.${body}.`],
    ['no algorithm, our signature', `${none}.${body}.${signature}`],
    ['no algorithm, signed over', forge({ alg: 'none', typ: 'JWT' }, good)],
    ['another algorithm', forge({ alg: 'HS512', typ: 'JWT' }, good)],
    ['an algorithm in other letters', forge({ alg: 'hs256', typ: 'JWT' }, good)],
    ['a public-key algorithm', forge({ alg: 'RS256', typ: 'JWT' }, good)],
    ['a critical extension', forge({ alg: 'HS256', typ: 'JWT', crit: ['exp'] }, good)],
    ['a key of its own', forge({ alg: 'HS256', typ: 'JWT', jwk: { k: 'x' } }, good)],
    ['another secret', forge({ alg: 'HS256', typ: 'JWT' }, good, 'another')],
    ['an empty secret', forge({ alg: 'HS256', typ: 'JWT' }, good, '')],
    ['changed claims', `${head}.${encode({ ...good, sub: 'eva@example.com' })}.${signature}`],
    ['a cut signature', `${head}.${body}.${signature.slice(0, -1)}`],
    ['the end come', signToken(secret, { ...good, exp: nowS })],
    ['the start in the future', signToken(secret, { ...good, iat: nowS + 3_600, exp: nowS + 7_200 })],
    ['another audience', signToken(secret, { ...good, aud: 'console' })],
    ['no end', forge({ alg: 'HS256', typ: 'JWT' }, { ...good, exp: undefined })],
    ['an end that is no number', forge({ alg: 'HS256', typ: 'JWT' }, { ...good, exp: '9999999999' })],
    ['no JSON', `${head}.${Buffer.from('x').toString('base64url')}.${signature}`],
    ['nothing', ''],
    ['two parts', `${head}.${body}`],
    ['a very long text', `${head}.${'A'.repeat(3_000)}.${signature}`],
  ];
  for (const [what, token] of refused)
    it(`refuses ${what}`, () => {
      expect(read(token)).to.equal(undefined);
    });

  it('never signs with an empty secret', () => {
    expect(() => signToken('', good)).to.throw('JWT_SECRET');
  });
});

describe('createAccess', () => {
  const env = { jwtSecret: secret, trustedProxies: [] };
  let made = { email: '', password: '' };
  const operators = () =>
    createOperators(
      { adminUsers: [], operatorUsers: [], isProduction: false },
      (email, password) => (made = { email, password }),
    );

  it('gives a short token for a right pair, to be used at one door only', async () => {
    const access = createAccess(env, operators());
    const session = await access.login(made, '203.0.113.9', 'api');
    expect(session?.operator).to.deep.equal({ email: made.email, isAdmin: true });
    const minutes = ((session?.expiresAt.getTime() ?? 0) - Date.now()) / 60_000;
    expect(minutes).to.be.within(tokenMinutes - 1, tokenMinutes);
    expect(access.identify(session?.token ?? '', 'api')).to.deep.equal({ email: made.email, isAdmin: true });
    expect(access.identify(session?.token ?? '', 'console')).to.equal(undefined);
  });

  it('no longer knows a token once the password has changed or the operator is gone', async () => {
    const session = await createAccess(env, operators()).login(made, 'a', 'api');
    expect(createAccess(env, operators()).identify(session?.token ?? '', 'api')).to.equal(undefined);
    expect(createAccess(env, undefined).identify(session?.token ?? '', 'api')).to.equal(undefined);
  });

  it('limits the tries of an account from any address, and of an address on any account', async () => {
    const access = createAccess(env, operators());
    const fails = (email: string, address: string) => access.login({ email, password: 'x' }, address, 'api');
    for (let i = 0; i < 10; i += 1) expect(await fails(made.email.toUpperCase(), `address ${i}`)).to.equal(undefined);
    const refusal = await access.login(made, 'address 11', 'api').catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(HttpProblem).and.to.include({ status: 429, code: 'too_many_attempts' });
    for (let i = 0; i < 10; i += 1) expect(await fails(`nobody${i}@example.com`, 'one address')).to.equal(undefined);
    const second = await fails('another@example.com', 'one address').catch((error: unknown) => error);
    expect(second).to.be.instanceOf(HttpProblem).and.to.include({ status: 429 });
  });

  it('lets a thousand tries at once through no more than one by one', async () => {
    const access = createAccess(env, operators());
    const tries = Array.from({ length: 100 }, (_, i) =>
      access.login({ email: made.email, password: `${i}` }, `${i}`, 'api'),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(10);
  });
});
