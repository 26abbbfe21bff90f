import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { DomainError } from '#shared/domain/errors.ts';
import type { Operator } from '../auth/operators.ts';
import type { Desk } from '../desk.ts';
import { rawBodyOf } from '../middleware/raw-body.ts';
import { HttpProblem } from '../problem.ts';
import type { Route, RouteContract, Transact } from './route.ts';

/** The stored first answer of a request that came again; never leaves this file. */
class Replay extends Error {
  readonly status: number;
  readonly answer: string;
  constructor(status: number, answer: string) {
    super('replay');
    this.status = status;
    this.answer = answer;
  }
}

/**
 * Runs a route for an operator: everything that came is parsed by the route's schemas (400), the answer by its own (an answer
 * that does not fit is a fault of ours: 500, and nothing beyond the schema gets out), and repeated requests are recognised.
 */
export async function runRoute(route: Route, ctx: Context, operator: Operator, desk: Desk): Promise<void> {
  const asked = readAsked(route, ctx);
  const transact = createTransact(route, ctx, operator, desk, asked);
  const hangUp = new AbortController();
  ctx.res.once('close', () => hangUp.abort());
  const input = { ...asked, operator, transact, signal: hangUp.signal };
  ctx.status = route.status ?? 200;
  try {
    const answer = await route.handle(input as never, desk);
    writeAnswer(ctx, route, answer);
  } catch (error) {
    if (!(error instanceof Replay)) throw error;
    ctx.status = error.status;
    ctx.set('Idempotent-Replayed', 'true');
    if (error.answer === '') return;
    ctx.body = error.answer;
    ctx.type = 'application/json';
  }
}

type Asked = { params: unknown; query: unknown; body: unknown };

/** What a request asks, by the route's schemas. Throws what becomes a 400 or 415. */
export function readAsked(route: RouteContract, ctx: Context): Asked {
  return {
    params: route.params?.parse(ctx.params),
    query: route.query?.parse({ ...ctx.query }),
    body: route.body?.parse(readJson(ctx)),
  };
}

/** Writes the good answer of a route. */
export function writeAnswer(ctx: Context, route: RouteContract, answer: unknown): void {
  if (route.isCsv) {
    ctx.body = answer;
    ctx.type = 'text/csv; charset=utf-8';
    return;
  }
  const text = toText(route, answer);
  if (text === '') {
    ctx.status = route.status ?? 204;
    return;
  }
  ctx.body = text;
  ctx.type = 'application/json';
}

function toText(route: RouteContract, answer: unknown): string {
  if (!route.answer) return '';
  const fitting = route.answer.safeParse(answer);
  if (!fitting.success) {
    const where = fitting.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`).join(', ');
    throw new Error(`the answer of ${route.name} does not fit its schema: ${where}`);
  }
  return JSON.stringify(fitting.data);
}

/** The body as JSON, `{}` when there is none. 415 for another type, 400 for bytes that are no JSON. */
function readJson(ctx: Context): unknown {
  const raw = rawBodyOf(ctx);
  if (raw.length === 0) return {};
  if (!/^application\/(\w+\+)?json\s*(;|$)/i.test(ctx.get('Content-Type')))
    throw new HttpProblem(415, 'unsupported_media_type');
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    throw new HttpProblem(400, 'invalid_json');
  }
}

function createTransact(route: Route, ctx: Context, operator: Operator, desk: Desk, asked: Asked): Transact {
  const key = route.method === 'POST' ? readKey(ctx) : undefined;
  return async (work) => {
    const outcome = await desk.inTransaction(async (stores) => {
      if (key === undefined) return work(stores);
      const request = { operator: operator.email, key };
      const claim = await stores.idempotency.claim({ ...request, fingerprint: fingerprintOf(route, asked) });
      if (claim.type === 'answered') throw new Replay(claim.status, claim.answer);
      if (claim.type === 'in_progress')
        throw new HttpProblem(409, 'request_in_progress', { headers: { 'Retry-After': '1' } });
      if (claim.type === 'other_request') throw new HttpProblem(422, 'idempotency_key_reused');
      if (claim.type === 'erased') throw new HttpProblem(409, 'answer_erased');
      const done = await work(stores);
      if (done instanceof DomainError) await stores.idempotency.release(request);
      else await stores.idempotency.finish({ ...request, status: route.status ?? 200, answer: toText(route, done) });
      return done;
    });
    if (outcome instanceof DomainError) throw outcome;
    return outcome;
  };
}

function readKey(ctx: Context): string | undefined {
  const key = ctx.get('Idempotency-Key').trim();
  if (key === '') return undefined;
  if (!/^[\u0021-\u007e]{1,255}$/.test(key)) throw new HttpProblem(400, 'invalid_idempotency_key');
  return key;
}

/** Of what was asked as the schemas understood it: white space and the order of keys make no other request. */
function fingerprintOf(route: Route, asked: Asked): string {
  return createHash('sha256')
    .update(JSON.stringify([route.method, route.path, asked]))
    .digest('base64url');
}

/** Rows as they come, as a body that is sent while it is read. */
export function toStream(rows: AsyncIterable<string>): Readable {
  return Readable.from(rows, { objectMode: false });
}
