import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createFaults, playFault } from '../simulator-kit/faults.ts';
import type { FaultSwitches } from '../simulator-kit/faults.ts';
import { createEventStreams, createSimulatedServer, readRequest, sendJson } from '../simulator-kit/http.ts';
import type { Listening, SimulatedAnswer, SimulatedRequest } from '../simulator-kit/http.ts';
import { createStateFile, loadState } from '../simulator-kit/state-file.ts';
import { createWebhookSender } from '../simulator-kit/webhooks.ts';
import type { WebhookSender } from '../simulator-kit/webhooks.ts';
import { toAmount, toCents } from './payload.ts';
import { answerOnce } from './simulator-api.ts';
import { createNotices } from './simulator-notices.ts';
import type { NoticeSwitches } from './simulator-notices.ts';
import { answerCheckoutPage } from './simulator-page.ts';
import { toMercadoPagoErrorBody, toMercadoPagoState, toMercadoPagoTime, usualDetails } from './simulator-state.ts';
import type { SimulatedPayment, SimulatedPaymentStatus, SimulatedPreference } from './simulator-state.ts';

/** What the simulated Mercado Pago is made with; it must agree with our app's settings. */
export type MercadoPagoSimulatorOptions = {
  accessToken: string;
  webhookSecret: string;
  /** Keeps everything over a restart. Without it all is in memory. */
  stateFile?: string;
  /** Where `handler` is mounted, such as `/sandbox/mercadopago`; taken off the paths. */
  prefix?: string;
  /** Where the checkout page is: `init_point` is `<publicUrl>/sandbox/checkout/<preference id>`; by default where it listens. */
  publicUrl?: string;
  checkoutUrl?: (preferenceId: string) => string;
  /** 710000001 by default. */
  collectorId?: number;
  /** Random instead of counted ids: for a simulator that outlives its state but not our database. */
  randomIds?: boolean;
  retryDelaysMs?: readonly number[];
  now?: () => Date;
};

/** How somebody pays. Defaults: approved, the preference's amount and currency, told by a notice. */
export type SimulatedPay = {
  status?: SimulatedPaymentStatus;
  statusDetail?: string;
  amountCents?: number;
  currency?: string;
  /** Paid although the preference has expired: a card payment in flight. */
  late?: boolean;
  collectorId?: number;
  liveMode?: boolean;
  /** `null` = none. */
  externalReference?: string | null;
};

/** Mercado Pago as our app, a payer and the seller's panel see it. Faults apply to calls of our app only. */
export type MercadoPagoSimulator = FaultSwitches & {
  /** Mountable under `prefix`; also serves the checkout page's JSON under `/checkout-page/…` (see `simulator-page.ts`). */
  handler: RequestListener;
  listen(port?: number, host?: string): Promise<Listening>;
  close(): Promise<void>;
  setNotices(switches: NoticeSwitches): void;
  /** Sends the notices that `hold` kept, newest first. */
  releaseNotices(): Promise<void>;
  /** The next payments answer 404 to their first `reads` reads: the notice came before the payment could be seen. */
  hideNewPayments(reads: number): void;
  /** Pays a preference and resolves with the payment's id after the notice's first attempt; throws when it is closed. */
  pay(preferenceId: string, how?: SimulatedPay): Promise<string>;
  /** A payment that no preference of ours led to. */
  payWithoutPreference(how: SimulatedPay & { amountCents: number; notificationUrl?: string }): Promise<string>;
  /** The payment changes: pending becomes approved, a dispute opens, … */
  change(paymentId: string, to: { status: SimulatedPaymentStatus; statusDetail?: string }): Promise<void>;
  /** The seller gives money back by hand, all that is left by default. */
  refundFromPanel(paymentId: string, amountCents?: number): Promise<void>;
  chargeBack(paymentId: string): Promise<void>;
  /** Tells of the payment (again) as it is. */
  notify(paymentId: string): Promise<void>;
  preferences(): SimulatedPreference[];
  /** The payments as the API answers them. */
  payments(): SimulatedPayment['body'][];
  /** Whether the preference can be paid now. */
  isOpen(preferenceId: string): boolean;
  onChange(listener: () => void): () => void;
  /** Notices that our app has not taken yet. */
  webhooks: Pick<WebhookSender, 'pending' | 'retryNow' | 'idle'>;
};

