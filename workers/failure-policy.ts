import { ZodError } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';

/** Why a job failed: a metric's label, so a closed list and the codes of the business. */
export type FailureReason =
  | DomainError['code']
  | 'invalid_payload'
  | 'rate_limited'
  | 'http_4xx'
  | 'http_5xx'
  | 'vendor_busy'
  | 'timeout'
  | 'network'
  | 'database'
  | 'aborted'
  | 'unknown';

/** What to do about an error: try again by the job's own policy, stop, or let the whole queue rest for a while. */
export type Verdict =
  | { action: 'retry' | 'give up'; reason: FailureReason }
  | { action: 'slow down'; reason: 'rate_limited'; restMs: number };

/** How long a queue rests after a 429 that does not say, in milliseconds. */
const defaultRestMs = 5_000;
const longestRestMs = 60_000;

/**
 * The workers' table (house.md, Errors). Rows are tried in order; the last one retries what nobody foresaw. An inbound job
 * holds the only copy of what a provider told us: one that does not parse is retried patiently (a release that understands it
 * may come) instead of given up.
 */
export function judgeFailure(error: unknown, job: { isInbound: boolean }): Verdict {
  // Somebody stood still with a lock: no refusal of what was asked.
  if (error instanceof DomainError)
    return { action: error.code === 'nights_busy' ? 'retry' : 'give up', reason: error.code };
  if (error instanceof ZodError) return { action: job.isInbound ? 'retry' : 'give up', reason: 'invalid_payload' };
  const { status, kind, code, name, retryAfterMs } = traitsOf(error);
  if (status === 429 || kind === 'number_rate' || kind === 'rate_limited')
    return { action: 'slow down', reason: 'rate_limited', restMs: clampRest(retryAfterMs) };
  if (kind === 'app_limit') return { action: 'slow down', reason: 'rate_limited', restMs: longestRestMs };
  if (status !== undefined && status >= 500) return { action: 'retry', reason: 'http_5xx' };
  if (kind && passingKinds.has(kind)) return { action: 'retry', reason: 'vendor_busy' };
  if (status === 408) return { action: 'retry', reason: 'timeout' };
  if (status !== undefined && status >= 400) return { action: 'give up', reason: 'http_4xx' };
  if (name === 'TimeoutError' || (code && timeoutCodes.has(code))) return { action: 'retry', reason: 'timeout' };
  if (name === 'AbortError') return { action: 'retry', reason: 'aborted' };
  if (code && networkCodes.has(code)) return { action: 'retry', reason: 'network' };
  if (isDatabaseError(error)) return { action: 'retry', reason: 'database' };
  return { action: 'retry', reason: 'unknown' };
}

/** What our vendors' clients call a trouble that passes, whatever its status: Graph says much of it with a 400. */
const passingKinds = new Set(['temporary', 'ambiguous', 'user_rate']);
const timeoutCodes = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'UND_ERR_SOCKET',
]);

type Traits = { status?: number; kind?: string; code?: string; name?: string; retryAfterMs?: number };

/** What an error of whatever library tells, its causes included (fetch hides the socket's code in one). */
function traitsOf(error: unknown, depth = 0): Traits {
  if (typeof error !== 'object' || error === null) return {};
  const { status, statusCode, kind, code, name, retryAfterMs, cause } = error as Record<string, unknown>;
  const inner = depth < 3 ? traitsOf(cause, depth + 1) : {};
  const own: Traits = {
    ...(typeof status === 'number' ? { status } : typeof statusCode === 'number' ? { status: statusCode } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof name === 'string' && name !== 'Error' && name !== 'TypeError' ? { name } : {}),
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  };
  return { ...inner, ...own };
}

function clampRest(ms: number | undefined): number {
  return Math.min(Math.max(ms ?? defaultRestMs, 500), longestRestMs);
}

/**
 * Is the database at fault, and not what it was told: a lock that is not had, a connection that went (which may have no code), a
 * server that stops, is full, or wants the transaction again?
 */
export function isTroubleOfDatabase(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'nights_busy';
  if (error instanceof ZodError || error instanceof TypeError || error instanceof RangeError) return false;
  return !isDatabaseError(error) || /^(08|40|53|55|57)/.test(traitsOf(error).code!);
}

/** A Postgres error has a five-character SQLSTATE. */
function isDatabaseError(error: unknown): boolean {
  const { code } = traitsOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code);
}
