/**
 * What a failed send means for who sends, from `providers.md` (WhatsApp, 5): `outside_window` use a template ·
 * `undeliverable` stop, flag the contact · `user_rate` slow down this user · `number_rate` slow down the queue ·
 * `do_not_retry` · `temporary` retry with jitter · `not_in_test_list` try the sibling form of the number · `auth` and
 * `app_limit` stop the queue, page the owner · `invalid` our message is wrong · `ambiguous` it may have been sent.
 */
export type WhatsAppErrorKind =
  | 'outside_window'
  | 'undeliverable'
  | 'user_rate'
  | 'number_rate'
  | 'do_not_retry'
  | 'temporary'
  | 'not_in_test_list'
  | 'auth'
  | 'app_limit'
  | 'invalid'
  | 'ambiguous';

/** A refused or unclear call of the Graph API. Its message holds no phone, no text and no token. */
export class WhatsAppError extends Error {
  readonly kind: WhatsAppErrorKind;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Graph's error code, where it said one. */
  readonly code: number | undefined;
  /** How long Graph asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Meta's trace id, for a support request. */
  readonly traceId: string | undefined;
  constructor(
    kind: WhatsAppErrorKind,
    about: { status?: number; code?: number; retryAfterMs?: number; traceId?: string; detail?: string } = {},
  ) {
    const facts = [
      about.status === undefined ? '' : `status ${about.status}`,
      about.code === undefined ? '' : `code ${about.code}`,
      about.detail ?? '',
    ].filter((fact) => fact !== '');
    super(`WhatsApp: ${kind}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`);
    this.name = 'WhatsAppError';
    this.kind = kind;
    this.status = about.status;
    this.code = about.code;
    this.retryAfterMs = about.retryAfterMs;
    this.traceId = about.traceId;
  }
}

/**
 * Meta's codes, by code and not by title. Sources: `providers.md` and Meta's "Cloud API error codes". Account-wide
 * troubles (permissions, locked or unregistered account, missing payment method) are `auth`: no message would pass.
 */
const kinds: ReadonlyMap<number, WhatsAppErrorKind> = new Map<number, WhatsAppErrorKind>([
  [131047, 'outside_window'],
  [131026, 'undeliverable'],
  [131021, 'undeliverable'],
  [131056, 'user_rate'],
  [130429, 'number_rate'],
  [131048, 'do_not_retry'],
  [131049, 'do_not_retry'],
  [131050, 'do_not_retry'],
  [130472, 'do_not_retry'],
  [130497, 'do_not_retry'],
  [1, 'temporary'],
  [2, 'temporary'],
  [131000, 'temporary'],
  [131016, 'temporary'],
  [131057, 'temporary'],
  [133004, 'temporary'],
  [131030, 'not_in_test_list'],
  [0, 'auth'],
  [3, 'auth'],
  [10, 'auth'],
  [190, 'auth'],
  [368, 'auth'],
  [131005, 'auth'],
  [131031, 'auth'],
  [131042, 'auth'],
  [131045, 'auth'],
  [133010, 'auth'],
  [4, 'app_limit'],
  [80007, 'app_limit'],
]);

/**
 * What a Graph error code means; used for HTTP answers and for the `errors` of failed statuses alike. Unknown codes go
 * by the HTTP status: 401 and 403 `auth`, 429 `number_rate`, 5xx `temporary`, else `invalid`.
 */
export function classifyWhatsAppCode(code: number | undefined, status?: number): WhatsAppErrorKind {
  const known = code === undefined ? undefined : kinds.get(code);
  if (known !== undefined) return known;
  if (code !== undefined && code >= 200 && code <= 299) return 'auth';
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'number_rate';
  return status !== undefined && status >= 500 ? 'temporary' : 'invalid';
}
