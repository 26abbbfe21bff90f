import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import { MercadoPagoError } from '#shared/integrations/mercadopago/errors.ts';
import type { PaymentGateway, PaymentLinkRequest } from '#shared/domain/payments/gateway.ts';
import { parseNotification } from '#shared/integrations/mercadopago/payload.ts';
import { verifyMercadoPagoSignature } from '#shared/integrations/mercadopago/signature.ts';
import { createMercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import type { MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';

const secret = 'webhook-secret';
type Notice = { query: URLSearchParams; body: unknown; valid: boolean };

/** An app that takes notices; `answers` are its next statuses (200 after them). */
async function startApp(): Promise<{ url: string; notices: Notice[]; answers: number[]; close: () => Promise<void> }> {
  const notices: Notice[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const query = new URL(request.url ?? '/', 'http://app').searchParams;
      const status = answers.shift() ?? 200;
      const { valid } = verifyMercadoPagoSignature({
        secret,
        xSignature: request.headers['x-signature'],
        xRequestId: request.headers['x-request-id'],
        dataId: query.get('data.id'),
      });
      if (status === 200) notices.push({ query, body: JSON.parse(Buffer.concat(chunks).toString()), valid });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/mercadopago`,
    notices,
    answers,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function failure(promise: Promise<unknown>): Promise<MercadoPagoError> {
  try {
    await promise;
  } catch (error) {
    expect(error).to.be.instanceOf(MercadoPagoError);
    return error as MercadoPagoError;
  }
  throw new Error('it did not fail');
}

describe('the Mercado Pago client against the simulator', () => {
  let app: Awaited<ReturnType<typeof startApp>>;
  let simulator: MercadoPagoSimulator;
  let gateway: PaymentGateway;
  let url: string;

  function aLink(overrides: Partial<PaymentLinkRequest> = {}): PaymentLinkRequest {
    return {
      linkId: 'link-1',
      reservationId: 'reservation-1',
      title: 'Seña Cabaña Arrayán',
      amountCents: 1_440_050,
      currency: 'ARS',
      expiresAt: new Date(Date.now() + 30 * 60_000),
      notificationUrl: app.url,
      idempotencyKey: 'preference-link-1',
      ...overrides,
    };
  }

  beforeEach(async () => {
    app = await startApp();
    simulator = createMercadoPagoSimulator({
      accessToken: 'APP_USR-1',
      webhookSecret: secret,
      retryDelaysMs: [10, 20],
    });
    url = (await simulator.listen()).url;
    gateway = createMercadoPagoClient({ apiUrl: url, accessToken: 'APP_USR-1', timeoutMs: 300 });
  });

  afterEach(async () => {
    await simulator.close();
    await app.close();
  });

  it('makes one link per key, open until the hold ends, without cash', async () => {
    const request = aLink();
    const link = await gateway.createPaymentLink(request);
    const again = await gateway.createPaymentLink(request);
    expect(again).to.deep.equal(link);
    expect(link.url).to.equal(`${url}/sandbox/checkout/${link.preferenceId}`);
    expect(link.collectorId).to.equal('710000001');
    expect(link.expiresAt.getTime()).to.equal(request.expiresAt.getTime());
    const [preference, ...others] = simulator.preferences();
    expect(others).to.deep.equal([]);
    expect(preference?.body).to.deep.include({ external_reference: 'reservation-1', binary_mode: true, expires: true });
    expect(preference?.body['payment_methods']).to.deep.equal({
      excluded_payment_types: [{ id: 'ticket' }, { id: 'atm' }],
    });
    expect(preference?.body.items[0]?.unit_price).to.equal(14400.5);
    expect(preference?.body.notification_url).to.equal(`${app.url}?source_news=webhooks`);
    const other = await gateway.createPaymentLink(aLink({ idempotencyKey: 'preference-link-2' }));
    expect(other.preferenceId).not.to.equal(link.preferenceId);
  });

  it('tells of a payment with a valid signature, and answers it normalised', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    const id = await simulator.pay(preferenceId);
    expect(app.notices.map((notice) => notice.valid)).to.deep.equal([true]);
    const query = Object.fromEntries(app.notices[0]!.query);
    expect(parseNotification(query, app.notices[0]!.body)).to.deep.equal({ kind: 'payment', paymentId: id });
    const payment = await gateway.getPayment(id);
    expect(payment).to.deep.include({
      id,
      status: 'approved',
      statusDetail: 'accredited',
      amountCents: 1_440_050,
      refundedCents: 0,
      currency: 'ARS',
      externalReference: 'reservation-1',
      collectorId: '710000001',
      liveMode: true,
      linkId: 'link-1',
    });
  });

  it('takes one id from pending to approved, each change newer', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    const id = await simulator.pay(preferenceId, { status: 'pending' });
    const before = await gateway.getPayment(id);
    await simulator.change(id, { status: 'approved' });
    const after = await gateway.getPayment(id);
    expect([before?.status, after?.status]).to.deep.equal(['pending', 'approved']);
    expect(Date.parse(after?.dateLastUpdated ?? '')).to.be.greaterThan(Date.parse(before?.dateLastUpdated ?? ''));
    expect(app.notices).to.have.length(2);
  });

  it('closes a link: no payment afterwards, unless it was in flight', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    await gateway.closePaymentLink(preferenceId);
    await gateway.closePaymentLink('unknown');
    expect(simulator.isOpen(preferenceId)).to.equal(false);
    expect(await simulator.pay(preferenceId).catch((error: Error) => error.message)).to.equal(
      'the preference has expired',
    );
    expect(await simulator.pay(preferenceId, { late: true })).to.be.a('string');
  });

  it('lets nobody pay after the expiry', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink({ expiresAt: new Date(Date.now() - 1000) }));
    expect(await simulator.pay(preferenceId).catch((error: Error) => error.message)).to.equal(
      'the preference has expired',
    );
  });

  it('finds payments by reference and by change, over pages', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink({ notificationUrl: app.url }));
    simulator.setNotices({ drop: true });
    const ids: string[] = [];
    for (let index = 0; index < 120; index += 1) ids.push(await simulator.pay(preferenceId, { status: 'rejected' }));
    const stranger = await simulator.payWithoutPreference({ amountCents: 100, externalReference: 'other' });
    const found = await gateway.findPayments({ externalReference: 'reservation-1' });
    expect(found.map((payment) => payment.id).toSorted()).to.deep.equal(ids.toSorted());
    const hour = 60 * 60_000;
    const recent = await gateway.findPaymentsUpdatedSince(new Date(Date.now() - hour), new Date(Date.now() + hour));
    expect(recent.map((payment) => payment.id))
      .to.include(stranger)
      .and.have.length(121);
    expect(await gateway.findPaymentsUpdatedSince(new Date(0), new Date(hour))).to.deep.equal([]);
    expect(app.notices).to.have.length(0);
  });

  it('refunds once per key, in part and then the rest', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    const paymentId = await simulator.pay(preferenceId);
    const part = { paymentId, amountCents: 40_050, idempotencyKey: 'refund-1' };
    const first = await gateway.refund(part);
    expect(await gateway.refund(part)).to.deep.equal(first);
    expect(first).to.deep.include({ status: 'approved', amountCents: 40_050 });
    expect(await gateway.getPayment(paymentId)).to.deep.include({
      status: 'approved',
      statusDetail: 'partially_refunded',
      refundedCents: 40_050,
    });
    await gateway.refund({ paymentId, idempotencyKey: 'refund-2' });
    expect(await gateway.getPayment(paymentId)).to.deep.include({ status: 'refunded', refundedCents: 1_440_050 });
    const tooMuch = await failure(gateway.refund({ paymentId, amountCents: 1, idempotencyKey: 'refund-3' }));
    expect([tooMuch.kind, tooMuch.code]).to.deep.equal(['invalid', 2018]);
  });

  it('has refunded when it times out after having acted, and the same key finds it', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    const paymentId = await simulator.pay(preferenceId);
    simulator.failNext(1, { kind: 'silence', acted: true });
    const request = { paymentId, idempotencyKey: 'refund-1' };
    expect((await failure(gateway.refund(request))).kind).to.equal('ambiguous');
    await gateway.refund(request);
    expect(simulator.payments()[0]?.refunds).to.have.length(1);
  });

  it('names each error by its kind and tells no secret', async () => {
    const table: [number, number, string, number | undefined][] = [
      [404, 2000, 'not_found', undefined],
      [429, 0, 'rate_limited', 3000],
      [500, 0, 'temporary', undefined],
      [423, 0, 'temporary', undefined],
      [400, 2001, 'temporary', 60_000],
      [400, 1, 'invalid', undefined],
      [403, 1, 'auth', undefined],
    ];
    for (const [status, code, kind, wait] of table) {
      simulator.failNext(1, { kind: 'status', status, code, retryAfterS: 3 });
      const error = await failure(gateway.getMe());
      expect([error.kind, error.status, error.retryAfterMs]).to.deep.equal([kind, status, wait]);
      expect(error.message).not.to.match(/APP_USR/);
    }
    simulator.failNext(1, { kind: 'reset' });
    expect((await failure(gateway.getMe())).kind).to.equal('ambiguous');
    simulator.failNext(1, { kind: 'silence' });
    expect((await failure(gateway.getMe(AbortSignal.timeout(20)))).kind).to.equal('ambiguous');
    const stranger = createMercadoPagoClient({ apiUrl: url, accessToken: 'wrong' });
    expect((await failure(stranger.getMe())).kind).to.equal('auth');
    expect((await gateway.getMe()).id).to.equal('710000001');
  });

  it('keeps two clients with two addresses apart', async () => {
    const other = createMercadoPagoSimulator({ accessToken: 'APP_USR-2', webhookSecret: secret, collectorId: 42 });
    const second = createMercadoPagoClient({ apiUrl: (await other.listen()).url, accessToken: 'APP_USR-2' });
    const ids = await Promise.all([gateway.getMe(), second.getMe(), gateway.getMe()]);
    expect(ids.map((me) => me.id)).to.deep.equal(['710000001', '42', '710000001']);
    await other.close();
  });

  it('knows no payment at first when asked to hide it', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    simulator.hideNewPayments(2);
    const id = await simulator.pay(preferenceId);
    expect(await gateway.getPayment(id)).to.equal(undefined);
    expect(await gateway.getPayment(id)).to.equal(undefined);
    expect((await gateway.getPayment(id))?.status).to.equal('approved');
    expect(await gateway.getPayment('999')).to.equal(undefined);
  });

  it('can repeat, hold, reorder, delay and drop its notices, and retries refused ones', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    simulator.setNotices({ duplicates: 9, alsoIpn: true, tsDigits: 10 });
    const id = await simulator.pay(preferenceId, { status: 'pending' });
    expect(app.notices.filter((notice) => notice.valid)).to.have.length(10);
    const ipn = app.notices.find((notice) => !notice.valid);
    expect(parseNotification(Object.fromEntries(ipn!.query), ipn!.body).kind).to.equal('ipn');

    app.notices.length = 0;
    simulator.setNotices({ hold: true });
    await simulator.change(id, { status: 'in_process' });
    const other = await simulator.pay(preferenceId);
    expect(app.notices).to.have.length(0);
    await simulator.releaseNotices();
    expect(app.notices.map((notice) => notice.query.get('data.id'))).to.deep.equal([other, id]);

    app.notices.length = 0;
    simulator.setNotices({ delayMs: 15 });
    await simulator.notify(id);
    expect(app.notices).to.have.length(0);
    while (app.notices.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));

    simulator.setNotices({});
    app.answers.push(503, 503);
    await simulator.chargeBack(id);
    await simulator.webhooks.idle();
    expect(app.notices).to.have.length(2);
  });

  it('shows the checkout page its preference and takes its payment', async () => {
    const { preferenceId } = await gateway.createPaymentLink(aLink());
    const page = `${url}/checkout-page/${preferenceId}`;
    const view = (await (await fetch(page)).json()) as Record<string, unknown>;
    expect(view).to.deep.include({ title: 'Seña Cabaña Arrayán', amountCents: 1_440_050, isOpen: true });
    const answer = await fetch(`${page}/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'rejected' }),
    });
    expect(answer.status).to.equal(200);
    expect(simulator.payments().map((payment) => payment.status)).to.deep.equal(['rejected']);
    expect((await fetch(`${page}/pay`, { method: 'POST', body: '{}' })).status).to.equal(415);
  });
});