/** A Mercado Pago of our own over real HTTP: preferences, payments, refunds, signed notices. */
export function createMercadoPagoSimulator(options: MercadoPagoSimulatorOptions): MercadoPagoSimulator {
  const { accessToken, webhookSecret, prefix = '', now = () => new Date(), collectorId = 710_000_001 } = options;
  const state = toMercadoPagoState(loadState(options.stateFile));
  const changes = new EventEmitter().setMaxListeners(0);
  const streams = createEventStreams();
  const faults = createFaults();
  const held = new Set<ServerResponse>();
  let hiddenReads = 0;
  let baseUrl = (options.publicUrl ?? '').replace(/\/+$/, '');

  const file = createStateFile(options.stateFile, () => ({ ...state, pending: webhooks.pending() }));
  const changed = (): void => {
    file.save();
    changes.emit('change');
    streams.push({ at: now().toISOString() });
  };
  const webhooks = createWebhookSender({
    ...(options.retryDelaysMs === undefined ? {} : { retryDelaysMs: options.retryDelaysMs }),
    onChange: () => file.save(),
  });
  webhooks.resume(state.pending);

  const nextNumber = (): number => {
    state.counter += 1;
    return state.counter;
  };
  const nextId = (): number =>
    options.randomIds === true ? randomInt(10_000_000_000, 99_999_999_999) : 1_300_000_000 + nextNumber();
  const notices = createNotices({ secret: webhookSecret, webhooks, nextNumber, now });

  function find(paymentId: string): SimulatedPayment {
    const payment = state.payments.find((each) => String(each.body.id) === paymentId);
    if (payment === undefined) throw new Error('no such payment');
    return payment;
  }

  /** Strictly later than the payment's last change, so that "newer" is never in doubt. */
  function touch(payment: SimulatedPayment): void {
    const at = Math.max(now().getTime(), Date.parse(payment.body.date_last_updated) + 1);
    payment.body.date_last_updated = toMercadoPagoTime(new Date(at));
    changed();
  }

  async function book(
    how: SimulatedPay & { amountCents: number },
    from: { preference?: SimulatedPreference; notificationUrl?: string | undefined },
  ): Promise<string> {
    const status = how.status ?? 'approved';
    const at = toMercadoPagoTime(now());
    const preference = from.preference?.body;
    const reference = how.externalReference === undefined ? preference?.external_reference : how.externalReference;
    const payment: SimulatedPayment = {
      hiddenReads,
      ...(from.preference === undefined ? {} : { preferenceId: from.preference.id }),
      ...(from.notificationUrl === undefined ? {} : { notificationUrl: from.notificationUrl }),
      body: {
        id: nextId(),
        status,
        status_detail: how.statusDetail ?? usualDetails[status],
        date_created: at,
        date_approved: status === 'approved' ? at : null,
        date_last_updated: at,
        operation_type: 'regular_payment',
        payment_method_id: 'visa',
        payment_type_id: 'credit_card',
        transaction_amount: toAmount(how.amountCents),
        transaction_amount_refunded: 0,
        currency_id: how.currency ?? preference?.items[0]?.currency_id ?? 'ARS',
        external_reference: reference ?? null,
        collector_id: how.collectorId ?? collectorId,
        live_mode: how.liveMode ?? true,
        metadata: preference?.metadata ?? {},
        payer: { id: '1', email: 'payer@example.com' },
        refunds: [],
      },
    };
    state.payments.push(payment);
    changed();
    await notices.notify(payment, 'payment.created');
    return String(payment.body.id);
  }

  function isOpen(preferenceId: string): boolean {
    const preference = state.preferences.find((each) => each.id === preferenceId)?.body;
    if (preference === undefined) return false;
    if (preference.expires !== true) return true;
    const from = Date.parse(preference.expiration_date_from ?? '');
    const to = Date.parse(preference.expiration_date_to ?? '');
    const at = now().getTime();
    // A minute of grace at the start: the clock of who made the preference may run ahead.
    return !(at < from - 60_000) && !(at >= to);
  }

  function give(payment: SimulatedPayment, amountCents: number | undefined): SimulatedAnswer {
    const { body } = payment;
    const grossCents = toCents(body.transaction_amount) ?? 0;
    const refundedCents = toCents(body.transaction_amount_refunded) ?? 0;
    const cents = amountCents ?? grossCents - refundedCents;
    if (body.status !== 'approved' || cents <= 0 || refundedCents + cents > grossCents) {
      const message = 'The action requested is not valid for the current payment state';
      return { status: 400, body: toMercadoPagoErrorBody(400, 2018, message) };
    }
    const date_created = toMercadoPagoTime(now());
    const refund = { id: nextId(), payment_id: body.id, amount: toAmount(cents), status: 'approved', date_created };
    body.refunds.push(refund);
    body.transaction_amount_refunded = toAmount(refundedCents + cents);
    const isWhole = refundedCents + cents === grossCents;
    body.status = isWhole ? 'refunded' : 'approved';
    body.status_detail = isWhole ? 'refunded' : 'partially_refunded';
    touch(payment);
    return { status: 201, body: refund };
  }

  const world = {
    state,
    collectorId,
    now,
    nextPreferenceId: () =>
      options.randomIds === true
        ? `${collectorId}-${randomBytes(16).toString('hex')}`
        : `${collectorId}-00000000-0000-4000-8000-${String(nextNumber()).padStart(12, '0')}`,
    checkoutUrl: options.checkoutUrl ?? ((id: string) => `${baseUrl}/sandbox/checkout/${id}`),
    refund(payment: SimulatedPayment, amountCents: number | undefined): SimulatedAnswer {
      const answer = give(payment, amountCents);
      if (answer.status < 300) void notices.notify(payment, 'payment.updated');
      return answer;
    },
    changed,
  };

  async function api(request: SimulatedRequest, response: ServerResponse): Promise<SimulatedAnswer | undefined> {
    if (request.headers.authorization !== `Bearer ${accessToken}`) {
      return { status: 401, body: toMercadoPagoErrorBody(401, 1, 'invalid access token') };
    }
    const fault = faults.take(request);
    if (fault === undefined) return answerOnce(world, request);
    return playFault(fault, response, {
      act: () => Promise.resolve(answerOnce(world, request)),
      toError: (status, code) => toMercadoPagoErrorBody(status, code),
      held,
    });
  }

  const handler: RequestListener = (incoming, response) => {
    readRequest(incoming, prefix)
      .then(async (request) => {
        const isPage = request.path.startsWith('/checkout-page');
        const answer = isPage
          ? await answerCheckoutPage(request, response, { simulator, streams })
          : await api(request, response);
        if (answer !== undefined) sendJson(response, answer.status, answer.body, answer.headers);
      })
      .catch((error: unknown) => sendJson(response, 400, toMercadoPagoErrorBody(400, 100, String(error))));
  };
  const server = createSimulatedServer(handler);

  const simulator: MercadoPagoSimulator = {
    failNext: faults.failNext,
    failAlways: faults.failAlways,
    handler,
    async listen(port, host) {
      const listening = await server.listen(port, host);
      if (baseUrl === '') baseUrl = listening.url;
      return listening;
    },
    async close() {
      webhooks.close();
      notices.close();
      streams.close();
      for (const response of held) response.destroy();
      await server.close();
      file.flush();
    },
    setNotices: (switches) => notices.set(switches),
    releaseNotices: () => notices.release(),
    hideNewPayments(reads) {
      hiddenReads = reads;
    },
    async pay(preferenceId, how = {}) {
      const preference = state.preferences.find((each) => each.id === preferenceId);
      if (preference === undefined) throw new Error('no such preference');
      if (how.late !== true && !isOpen(preferenceId)) throw new Error('the preference has expired');
      const { items, notification_url: notificationUrl } = preference.body;
      const cents = items.reduce((sum, item) => sum + (toCents(item.unit_price) ?? 0) * item.quantity, 0);
      return book({ ...how, amountCents: how.amountCents ?? cents }, { preference, notificationUrl });
    },
    async payWithoutPreference({ notificationUrl, ...how }) {
      return book(how, { notificationUrl });
    },
    async change(paymentId, { status, statusDetail }) {
      const payment = find(paymentId);
      payment.body.status = status;
      payment.body.status_detail = statusDetail ?? usualDetails[status];
      if (status === 'refunded') payment.body.transaction_amount_refunded = payment.body.transaction_amount;
      touch(payment);
      if (status === 'approved') payment.body.date_approved ??= payment.body.date_last_updated;
      await notices.notify(payment, 'payment.updated');
    },
    async refundFromPanel(paymentId, amountCents) {
      const payment = find(paymentId);
      if (give(payment, amountCents).status >= 300) throw new Error('not refundable');
      await notices.notify(payment, 'payment.updated');
    },
    chargeBack: (paymentId) => simulator.change(paymentId, { status: 'charged_back' }),
    notify: (paymentId) => notices.notify(find(paymentId), 'payment.updated'),
    preferences: () => structuredClone(state.preferences),
    payments: () => structuredClone(state.payments.map((payment) => payment.body)),
    isOpen,
    onChange(listener) {
      changes.on('change', listener);
      return () => changes.off('change', listener);
    },
    webhooks,
  };
  return simulator;
}
