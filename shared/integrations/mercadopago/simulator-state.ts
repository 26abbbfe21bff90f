import { z } from 'zod';

/** A payment's status as the simulator can give it (Mercado Pago, "Payment status"). */
export type SimulatedPaymentStatus =
  | 'pending'
  | 'authorized'
  | 'in_process'
  | 'in_mediation'
  | 'approved'
  | 'rejected'
  | 'cancelled'
  | 'refunded'
  | 'charged_back';

const preferenceRequest = z.looseObject({
  items: z
    .array(
      z.looseObject({
        title: z.string().min(1).max(256),
        quantity: z.number().int().positive(),
        unit_price: z.number().positive(),
        currency_id: z.string().length(3).optional(),
      }),
    )
    .min(1),
  external_reference: z.string().max(256).optional(),
  notification_url: z.url({ protocol: /^https?$/ }).optional(),
  expires: z.boolean().optional(),
  expiration_date_from: z.iso.datetime({ offset: true }).optional(),
  expiration_date_to: z.iso.datetime({ offset: true }).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

/** A preference as asked for; what is not named here is kept too. */
export type PreferenceRequestBody = z.output<typeof preferenceRequest>;

/** The preference of a request, or why Mercado Pago would refuse it. Dates must carry an offset. */
export function judgePreference(body: unknown): { preference: PreferenceRequestBody } | { problem: string } {
  const parsed = preferenceRequest.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return { problem: `${issue.path.join('.')} invalid: ${issue.message}` };
  }
  const { expiration_date_from: from, expiration_date_to: to } = parsed.data;
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)) {
    return { problem: 'expiration_date_to invalid' };
  }
  return { preference: parsed.data };
}

/** A stored preference; `body` is what `GET` answers. */
export type SimulatedPreference = { id: string; body: PreferenceRequestBody & Record<string, unknown> };

/** A refund inside a payment. */
export type SimulatedRefund = { id: number; payment_id: number; amount: number; status: string; date_created: string };

/** A payment as `GET /v1/payments/:id` answers it, plus where its notices go. */
export type SimulatedPayment = {
  preferenceId?: string;
  notificationUrl?: string;
  /** How many reads still answer 404. */
  hiddenReads: number;
  body: {
    id: number;
    status: SimulatedPaymentStatus;
    status_detail: string | null;
    date_created: string;
    date_approved: string | null;
    date_last_updated: string;
    transaction_amount: number;
    transaction_amount_refunded: number;
    currency_id: string;
    external_reference: string | null;
    collector_id: number;
    live_mode: boolean;
    metadata: Record<string, unknown>;
    refunds: SimulatedRefund[];
    [more: string]: unknown;
  };
};

const pendingWebhook = z.object({
  id: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  attempts: z.number(),
});
const stateShape = z.object({
  counter: z.number(),
  preferences: z.array(z.custom<SimulatedPreference>((value) => typeof value === 'object' && value !== null)),
  payments: z.array(z.custom<SimulatedPayment>((value) => typeof value === 'object' && value !== null)),
  /** Answers by idempotency key and path. */
  answers: z.record(z.string(), z.object({ status: z.number(), body: z.unknown() })),
  pending: z.array(pendingWebhook),
});

/** All that the simulator remembers; the form of its state file. */
export type MercadoPagoState = z.output<typeof stateShape>;

/** The state of a file, or a fresh one when it is none of ours. */
export function toMercadoPagoState(raw: unknown): MercadoPagoState {
  const parsed = stateShape.safeParse(raw);
  return parsed.success ? parsed.data : { counter: 0, preferences: [], payments: [], answers: {}, pending: [] };
}

/** A time as Mercado Pago writes it: with the offset -04:00. */
export function toMercadoPagoTime(at: Date): string {
  return new Date(at.getTime() - 4 * 60 * 60 * 1000).toISOString().replace('Z', '-04:00');
}

/** The error body of the API. */
export function toMercadoPagoErrorBody(status: number, code: number, message = 'simulated'): unknown {
  return {
    message,
    error: status === 404 ? 'not_found' : 'bad_request',
    status,
    cause: [{ code, description: message }],
  };
}

/** The `status_detail` that goes with a status when none is named. */
export const usualDetails: Readonly<Record<SimulatedPaymentStatus, string | null>> = {
  pending: 'pending_waiting_transfer',
  authorized: null,
  in_process: 'pending_contingency',
  in_mediation: null,
  approved: 'accredited',
  rejected: 'cc_rejected_other_reason',
  cancelled: 'expired',
  refunded: 'refunded',
  charged_back: 'in_process',
};
