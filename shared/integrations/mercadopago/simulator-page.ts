import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { parseJson } from '../simulator-kit/http.ts';
import type { createEventStreams, SimulatedAnswer, SimulatedRequest } from '../simulator-kit/http.ts';
import { toCents } from './payload.ts';
import type { MercadoPagoSimulator } from './simulator.ts';
import type { SimulatedPreference } from './simulator-state.ts';

const status = z.enum(['approved', 'rejected', 'pending', 'in_process', 'cancelled', 'charged_back', 'refunded']);
const paid = z.object({
  status,
  amountCents: z.number().int().positive().optional(),
  currency: z.string().length(3).optional(),
  late: z.boolean().optional(),
});

/** What the checkout page shows of a preference. */
export type CheckoutView = {
  id: string;
  title: string;
  amountCents: number;
  currency: string;
  /** ISO; null = never. */
  expiresAt: string | null;
  isOpen: boolean;
  /** Where "back to the shop" leads; null = nowhere. */
  backUrl: string | null;
  payments: { id: string; status: string }[];
};

function toView(simulator: MercadoPagoSimulator, preference: SimulatedPreference): CheckoutView {
  const { items, external_reference: reference, expires, expiration_date_to: to } = preference.body;
  const back = z.looseObject({ success: z.string() }).safeParse(preference.body['back_urls']);
  return {
    id: preference.id,
    title: items[0]?.title ?? '',
    amountCents: items.reduce((sum, item) => sum + (toCents(item.unit_price) ?? 0) * item.quantity, 0),
    currency: items[0]?.currency_id ?? 'ARS',
    expiresAt: expires === true && to !== undefined ? new Date(to).toISOString() : null,
    isOpen: simulator.isOpen(preference.id),
    backUrl: back.success ? back.data.success : null,
    payments: simulator
      .payments()
      .filter((payment) => reference !== undefined && payment.external_reference === reference)
      .map((payment) => ({ id: String(payment.id), status: payment.status })),
  };
}

const notFound: SimulatedAnswer = { status: 404, body: { error: 'not_found' } };

/**
 * The checkout page's JSON, for the sandbox and for tests in other processes; no login, so never in production:
 * `GET /checkout-page` (all), `GET /checkout-page/:preferenceId` (a `CheckoutView`), `GET /checkout-page/events`
 * (server-sent), `POST /checkout-page/:preferenceId/pay` `{status, amountCents?, currency?, late?}` → `{paymentId}`,
 * `POST /checkout-page/payments/:paymentId` `{status}`. Posts must be JSON, so that no other site's form can make them.
 */
export async function answerCheckoutPage(
  request: SimulatedRequest,
  response: ServerResponse,
  { simulator, streams }: { simulator: MercadoPagoSimulator; streams: ReturnType<typeof createEventStreams> },
): Promise<SimulatedAnswer | undefined> {
  const [, , first, second] = request.path.split('/').map((part) => decodeURIComponent(part));
  if (request.method === 'GET' && first === 'events') {
    streams.open(response);
    return undefined;
  }
  const preferences = simulator.preferences();
  const preference = preferences.find((each) => each.id === first);
  if (request.method === 'GET') {
    if (first === undefined || first === '') {
      return { status: 200, body: preferences.map((each) => toView(simulator, each)) };
    }
    return preference === undefined ? notFound : { status: 200, body: toView(simulator, preference) };
  }
  if (request.method !== 'POST') return notFound;
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/json')) return { status: 415, body: { error: 'json_only' } };
  const asked = paid.safeParse(parseJson(request.body));
  if (!asked.success) return { status: 400, body: { error: 'misuse' } };
  try {
    if (first === 'payments' && second !== undefined) {
      await simulator.change(second, { status: asked.data.status });
      return { status: 200, body: { paymentId: second } };
    }
    if (preference === undefined || second !== 'pay') return notFound;
    const { amountCents, currency, late } = asked.data;
    const paymentId = await simulator.pay(preference.id, {
      status: asked.data.status,
      ...(amountCents === undefined ? {} : { amountCents }),
      ...(currency === undefined ? {} : { currency }),
      ...(late === undefined ? {} : { late }),
    });
    return { status: 200, body: { paymentId } };
  } catch (error) {
    return { status: 409, body: { error: error instanceof Error ? error.message : 'failed' } };
  }
}
