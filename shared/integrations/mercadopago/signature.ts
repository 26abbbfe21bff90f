import { createHmac, timingSafeEqual } from 'node:crypto';

/** A header or query value as HTTP frameworks hand it over. */
export type HttpValue = string | readonly string[] | null | undefined;

/** Why a Mercado Pago signature was refused. */
export type MercadoPagoSignatureReason =
  | 'missing'
  | 'malformed'
  | 'missing_timestamp'
  | 'missing_hash'
  | 'mismatch'
  | 'out_of_tolerance';

/** What a check of `x-signature` found; `reason` is there only when it is not valid. */
export type MercadoPagoSignatureVerdict = { valid: boolean; reason?: MercadoPagoSignatureReason };

/** What `verifyMercadoPagoSignature` judges. `dataId` is `data.id` of the query string, never of the body. */
export type MercadoPagoSignatureInput = {
  secret: string;
  xSignature: HttpValue;
  xRequestId?: HttpValue;
  dataId?: HttpValue;
  /** Seconds between `ts` and `nowMs`; unset = no limit: Mercado Pago repeats a notice hours later with the same `ts`. */
  toleranceSeconds?: number;
  nowMs?: number;
};

function single(value: HttpValue): string | undefined {
  const first = typeof value === 'string' ? value : Array.isArray(value) ? (value[0] as unknown) : undefined;
  const trimmed = typeof first === 'string' ? first.trim() : '';
  return trimmed === '' ? undefined : trimmed;
}

function manifest(dataId: string | undefined, requestId: string | undefined, ts: string): string {
  return `${dataId === undefined ? '' : `id:${dataId};`}${requestId === undefined ? '' : `request-id:${requestId};`}ts:${ts};`;
}

function digest(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

function equals(a: string, b: string): boolean {
  const left = Buffer.from(a, 'utf8');
  const right = Buffer.from(b, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The parts of the header by key, as the vendor's SDKs read it: any order, spaces allowed, the last of equal keys counts. */
function parts(header: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const piece of header.split(',')) {
    const at = piece.indexOf('=');
    if (at < 1) continue;
    const key = piece.slice(0, at).trim().toLowerCase();
    const value = piece.slice(at + 1).trim();
    if (value !== '') found.set(key, value);
  }
  return found;
}

/**
 * The `x-signature` header (`ts=…,v1=…`) for a notice; `ts` is seconds or milliseconds and is taken as given.
 * Manifest: `id:<data.id>;request-id:<x-request-id>;ts:<ts>;`, absent parts left out (Mercado Pago, "Webhooks").
 */
export function signMercadoPago(input: {
  secret: string;
  dataId?: string;
  xRequestId?: string;
  ts: string | number;
}): string {
  const ts = String(input.ts);
  return `ts=${ts},v1=${digest(input.secret, manifest(single(input.dataId), single(input.xRequestId), ts))}`;
}

/**
 * Judges `x-signature`. The documentation lower-cases an alphanumeric `data.id`, the SDKs sign it as received since
 * June 2026: either is accepted, each compared in constant time. `ts` may have 10 or 13 digits. Never throws.
 */
export function verifyMercadoPagoSignature(input: MercadoPagoSignatureInput): MercadoPagoSignatureVerdict {
  const header = single(input.xSignature);
  if (header === undefined) return { valid: false, reason: 'missing' };
  const found = parts(header);
  const ts = found.get('ts');
  const hash = found.get('v1');
  if (ts === undefined) {
    const signed = [...found.keys()].some((key) => /^v\d+$/.test(key));
    return { valid: false, reason: signed ? 'missing_timestamp' : 'malformed' };
  }
  if (!/^\d{1,16}$/.test(ts)) return { valid: false, reason: 'malformed' };
  if (hash === undefined) return { valid: false, reason: 'missing_hash' };
  if (input.secret === '') return { valid: false, reason: 'mismatch' };

  const dataId = single(input.dataId);
  const requestId = single(input.xRequestId);
  const asReceived = equals(digest(input.secret, manifest(dataId, requestId, ts)), hash);
  const lowerCased = equals(digest(input.secret, manifest(dataId?.toLowerCase(), requestId, ts)), hash);
  if (!asReceived && !lowerCased) return { valid: false, reason: 'mismatch' };

  if (input.toleranceSeconds !== undefined) {
    const tsMs = ts.length > 11 ? Number(ts) : Number(ts) * 1000;
    const driftSeconds = Math.abs((input.nowMs ?? Date.now()) - tsMs) / 1000;
    if (driftSeconds > input.toleranceSeconds) return { valid: false, reason: 'out_of_tolerance' };
  }
  return { valid: true };
}
