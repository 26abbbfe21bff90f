import { expect } from 'chai';
import type { Context } from 'koa';
import { createClientAddress } from '../../../api/auth/client-address.ts';
import { createRateLimit } from '../../../api/middleware/rate-limit.ts';
import { HttpProblem } from '../../../api/problem.ts';

describe('createClientAddress', () => {
  const addressOf = (trusted: string[], remoteAddress: string, forwarded = ''): string =>
    createClientAddress(trusted)({ req: { socket: { remoteAddress } }, get: () => forwarded } as unknown as Context);
  const ours = ['127.0.0.0/8', '172.16.0.0/12', '::1'];

  it('believes the last hop that a trusted proxy wrote, and nobody else', () => {
    expect(addressOf(ours, '203.0.113.9', '1.2.3.4')).to.equal('203.0.113.9');
    expect(addressOf(ours, '10.0.0.1', '1.2.3.4')).to.equal('10.0.0.1');
    expect(addressOf(ours, '::ffff:127.0.0.1', '6.6.6.6, 203.0.113.9')).to.equal('203.0.113.9');
    expect(addressOf(ours, '172.18.0.2', '203.0.113.9')).to.equal('203.0.113.9');
    expect(addressOf(ours, '::1', '203.0.113.9')).to.equal('203.0.113.9');
    expect(addressOf(ours, '172.18.0.2', '<script>')).to.equal('172.18.0.2');
    expect(addressOf(ours, '172.18.0.2')).to.equal('172.18.0.2');
    expect(addressOf([], '127.0.0.1', '203.0.113.9')).to.equal('127.0.0.1');
  });

  it('takes a /64 of IPv6 as one caller, however it is written', () => {
    const one = addressOf(ours, '2001:db8:0:1::7');
    expect(addressOf(ours, '2001:0db8:0:1:ffff:ffff:ffff:ffff')).to.equal(one);
    expect(addressOf(ours, '2001:db8:0:2::7')).not.to.equal(one);
    expect(addressOf(ours, '::1', '2001:DB8:0:1::9')).to.equal(one);
    expect(addressOf(ours, 'fe80::1%eth0')).to.equal(addressOf(ours, 'fe80::2'));
  });
});

describe('createRateLimit', () => {
  it('lets 300 of a minute through, then as many as the minute brings back; each address for itself', () => {
    let now = 0;
    const limit = createRateLimit({ now: () => now });
    for (let i = 0; i < 300; i += 1) limit('a');
    expect(() => limit('a'))
      .to.throw(HttpProblem)
      .with.property('status', 429);
    limit('b');
    now += 1_000;
    for (let i = 0; i < 5; i += 1) limit('a');
    expect(() => limit('a'))
      .to.throw(HttpProblem)
      .with.property('headers')
      .that.deep.equals({ 'Retry-After': '1' });
    now += 60_000;
    for (let i = 0; i < 300; i += 1) limit('a');
    expect(() => limit('a')).to.throw();
  });

  it('recovers though the caller goes on', () => {
    let now = 0;
    const limit = createRateLimit({ perMinute: 60, now: () => now });
    for (let i = 0; i < 60; i += 1) limit('a');
    for (let i = 0; i < 9; i += 1) {
      now += 100;
      expect(() => limit('a')).to.throw();
    }
    now += 100;
    limit('a');
  });

  it('remembers 10,000 addresses and no more', () => {
    const limit = createRateLimit({ perMinute: 1, now: () => 0 });
    for (let i = 0; i <= 10_000; i += 1) limit(String(i));
    limit('0');
    expect(() => limit('10000')).to.throw();
  });
});
