import type { ProviderPayment } from '#shared/domain/payments/payment.ts';
import { z } from 'zod';

/**
 * Integer cents of an amount as Mercado Pago writes it (a JSON number or a decimal string), rounded half up on the
 * decimal digits, not on the float. Undefined when it is no amount.
 */
export function toCents(amount: number | string): number | undefined {
  const written = typeof amount === 'number' && Math.abs(amount) < 1e-6 ? '0' : String(amount).trim();
  const match = /^(-?)(\d{1,13})(?:\.(\d+))?$/.exec(written);
  if (match === null) return undefined;
  const [, sign, whole, decimals = ''] = match;
  const digits = decimals.padEnd(3, '0');
  const cents = Number(whole) * 100 + Number(digits.slice(0, 2)) + (digits[2]! >= '5' ? 1 : 0);
  return sign === '-' && cents !== 0 ? -cents : cents;
}

/** The JSON number for integer cents: 1,440,050 → 14400.5. Exact, because cents / 100 prints as its shortest decimal. */
export function toAmount(cents: number): number {
  return cents / 100;
}

const id = z.union([z.string().min(1), z.number().int()]).transform(String);
const word = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined);
const cents = z.union([z.number(), z.string()]).transform(toCents).pipe(z.number().int());
const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .transform((text) => new Date(text).toISOString());
const maybeInstant = instant.nullish().catch(undefined);

/** The fields that we read of a payment; everything else may be anything. */
const paymentShape = z.looseObject({
  id,
  status: z.string().min(1),
  status_detail: word,
  transaction_amount: cents,
  transaction_amount_refunded: cents.nullish().catch(undefined),
  currency_id: z.string().min(1),
  external_reference: word,
  collector_id: word,
  collector: z.looseObject({ id: word }).nullish().catch(undefined),
  live_mode: z.boolean().nullish().catch(undefined),
  date_created: maybeInstant,
  date_approved: maybeInstant,
  date_last_updated: maybeInstant,
  preference_id: word,
  payment_type_id: word,
  metadata: z.looseObject({ preference_id: word, payment_link_id: word }).nullish().catch(undefined),
  refunds: z
    .array(z.looseObject({ id, amount: cents, status: z.string().catch('approved') }))
    .nullish()
    .catch(undefined),
});

/** A payment of `GET /v1/payments/:id` or of a search; undefined when it lacks id, status, amount, currency or dates. */
export function parsePayment(raw: unknown): ProviderPayment | undefined {
  const parsed = paymentShape.safeParse(raw);
  if (!parsed.success) return undefined;
  const payment = parsed.data;
  const dateLastUpdated = payment.date_last_updated ?? payment.date_approved ?? payment.date_created;
  const dateCreated = payment.date_created ?? dateLastUpdated;
  if (dateLastUpdated == null || dateCreated == null) return undefined;
  const optional = {
    statusDetail: payment.status_detail,
    externalReference: payment.external_reference,
    collectorId: payment.collector_id ?? payment.collector?.id,
    dateApproved: payment.date_approved,
    preferenceId: payment.preference_id ?? payment.metadata?.preference_id,
    linkId: payment.metadata?.payment_link_id,
    paymentType: payment.payment_type_id,
    refunds: payment.refunds?.map((refund) => ({ id: refund.id, cents: refund.amount, status: refund.status })),
  };
  return {
    id: payment.id,
    status: payment.status,
    amountCents: payment.transaction_amount,
    refundedCents: payment.transaction_amount_refunded ?? 0,
    currency: payment.currency_id,
    liveMode: payment.live_mode ?? true,
    dateCreated,
    dateLastUpdated,
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value != null && value !== ''),
    ) as Partial<ProviderPayment>),
  };
}

/** The preference's fields that we read. */
export const preferenceAnswer = z.looseObject({
  id: z.string().min(1),
  init_point: z.string().min(1),
  collector_id: z.union([z.string(), z.number()]).transform(String),
  expiration_date_to: instant.nullish().catch(undefined),
});

/** The refund's fields that we read. */
export const refundAnswer = z.looseObject({
  id,
  status: z.string().min(1).catch('approved'),
  amount: cents.nullish().catch(undefined),
});

/** A page of a search. */
export const searchAnswer = z.looseObject({
  paging: z.looseObject({ total: z.number().int().nonnegative() }),
  results: z.array(z.unknown()),
});

/** The account's fields that we read. */
export const accountAnswer = z.looseObject({ id, site_id: word, nickname: word });

/** What a notice is about. Only `payment` is worth a job: the others cannot be validated or are none of ours. */
export type Notification =
  | { kind: 'payment'; paymentId: string }
  | { kind: 'ipn'; topic: string }
  | { kind: 'other'; topic: string };

const notice = z.looseObject({
  type: word,
  topic: word,
  data: z.looseObject({ id: word }).nullish().catch(undefined),
});

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

function first(value: string | readonly string[] | undefined): string | undefined {
  const found = typeof value === 'string' ? value : value?.[0];
  return found === undefined || found === '' ? undefined : found;
}

/**
 * Tells the two families of notices apart (Mercado Pago, "Webhooks" and "IPN"): `?type=…&data.id=…` is signed,
 * `?topic=…&id=…` is not. The id of the query counts before the body's, which no signature covers; an id that is not all
 * digits is no payment. Never throws.
 */
export function parseNotification(query: Query, body: unknown): Notification {
  const told = notice.safeParse(body).data;
  // The query says which form it is; the body only where the query says nothing.
  const isIpn = first(query['type']) == null && first(query['topic']) != null;
  const type = isIpn ? undefined : (first(query['type']) ?? told?.type);
  const topic = first(query['topic']) ?? told?.topic;
  if (type == null) return topic == null ? { kind: 'other', topic: 'unknown' } : { kind: 'ipn', topic: label(topic) };
  const paymentId = first(query['data.id']) ?? told?.data?.id ?? '';
  if (type !== 'payment' || !/^\d{1,20}$/.test(paymentId)) return { kind: 'other', topic: label(type) };
  return { kind: 'payment', paymentId };
}

/** A topic short and plain enough for a log line. */
function label(topic: string): string {
  return /^[a-z_.]{1,40}$/i.test(topic) ? topic : 'unknown';
}
