import { expect } from 'chai';
import { hashPassword } from '#shared/config/passwords.ts';
import { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import { QueueUnavailable } from '#shared/queues/enqueue.ts';
import { createAttempts } from '../../../api/auth/attempts.ts';
import { createOperators } from '../../../api/auth/operators.ts';
import { HttpProblem, toProblem } from '../../../api/problem.ts';

describe('toProblem', () => {
  const rows: [string, unknown, number, string][] = [
    ['a problem as it is', new HttpProblem(418, 'teapot'), 418, 'teapot'],
    ['wrong dates', new DomainError('invalid_dates'), 422, 'invalid_dates'],
    ['taken nights', new DomainError('stay_unavailable'), 409, 'stay_unavailable'],
    ['what is not there', new DomainError('reservation_not_found'), 404, 'reservation_not_found'],
    ['a wrong request', z.string().safeParse(7).error, 400, 'invalid_request'],
    ['a queue that is away', new QueueUnavailable(), 503, 'queue_unavailable'],
    ['a database that is away', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 503, 'database_unavailable'],
    ['a bad percent-encoding', new URIError('x'), 400, 'bad_request'],
    ['a client error of Koa', Object.assign(new Error('x'), { status: 413, expose: true }), 413, 'payload_too_large'],
    ['what nobody foresaw', new Error('canario'), 500, 'internal_error'],
    ['a thrown text', 'canario', 500, 'internal_error'],
  ];
  for (const [what, error, status, code] of rows)
    it(`${status} ${code}: ${what}`, () => {
      const problem = toProblem(error);
      expect(problem).to.include({ status, code });
      expect(JSON.stringify(problem)).not.to.contain('canario');
    });

  it('says of a wrong request where, not what', () => {
    const { error } = z.object({ email: z.email() }).safeParse({ email: 'canario' });
    expect(JSON.stringify(toProblem(error).members))
      .to.contain('email')
      .and.not.to.contain('canario');
  });
});

describe('login attempts', () => {
  it('are limited per key within the window, and forgiven by success', async () => {
    let now = 0;
    const attempts = createAttempts({ limit: 2, windowMs: 1_000, now: () => now });
    const isRefused = async (keys: string[]): Promise<boolean> => {
      const error = await attempts.take(keys).catch((refusal: unknown) => refusal);
      if (error !== undefined) expect(error).to.be.instanceOf(HttpProblem).and.to.include({ status: 429 });
      return error !== undefined;
    };
    for (const keys of [
      ['a', 'ip'],
      ['b', 'ip'],
    ])
      expect(await isRefused(keys)).to.equal(false);
    expect(await isRefused(['c', 'ip'])).to.equal(true);
    expect(await isRefused(['a'])).to.equal(false);
    await attempts.forgive(['ip']);
    expect(await isRefused(['c', 'ip'])).to.equal(false);
    expect(await isRefused(['a'])).to.equal(true);
    now = 1_001;
    expect(await isRefused(['a'])).to.equal(false);
  });
});

describe('createOperators', () => {
  it('makes one up outside production, tells its password, none in production', async () => {
    const told: string[] = [];
    const operators = createOperators({ adminUsers: [], operatorUsers: [], isProduction: false }, (...made) =>
      told.push(...made),
    );
    const [email = '', password = ''] = told;
    expect(await operators?.authenticate(email, password)).to.deep.equal({ email, isAdmin: true });
    expect(await operators?.authenticate(email, `${password}x`)).to.equal(undefined);
    expect(createOperators({ adminUsers: [], operatorUsers: [], isProduction: true })).to.equal(undefined);
  });

  it('takes as long for an account that nobody has as for a wrong password', async () => {
    const adminUsers = [{ email: 'ana@example.com', passwordHash: await hashPassword('clave') }];
    const operators = createOperators({ adminUsers, operatorUsers: [], isProduction: true })!;
    // Processor time: a busy machine may stop us at any time.
    const shortest = async (email: string): Promise<number> => {
      const times: number[] = [];
      for (let tries = 0; tries < 4; tries += 1) {
        const begin = process.cpuUsage();
        expect(await operators.authenticate(email, 'otra')).to.equal(undefined);
        const { user, system } = process.cpuUsage(begin);
        times.push((user + system) / 1_000);
      }
      return Math.min(...times);
    };
    const [known, unknown] = [await shortest('ana@example.com'), await shortest('eva@example.com')];
    expect(unknown / known, `${unknown} ms against ${known} ms`).to.be.within(0.4, 2.5);
  });
});
