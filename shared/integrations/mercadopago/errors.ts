/**
 * What a failed call means: `not_found` · `rate_limited` wait `retryAfterMs` · `temporary` try again with the same
 * idempotency key · `invalid` our request is wrong or the state forbids it · `auth` stop, page the owner · `ambiguous`
 * it may have been done: try again with the same key, or ask.
 */
export type MercadoPagoErrorKind = 'not_found' | 'rate_limited' | 'temporary' | 'invalid' | 'auth' | 'ambiguous';

/** A failed call of Mercado Pago. Its message holds no token, no payer and no amount. */
export class MercadoPagoError extends Error {
  readonly kind: MercadoPagoErrorKind;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Mercado Pago's cause code, where it said one (2001 = the same request within a minute). */
  readonly code: number | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(
    kind: MercadoPagoErrorKind,
    about: { status?: number; code?: number; retryAfterMs?: number; detail?: string } = {},
  ) {
    const facts = [
      about.status === undefined ? '' : `status ${about.status}`,
      about.code === undefined ? '' : `code ${about.code}`,
      about.detail ?? '',
    ].filter((fact) => fact !== '');
    super(`Mercado Pago: ${kind}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`);
    this.name = 'MercadoPagoError';
    this.kind = kind;
    this.status = about.status;
    this.code = about.code;
    this.retryAfterMs = about.retryAfterMs;
  }
}
