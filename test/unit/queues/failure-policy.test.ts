import { expect } from 'chai';
import { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import { MercadoPagoError } from '#shared/integrations/mercadopago/errors.ts';
import { WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import { jobNames, jobs, patientDelayMs, retryPolicies } from '#shared/queues/contracts.ts';
import type { Contract } from '#shared/queues/contracts.ts';
import { idsOf, splitTrace, withTrace } from '#shared/queues/job-data.ts';
import { isTroubleOfDatabase, judgeFailure } from '../../../workers/failure-policy.ts';

const zodError = z.string().safeParse(7).error;
const fetchFailed = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });

describe('judgeFailure', () => {
  const rows: [string, unknown, string, string][] = [
    ['a refusal of the business', new DomainError('stay_unavailable'), 'give up', 'stay_unavailable'],
    ['a lock that was not had in time', new DomainError('nights_busy'), 'retry', 'nights_busy'],
    ['a payload that does not parse', zodError, 'give up', 'invalid_payload'],
    ['429', Object.assign(new Error('x'), { status: 429 }), 'slow down', 'rate_limited'],
    [
      'a number sending too fast',
      new WhatsAppError('number_rate', { status: 400, code: 130_429 }),
      'slow down',
      'rate_limited',
    ],
    ['an app at its limit', new WhatsAppError('app_limit', { status: 400, code: 4 }), 'slow down', 'rate_limited'],
    [
      'Mercado Pago asking for patience',
      new MercadoPagoError('rate_limited', { status: 429 }),
      'slow down',
      'rate_limited',
    ],
    [
      'Graph in trouble with a 400',
      new WhatsAppError('temporary', { status: 400, code: 131_016 }),
      'retry',
      'vendor_busy',
    ],
    ['an answer that never came', new MercadoPagoError('ambiguous'), 'retry', 'vendor_busy'],
    ['another 4xx', new MercadoPagoError('invalid', { status: 400 }), 'give up', 'http_4xx'],
    ['a wrong token', new WhatsAppError('auth', { status: 401 }), 'give up', 'http_4xx'],
    ['408', Object.assign(new Error('x'), { status: 408 }), 'retry', 'timeout'],
    ['5xx', Object.assign(new Error('x'), { statusCode: 503 }), 'retry', 'http_5xx'],
    ['a refused connection', fetchFailed, 'retry', 'network'],
    ['a time-out', new DOMException('x', 'TimeoutError'), 'retry', 'timeout'],
    ['an abort', new DOMException('x', 'AbortError'), 'retry', 'aborted'],
    ['a deadlock', Object.assign(new Error('x'), { code: '40P01' }), 'retry', 'database'],
    ['what nobody foresaw', new Error('x'), 'retry', 'unknown'],
    ['what is no error', 'x', 'retry', 'unknown'],
  ];
  for (const [what, error, action, reason] of rows)
    it(`${action}: ${what}`, () => expect(judgeFailure(error, { isInbound: false })).to.include({ action, reason }));

  it('retries an inbound payload that does not parse', () => {
    expect(judgeFailure(zodError, { isInbound: true })).to.deep.equal({ action: 'retry', reason: 'invalid_payload' });
  });

  it('rests as long as it is asked to, within bounds', () => {
    const restOf = (retryAfterMs?: number): unknown =>
      judgeFailure({ status: 429, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, { isInbound: false });
    expect(restOf()).to.include({ restMs: 5_000 });
    expect(restOf(2_000)).to.include({ restMs: 2_000 });
    expect(restOf(3_600_000)).to.include({ restMs: 60_000 });
  });
});

describe('the contract of the jobs', () => {
  it('retries patient jobs within seconds at first, and for hours', () => {
    const delays = Array.from({ length: retryPolicies.patient.attempts - 1 }, (_, index) => patientDelayMs(index + 1));
    expect(Math.max(...delays.slice(0, 10))).to.be.at.most(8_000);
    expect(Math.max(...delays)).to.be.at.most(3_600_000);
    const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
    expect(hours).to.be.within(4, 12);
  });

  it('lets a nudge try three times more within 5 s each, deduplicates no inbound and no delayed job', () => {
    expect(retryPolicies.nudge.attempts).to.equal(4);
    for (const name of jobNames) {
      const contract: Contract = jobs[name];
      if (contract.isInbound || name === 'expire-hold') expect(contract.dedupe, name).to.equal(undefined);
    }
  });
});

describe('isTroubleOfDatabase', () => {
  const withCode = (code: string): Error => Object.assign(new Error('x'), { code });
  const rows: [string, unknown, boolean][] = [
    ['a lock that was not had in time', new DomainError('nights_busy'), true],
    ['a connection that went', new Error('Connection terminated unexpectedly'), true],
    ['a server that cannot be reached', withCode('ECONNREFUSED'), true],
    ['a server that stops', withCode('57P01'), true],
    ['a full disk', withCode('53100'), true],
    ['a deadlock', withCode('40P01'), true],
    ['a value that it does not take', withCode('22P02'), false],
    ['a rule that is broken', withCode('23505'), false],
    ['a trigger that refuses', withCode('P0001'), false],
    ['a refusal of the business', new DomainError('stay_unavailable'), false],
    ['a payload that does not parse', zodError, false],
    ['a mistake of ours', new TypeError('x is undefined'), false],
  ];
  for (const [name, error, expected] of rows)
    it(`${expected ? 'is' : 'is not'} ${name}`, () => expect(isTroubleOfDatabase(error)).to.equal(expected));
});

describe('the data of a job', () => {
  it('shows ids only', () => {
    const data = {
      conversationId: '7',
      reservationId: 'no id',
      text: 'hola',
      contact: { waId: '5491' },
      paymentId: '123456789012',
    };
    expect(idsOf(data)).to.deep.equal({ conversationId: '7', paymentId: '123456789012' });
    expect(idsOf({ conversationId: '5491122223333' })).to.deep.equal({});
    expect(idsOf({ providerMessageId: 'wamid.HBgN' }).messageHash).to.match(/^wamid#/);
    expect(idsOf(null)).to.deep.equal({});
  });

  it('carries a correlation id beside the payload', () => {
    const { payload, correlationId } = splitTrace(withTrace({ paymentId: '1' }));
    expect(payload).to.deep.equal({ paymentId: '1' });
    expect(correlationId).to.match(/^[\w-]{36}$/);
    expect(splitTrace({ _trace: '<script>', a: 1 })).to.deep.equal({ payload: { a: 1 }, correlationId: undefined });
  });
});
