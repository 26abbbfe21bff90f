import type { SimulatedAnswer, SimulatedRequest } from '../simulator-kit/http.ts';
import { parseJson } from '../simulator-kit/http.ts';
import { toCents } from './payload.ts';
import { judgePreference, toMercadoPagoErrorBody, toMercadoPagoTime } from './simulator-state.ts';
import type { MercadoPagoState, SimulatedPayment, SimulatedPreference } from './simulator-state.ts';

/** What the API does to the simulator's world. */
export type ApiWorld = {
  state: MercadoPagoState;
  collectorId: number;
  now: () => Date;
  nextPreferenceId: () => string;
  checkoutUrl: (preferenceId: string) => string;
  refund: (payment: SimulatedPayment, amountCents: number | undefined) => SimulatedAnswer;
  changed: () => void;
};

const notFound: SimulatedAnswer = { status: 404, body: toMercadoPagoErrorBody(404, 2000, 'not found') };

function badRequest(message: string, code = 100): SimulatedAnswer {
  return { status: 400, body: toMercadoPagoErrorBody(400, code, message) };
}

function createPreference(world: ApiWorld, body: unknown): SimulatedAnswer {
  const judged = judgePreference(body);
  if ('problem' in judged) return badRequest(judged.problem);
  const id = world.nextPreferenceId();
  const url = world.checkoutUrl(id);
  const preference: SimulatedPreference = {
    id,
    body: {
      ...judged.preference,
      id,
      collector_id: world.collectorId,
      client_id: '1',
      site_id: 'MLA',
      operation_type: 'regular_payment',
      date_created: toMercadoPagoTime(world.now()),
      init_point: url,
      sandbox_init_point: url,
    },
  };
  world.state.preferences.push(preference);
  world.changed();
  return { status: 201, body: preference.body };
}

function updatePreference(world: ApiWorld, preference: SimulatedPreference, body: unknown): SimulatedAnswer {
  const changes = typeof body === 'object' && body !== null ? body : {};
  const judged = judgePreference({ ...preference.body, ...changes });
  if ('problem' in judged) return badRequest(judged.problem);
  preference.body = judged.preference;
  world.changed();
  return { status: 200, body: preference.body };
}

function search(world: ApiWorld, query: URLSearchParams): SimulatedAnswer {
  const range = query.get('range') ?? 'date_created';
  const sort = query.get('sort') ?? 'date_created';
  const timeOf = (payment: SimulatedPayment, field: string): number => {
    const written = payment.body[field];
    return typeof written === 'string' ? Date.parse(written) : Number.NaN;
  };
  const begin = Date.parse(query.get('begin_date') ?? '');
  const end = Date.parse(query.get('end_date') ?? '');
  const reference = query.get('external_reference');
  const direction = query.get('criteria') === 'desc' ? -1 : 1;
  const limit = Math.min(Number(query.get('limit') ?? 30) || 30, 1000);
  const offset = Number(query.get('offset') ?? 0) || 0;
  const found = world.state.payments
    .filter((payment) => payment.hiddenReads === 0)
    .filter((payment) => reference === null || payment.body.external_reference === reference)
    .filter((payment) => Number.isNaN(begin) || timeOf(payment, range) >= begin)
    .filter((payment) => Number.isNaN(end) || timeOf(payment, range) <= end)
    .toSorted((a, b) => direction * (timeOf(a, sort) - timeOf(b, sort)));
  const results = found.slice(offset, offset + limit).map((payment) => payment.body);
  return { status: 200, body: { paging: { total: found.length, limit, offset }, results } };
}

function payments(world: ApiWorld, request: SimulatedRequest, id: string, tail: string | undefined): SimulatedAnswer {
  const payment = world.state.payments.find((each) => String(each.body.id) === id);
  if (payment === undefined) return notFound;
  if (tail === undefined && request.method === 'GET') {
    if (payment.hiddenReads > 0) {
      payment.hiddenReads -= 1;
      world.changed();
      return notFound;
    }
    return { status: 200, body: payment.body };
  }
  if (tail !== 'refunds') return notFound;
  if (request.method === 'GET') return { status: 200, body: payment.body.refunds };
  const asked = parseJson(request.body);
  const amount = typeof asked === 'object' && asked !== null && 'amount' in asked ? asked.amount : undefined;
  if (amount === undefined || amount === null) return world.refund(payment, undefined);
  const cents = typeof amount === 'number' ? toCents(amount) : undefined;
  return cents === undefined || cents <= 0 ? badRequest('amount invalid') : world.refund(payment, cents);
}

/** Answers one call of Mercado Pago's API; the bearer was checked before. */
export function answerApi(world: ApiWorld, request: SimulatedRequest): SimulatedAnswer {
  const [first, second, third, fourth] = request.path.split('/').filter((part) => part !== '');
  const { method } = request;
  if (first === 'users' && second === 'me' && method === 'GET') {
    return { status: 200, body: { id: world.collectorId, nickname: 'SIMULATED', site_id: 'MLA', country_id: 'AR' } };
  }
  if (first === 'checkout' && second === 'preferences') {
    if (third === undefined) return method === 'POST' ? createPreference(world, parseJson(request.body)) : notFound;
    const preference = world.state.preferences.find((each) => each.id === third);
    if (preference === undefined) return notFound;
    if (method === 'PUT') return updatePreference(world, preference, parseJson(request.body));
    return method === 'GET' ? { status: 200, body: preference.body } : notFound;
  }
  if (first === 'v1' && second === 'payments' && third !== undefined) {
    if (third === 'search' && method === 'GET') return search(world, request.query);
    return payments(world, request, third, fourth);
  }
  return notFound;
}

/** As `answerApi`, but a POST with an `X-Idempotency-Key` seen before on this path gets the first answer again. */
export function answerOnce(world: ApiWorld, request: SimulatedRequest): SimulatedAnswer {
  const key = request.headers['x-idempotency-key'];
  if (request.method !== 'POST' || typeof key !== 'string') return answerApi(world, request);
  const name = `${request.path} ${key}`;
  const before = world.state.answers[name];
  if (before !== undefined) return before;
  const answer = answerApi(world, request);
  if (answer.status < 300) {
    world.state.answers[name] = structuredClone({ status: answer.status, body: answer.body });
    world.changed();
  }
  return answer;
}
