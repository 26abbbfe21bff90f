import { expect } from 'chai';
import fc from 'fast-check';
import { parseNotification, parsePayment, toAmount, toCents } from '#shared/integrations/mercadopago/payload.ts';

describe('toCents', () => {
  it('rounds the digits half up, not the float', () => {
    expect(toCents(14400.5)).to.equal(1_440_050);
    expect(toCents(1.005)).to.equal(101);
    expect(toCents('19.99')).to.equal(1999);
    expect(toCents(0.07)).to.equal(7);
    expect(toCents(1e-7)).to.equal(0);
    expect(toCents(-1.5)).to.equal(-150);
    expect(toCents('1e3')).to.equal(undefined);
    expect(toCents('')).to.equal(undefined);
    expect(toCents(Number.NaN)).to.equal(undefined);
  });

  it('gets back every amount that we send', () => {
    const cents = fc.integer({ min: 0, max: 10_000_000_000 });
    fc.assert(fc.property(cents, (each) => toCents(JSON.parse(JSON.stringify(toAmount(each)))) === each));
  });
});

describe('parsePayment', () => {
  const raw = {
    id: 1_300_000_001,
    status: 'approved',
    status_detail: null,
    transaction_amount: 48000,
    transaction_amount_refunded: null,
    currency_id: 'ARS',
    external_reference: 'r1',
    collector_id: 42,
    live_mode: false,
    date_created: '2026-11-24T11:00:00.000-04:00',
    date_approved: null,
    date_last_updated: '2026-11-24T11:00:01.000-04:00',
    metadata: { payment_link_id: 'l1' },
    payer: { email: 'somebody@example.com' },
  };

  it('normalises ids, cents and times, and takes nothing of the payer', () => {
    expect(parsePayment(raw)).to.deep.equal({
      id: '1300000001',
      status: 'approved',
      amountCents: 4_800_000,
      refundedCents: 0,
      currency: 'ARS',
      externalReference: 'r1',
      collectorId: '42',
      liveMode: false,
      dateCreated: '2026-11-24T15:00:00.000Z',
      dateLastUpdated: '2026-11-24T15:00:01.000Z',
      linkId: 'l1',
    });
  });

  it('copes with strings for numbers and with what is absent', () => {
    const payment = parsePayment({
      id: '7',
      status: 'refunded',
      transaction_amount: '12.34',
      transaction_amount_refunded: '6.17',
      currency_id: 'ARS',
      date_created: '2026-11-24T11:00:00.000-04:00',
    });
    expect(payment).to.deep.include({ id: '7', amountCents: 1234, refundedCents: 617, liveMode: true });
    expect(payment?.dateLastUpdated).to.equal(payment?.dateCreated);
  });

  it('refuses what lacks an id, a status, an amount, a currency or any date', () => {
    for (const absent of ['id', 'status', 'transaction_amount', 'currency_id']) {
      expect(parsePayment({ ...raw, [absent]: undefined }), absent).to.equal(undefined);
    }
    expect(parsePayment({ ...raw, date_created: 'x', date_last_updated: null })).to.equal(undefined);
    fc.assert(fc.property(fc.anything(), (any) => parsePayment(any) === undefined));
  });
});

describe('parseNotification', () => {
  const payment = { type: 'payment', action: 'payment.updated', data: { id: '123' } };

  it('knows a payment by the query, else by the body', () => {
    expect(parseNotification({ type: 'payment', 'data.id': '5' }, {})).to.deep.equal({
      kind: 'payment',
      paymentId: '5',
    });
    expect(parseNotification({ type: 'payment', 'data.id': '5' }, payment)).to.deep.include({ paymentId: '5' });
    expect(parseNotification({}, payment)).to.deep.equal({ kind: 'payment', paymentId: '123' });
    expect(parseNotification({}, { ...payment, data: { id: 123 } })).to.deep.equal({
      kind: 'payment',
      paymentId: '123',
    });
  });

  it('knows IPN by its topic', () => {
    expect(parseNotification({ topic: 'merchant_order', id: '9' }, {})).to.deep.equal({
      kind: 'ipn',
      topic: 'merchant_order',
    });
    expect(parseNotification({}, { topic: 'payment', resource: 'https://example.com/1' }).kind).to.equal('ipn');
  });

  it('leaves the rest alone and never throws', () => {
    expect(parseNotification({ type: 'order', 'data.id': 'ORD1' }, {})).to.deep.equal({
      kind: 'other',
      topic: 'order',
    });
    expect(parseNotification({ type: 'payment', 'data.id': '../users/me' }, {}).kind).to.equal('other');
    expect(parseNotification({}, undefined)).to.deep.equal({ kind: 'other', topic: 'unknown' });
    fc.assert(fc.property(fc.anything(), (any) => typeof parseNotification({}, any).kind === 'string'));
  });
});