describe('the Mercado Pago simulator', () => {
  it('keeps preferences, payments and keys over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posada-mp-'));
    const made = (): MercadoPagoSimulator =>
      createMercadoPagoSimulator({
        accessToken: 't',
        webhookSecret: secret,
        stateFile: join(folder, 'state.json'),
        publicUrl: 'http://localhost:3000',
      });
    const request: PaymentLinkRequest = {
      linkId: 'l',
      reservationId: 'r',
      title: 'Seña',
      amountCents: 100,
      currency: 'ARS',
      expiresAt: new Date(Date.now() + 60_000),
      notificationUrl: 'http://127.0.0.1:9/x',
      idempotencyKey: 'k',
    };
    const first = made();
    const link = await createMercadoPagoClient({
      apiUrl: (await first.listen()).url,
      accessToken: 't',
    }).createPaymentLink(request);
    expect(link.url).to.equal(`http://localhost:3000/sandbox/checkout/${link.preferenceId}`);
    first.setNotices({ drop: true });
    const id = await first.pay(link.preferenceId);
    await first.close();
    const second = made();
    const gateway = createMercadoPagoClient({ apiUrl: (await second.listen()).url, accessToken: 't' });
    expect((await gateway.createPaymentLink(request)).preferenceId).to.equal(link.preferenceId);
    expect((await gateway.getPayment(id))?.amountCents).to.equal(100);
    second.setNotices({ drop: true });
    expect(await second.pay(link.preferenceId)).not.to.equal(id);
    await second.close();
    await rm(folder, { recursive: true });
  });
});
