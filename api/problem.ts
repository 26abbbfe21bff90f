import { STATUS_CODES } from 'node:http';
import { ZodError } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import type { DomainErrorCode } from '#shared/domain/errors.ts';
import { QueueUnavailable } from '#shared/queues/enqueue.ts';

/** An answer that is none of the good ones: thrown by middleware and routes, written by the error responder. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly members: Record<string, unknown>;
  constructor(
    status: number,
    code: string,
    more: { headers?: Record<string, string>; members?: Record<string, unknown> } = {},
  ) {
    super(code);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.members = more.members ?? {};
  }
}

/** The API's table: every refusal of the business is a 4xx. */
export const domainStatus: Record<DomainErrorCode, number> = {
  invalid_dates: 422,
  date_in_past: 422,
  too_late_today: 422,
  too_far_ahead: 422,
  stay_too_long: 422,
  stay_too_short: 422,
  invalid_guests: 422,
  too_many_guests: 422,
  stay_unavailable: 409,
  nights_busy: 409,
  accommodation_not_found: 404,
  reservation_not_found: 404,
  payment_not_found: 404,
  invalid_state: 409,
  feed_exists: 409,
  feed_not_found: 404,
  invalid_feed_url: 422,
  block_not_found: 404,
  conflict_not_found: 404,
  invalid_money: 422,
  conversation_not_found: 404,
  notice_not_found: 404,
  name_taken: 409,
  seasons_overlap: 422,
};

/** The problem that an error of any origin is to the outside; what nobody foresaw is a 500 that says nothing. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof DomainError)
    return new HttpProblem(domainStatus[error.code], error.code, { members: { data: error.data } });
  if (error instanceof ZodError)
    return new HttpProblem(400, 'invalid_request', { members: { issues: issuesOf(error) } });
  if (error instanceof QueueUnavailable) return unavailable('queue_unavailable');
  if (isDatabaseAway(error)) return unavailable('database_unavailable');
  const status = statusOf(error);
  return status ? new HttpProblem(status, codeOf(status)) : new HttpProblem(500, 'internal_error');
}

/** 503, come again in a second. */
export function unavailable(code: string): HttpProblem {
  return new HttpProblem(503, code, { headers: { 'Retry-After': '1' } });
}

/** `not_found`, `method_not_allowed`, …: the stable code of a status that nothing more is known about. */
export function codeOf(status: number): string {
  return (STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '_');
}

/** Where and what, never the value that was sent, nor a key that is none of ours. */
function issuesOf(error: ZodError): { path: string; message: string }[] {
  return error.issues.map(({ path, message, code }) => ({
    path: path.join('.'),
    message: code === 'unrecognized_keys' ? 'has keys that are not known' : message,
  }));
}

/** Client errors of Koa and its kin (http-errors) pass with their status; a bad percent-encoding is one too. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof URIError) return 400;
  const { status, expose } = (error ?? {}) as { status?: unknown; expose?: unknown };
  return typeof status === 'number' && expose === true && status >= 400 && status < 500 ? status : undefined;
}

function isDatabaseAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(ECONNREFUSED|ECONNRESET|57P0[1-3]|08\w{3})$/.test(code)) return true;
  return typeof message === 'string' && /timeout exceeded when trying to connect|Connection terminated/.test(message);
}
