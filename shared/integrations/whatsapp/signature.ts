import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a check of `X-Hub-Signature-256` found; `reason` is there only when it is not valid. */
export type WhatsAppSignatureVerdict = { valid: boolean; reason?: 'missing' | 'malformed' | 'mismatch' };

const shape = /^sha256=[0-9a-f]{64}$/i;

/**
 * The `X-Hub-Signature-256` header for these bytes: `sha256=` and 64 hexadecimal digits.
 * Source: Meta, "Graph API webhooks: validating payloads" (HMAC-SHA256 with the app secret).
 */
export function signWhatsApp(raw: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;
}

/**
 * Judges the header over the bytes as received: JSON that was parsed and written again differs (escapes, emoji, `&`).
 * Any of `secrets` may have signed (rotation); empty ones never count. Constant time per secret, and it never throws.
 */
export function verifyWhatsAppSignature(
  raw: Buffer,
  header: string | undefined,
  secrets: readonly string[],
): WhatsAppSignatureVerdict {
  if (typeof header !== 'string' || header.trim() === '') return { valid: false, reason: 'missing' };
  if (!shape.test(header)) return { valid: false, reason: 'malformed' };
  const received = Buffer.from(header.toLowerCase(), 'latin1');
  let valid = false;
  for (const secret of secrets) {
    if (secret === '') continue;
    const expected = Buffer.from(signWhatsApp(raw, secret), 'latin1');
    // No early exit: which of the secrets signed is not to be read from the time taken.
    if (received.length === expected.length && timingSafeEqual(received, expected)) valid = true;
  }
  return valid ? { valid } : { valid, reason: 'mismatch' };
}
