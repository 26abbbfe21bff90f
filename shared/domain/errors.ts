/** Every refusal the business knows. Each edge translates codes in one table (HTTP status, guest's words, retry or not). */
export type DomainErrorCode =
  | 'invalid_dates'
  | 'date_in_past'
  | 'too_late_today'
  | 'too_far_ahead'
  | 'stay_too_long'
  | 'stay_too_short'
  | 'invalid_guests'
  | 'too_many_guests'
  | 'stay_unavailable'
  | 'nights_busy'
  | 'accommodation_not_found'
  | 'reservation_not_found'
  | 'payment_not_found'
  | 'invalid_state'
  | 'feed_exists'
  | 'feed_not_found'
  | 'invalid_feed_url'
  | 'block_not_found'
  | 'conflict_not_found'
  | 'invalid_money'
  | 'conversation_not_found'
  | 'notice_not_found'
  | 'name_taken'
  | 'seasons_overlap';

/** A refusal by a rule of the business, not a fault: `data` says the numbers behind it, never a personal datum. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly data: Record<string, unknown>;
  constructor(code: DomainErrorCode, data: Record<string, unknown> = {}) {
    super(code);
    this.name = 'DomainError';
    this.code = code;
    this.data = data;
  }
}
