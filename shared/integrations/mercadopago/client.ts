import { MercadoPagoConfig, MercadoPagoError as SdkError, Payment, PaymentRefund, Preference, User } from 'mercadopago';
import { AppConfig } from 'mercadopago/dist/utils/config/index.js';
import { MercadoPagoError } from './errors.ts';
import type { PaymentGateway, PaymentLinkRequest } from '#shared/domain/payments/gateway.ts';
import { accountAnswer, parsePayment, preferenceAnswer, refundAnswer, searchAnswer, toAmount } from './payload.ts';
import type { ProviderPayment } from '#shared/domain/payments/payment.ts';
import type { MercadoPagoErrorKind } from './errors.ts';

/** Settings of the client; `timeoutMs` covers one call and defaults to 8,000. */
export type MercadoPagoClientSettings = { apiUrl: string; accessToken: string; timeoutMs?: number };

/** Failures before the request left this machine: certainly not done. */
const neverLeft: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The system's error code (`ECONNREFUSED`, …) somewhere in the chain of causes. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  const cause: unknown = '__cause__' in error ? error.__cause__ : error.cause;
  return systemCode(cause ?? (error instanceof AggregateError ? (error.errors[0] as unknown) : undefined));
}

/** The first cause code of an answer, as a number. */
function causeCode(causes: unknown): number | undefined {
  const first: unknown = Array.isArray(causes) ? causes[0] : undefined;
  const code = typeof first === 'object' && first !== null && 'code' in first ? Number(first.code) : Number.NaN;
  return Number.isInteger(code) ? code : undefined;
}

/** Statuses that mean "the same again later" (Mercado Pago SDK, `utils/errors`): conflict and lock of the key, dependency. */
const laterStatuses: ReadonlySet<number> = new Set([408, 409, 423, 424]);

function kindOf(status: number, code: number | undefined): MercadoPagoErrorKind {
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limited';
  if (status === 401 || status === 403) return 'auth';
  // 2001: the same request within a minute.
  if (status >= 500 || laterStatuses.has(status) || code === 2001) return 'temporary';
  return 'invalid';
}

