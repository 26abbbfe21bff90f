import { currentCorrelationId, newCorrelationId } from '#shared/observability/context.ts';
import { hashMessageId } from '#shared/observability/redaction.ts';

/** Keys under which a payload names a row of ours or a vendor's payment: what Bull Board and logs may show. */
const idKeys = new Set([
  'accommodationId',
  'conversationId',
  'feedId',
  'messageId',
  'noteId',
  'paymentId',
  'paymentLinkId',
  'refundId',
  'reservationId',
]);

/** Beside the payload in a job's data: the correlation id of who enqueued it. */
const traceKey = '_trace';
/** Beside it: when a failed job was put back last (ISO). */
const putBackKey = '_putBackAt';

/** A payload as it is stored: with the correlation id of the running request or job, or a new one. */
export function withTrace(payload: object): Record<string, unknown> {
  return { ...payload, [traceKey]: currentCorrelationId() ?? newCorrelationId() };
}

/** The stored data taken apart again; a trace that is none of ours is dropped. */
export function splitTrace(data: unknown): { payload: unknown; correlationId: string | undefined } {
  if (typeof data !== 'object' || data === null) return { payload: data, correlationId: undefined };
  const { [traceKey]: trace, [putBackKey]: _putBackAt, ...payload } = data as Record<string, unknown>;
  return { payload, correlationId: isCorrelationId(trace) ? trace : undefined };
}

/** A failed job's data with a note of when it was put back. */
export function withPutBackAt(data: unknown, at: Date): unknown {
  return typeof data === 'object' && data !== null ? { ...data, [putBackKey]: at.toISOString() } : data;
}

/** When a job was put back last; undefined when it never was. */
export function putBackAtOf(data: unknown): Date | undefined {
  const value = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[putBackKey] : undefined;
  const at = typeof value === 'string' ? new Date(value) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}

/**
 * The ids of a job's data and nothing else: no name, text or phone. A provider's message id holds the phone; its short hash,
 * the same as in the logs, stands for it under `messageHash`.
 */
export function idsOf(data: unknown): Record<string, string> {
  if (typeof data !== 'object' || data === null) return {};
  const ids = Object.fromEntries(
    Object.entries(data)
      .filter(([key, value]) => idKeys.has(key) && isPlainId(key, value))
      .map(([key, value]) => [key, String(value)]),
  );
  const { providerMessageId } = data as { providerMessageId?: unknown };
  return typeof providerMessageId === 'string' ? { ...ids, messageHash: hashMessageId(providerMessageId) } : ids;
}

/** Rows have uuids or short numbers; only a payment of Mercado Pago is as long as a phone number. */
function isPlainId(key: string, value: unknown): boolean {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return (
    /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,9})$/i.test(text) ||
    (key === 'paymentId' && /^\d{1,20}$/.test(text))
  );
}

function isCorrelationId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{8,64}$/.test(value);
}