function translate(error: unknown): MercadoPagoError {
  if (error instanceof MercadoPagoError) return error;
  if (error instanceof SdkError && error.status > 0) {
    const code = causeCode(error.causes);
    const kind = kindOf(error.status, code);
    const seconds: unknown = 'retryAfter' in error ? error.retryAfter : undefined;
    const wait = typeof seconds === 'number' ? seconds * 1000 : code === 2001 ? 60_000 : undefined;
    return new MercadoPagoError(kind, {
      status: error.status,
      ...(code === undefined ? {} : { code }),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  }
  const code = systemCode(error);
  if (code !== undefined && neverLeft.has(code)) return new MercadoPagoError('temporary', { detail: code });
  return new MercadoPagoError('ambiguous', { detail: code ?? 'no answer' });
}

/** The offset form that preferences ask for: `2026-11-24T12:00:00.000+00:00`. */
function withOffset(time: Date): string {
  return time.toISOString().replace('Z', '+00:00');
}

/** `source_news=webhooks` asks for signed notices instead of IPN (Mercado Pago, "Webhooks"). */
function asWebhook(notificationUrl: string): string {
  const url = new URL(notificationUrl);
  url.searchParams.set('source_news', 'webhooks');
  return url.href;
}

const dayMs = 24 * 60 * 60 * 1000;

function preferenceBody(request: PaymentLinkRequest): Parameters<Preference['create']>[0]['body'] {
  const { backUrl } = request;
  return {
    items: [
      {
        id: request.reservationId,
        title: request.title,
        quantity: 1,
        unit_price: toAmount(request.amountCents),
        currency_id: request.currency,
      },
    ],
    external_reference: request.reservationId,
    metadata: { payment_link_id: request.linkId },
    notification_url: asWebhook(request.notificationUrl),
    // No cash and no queue at an ATM: those pay days after the hold is gone. Binary: approved or rejected, no review.
    payment_methods: { excluded_payment_types: [{ id: 'ticket' }, { id: 'atm' }] },
    binary_mode: true,
    expires: true,
    // Counted back from the end, which the database's clock gave: this machine's clock may be hours off.
    expiration_date_from: withOffset(new Date(request.expiresAt.getTime() - dayMs)),
    expiration_date_to: withOffset(request.expiresAt),
    ...(backUrl === undefined ? {} : { back_urls: { success: backUrl, pending: backUrl, failure: backUrl } }),
    ...(backUrl?.startsWith('https://') === true ? { auto_return: 'approved' } : {}),
  };
}

const pageSize = 50;
const mostPages = 200;

/**
 * The Preferences adapter of the payment port, over Mercado Pago's SDK. The SDK's own retries are off (BullMQ and the
 * rows retry), its time-out is ours, and every write carries a key of ours.
 */
export function createMercadoPagoClient(settings: MercadoPagoClientSettings): PaymentGateway {
  const { accessToken, timeoutMs = 8000 } = settings;
  const apiUrl = settings.apiUrl.replace(/\/+$/, '');

  /**
   * One call of the SDK. A fresh config each time, because the SDK writes a call's idempotency key into the config it
   * shares with later calls; the base URL is static there and read in the same tick, so several clients can live together.
   */
  async function call<T>(act: (config: MercadoPagoConfig) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted ?? false) throw new MercadoPagoError('temporary', { detail: 'aborted before it was sent' });
    const stop = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
    // Declared read-only, yet the only way to another address than the vendor's own.
    Object.assign(AppConfig, { BASE_URL: apiUrl });
    const running = act(new MercadoPagoConfig({ accessToken, options: { timeout: timeoutMs, maxRetries: 0 } }));
    const stopped = new Promise<never>((_, reject) => {
      stop.addEventListener('abort', () => reject(new MercadoPagoError('ambiguous', { detail: 'no answer in time' })), {
        once: true,
      });
    });
    try {
      return await Promise.race([running, stopped]);
    } catch (error) {
      // When the race is lost the SDK's call may still fail later, with nobody listening.
      running.catch(() => undefined);
      throw translate(error);
    }
  }

  /** Throws `ambiguous` when an answer of 2xx is not what it should be: a cut body reads as an empty object. */
  function read<T>(parsed: { success: true; data: T } | { success: false }): T {
    if (!parsed.success) throw new MercadoPagoError('ambiguous', { detail: 'an answer that cannot be read' });
    return parsed.data;
  }

  async function search(options: Record<string, string>, signal?: AbortSignal): Promise<ProviderPayment[]> {
    const found = new Map<string, ProviderPayment>();
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await call(
        (config) => new Payment(config).search({ options: { ...options, limit: pageSize, offset: page * pageSize } }),
        signal,
      );
      const { paging, results } = read(searchAnswer.safeParse(answer));
      for (const raw of results) {
        const payment = parsePayment(raw);
        if (payment !== undefined) found.set(payment.id, payment);
      }
      if (results.length === 0 || (page + 1) * pageSize >= paging.total) return [...found.values()];
    }
    throw new MercadoPagoError('temporary', { detail: 'a search without an end' });
  }

  return {
    async createPaymentLink(request, signal) {
      if (!URL.canParse(request.notificationUrl)) throw new MercadoPagoError('invalid', { detail: 'notification URL' });
      const answer = await call(
        (config) =>
          new Preference(config).create({
            body: preferenceBody(request),
            requestOptions: { idempotencyKey: request.idempotencyKey },
          }),
        signal,
      );
      const preference = read(preferenceAnswer.safeParse(answer));
      return {
        preferenceId: preference.id,
        url: preference.init_point,
        collectorId: preference.collector_id,
        expiresAt: preference.expiration_date_to == null ? request.expiresAt : new Date(preference.expiration_date_to),
      };
    },

    async getPayment(id, signal) {
      try {
        const answer = await call((config) => new Payment(config).get({ id }), signal);
        const payment = parsePayment(answer);
        return payment ?? read({ success: false });
      } catch (error) {
        if (error instanceof MercadoPagoError && error.kind === 'not_found') return undefined;
        throw error;
      }
    },

    findPayments({ externalReference }, signal) {
      return search({ external_reference: externalReference, sort: 'date_created', criteria: 'asc' }, signal);
    },

    findPaymentsUpdatedSince(from, to, signal) {
      return search(
        {
          range: 'date_last_updated',
          begin_date: from.toISOString(),
          end_date: to.toISOString(),
          sort: 'date_last_updated',
          criteria: 'asc',
        },
        signal,
      );
    },

    async closePaymentLink(preferenceId, signal) {
      try {
        await call(
          (config) =>
            new Preference(config).update({
              id: preferenceId,
              // A window that is over by a day, so that a wrong clock here cannot leave the link open. The SDK's type
              // asks for all items; the API changes only what is named.
              updatePreferenceRequest: {
                expires: true,
                expiration_date_from: withOffset(new Date(Date.now() - 2 * dayMs)),
                expiration_date_to: withOffset(new Date(Date.now() - dayMs)),
              } as never,
            }),
          signal,
        );
      } catch (error) {
        if (!(error instanceof MercadoPagoError && error.kind === 'not_found')) throw error;
      }
    },

    async refund({ paymentId, amountCents, idempotencyKey }, signal) {
      const answer = await call((config) => {
        const requestOptions = { idempotencyKey };
        const refunds = new PaymentRefund(config);
        return amountCents === undefined
          ? refunds.total({ payment_id: paymentId, requestOptions })
          : refunds.create({ payment_id: paymentId, body: { amount: toAmount(amountCents) }, requestOptions });
      }, signal);
      const refund = read(refundAnswer.safeParse(answer));
      return {
        refundId: refund.id,
        status: refund.status,
        ...(refund.amount == null ? {} : { amountCents: refund.amount }),
      };
    },

    async getMe(signal) {
      const me = read(accountAnswer.safeParse(await call((config) => new User(config).get(), signal)));
      return {
        id: me.id,
        ...(me.site_id == null ? {} : { siteId: me.site_id }),
        ...(me.nickname == null ? {} : { nickname: me.nickname }),
      };
    },
  };
}
