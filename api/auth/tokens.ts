import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Whom a token is for: the operators' API, or the console's session cookie. One is never taken for the other. */
export type Audience = 'api' | 'console';

/** What a token says: who, since and until when (seconds), and the stamp of the password that it was given for. */
export type TokenClaims = { sub: string; aud: Audience; iat: number; exp: number; stamp: string };

const claims = z.object({
  sub: z.string().min(1).max(320),
  aud: z.enum(['api', 'console']),
  iat: z.int(),
  exp: z.int(),
  stamp: z.string().min(1).max(100),
});

/** The one header that we write and the one that we read: nothing in a token chooses how it is verified. */
const header = encode({ alg: 'HS256', typ: 'JWT' });
const longestToken = 2_000;
const clockSkewS = 60;

/** A JSON Web Token signed with HMAC-SHA256. */
export function signToken(secret: string, token: TokenClaims): string {
  const signed = `${header}.${encode(token)}`;
  return `${signed}.${mac(secret, signed).toString('base64url')}`;
}

/**
 * The claims of a token that we signed for that audience and that has not ended; undefined for anything else. The header must
 * be HS256 exactly (no `none`, no other algorithm, no critical extension); the signature is compared in constant time before
 * the claims are read.
 */
export function readToken(
  secret: string,
  token: string,
  audience: Audience,
  nowMs = Date.now(),
): TokenClaims | undefined {
  const parts = token.length <= longestToken ? /^([\w-]+)\.([\w-]+)\.([\w-]{43})$/.exec(token) : null;
  if (!parts) return undefined;
  const [, head = '', body = '', signature = ''] = parts;
  if (!isOurHeader(head)) return undefined;
  const expected = mac(secret, `${head}.${body}`);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const read = claims.safeParse(decode(body));
  if (!read.success || read.data.aud !== audience) return undefined;
  const nowS = nowMs / 1_000;
  return read.data.exp > nowS && read.data.iat <= nowS + clockSkewS ? read.data : undefined;
}

const ourHeader = z.strictObject({ alg: z.literal('HS256'), typ: z.literal('JWT').optional() });

function isOurHeader(head: string): boolean {
  return head === header || ourHeader.safeParse(decode(head)).success;
}

function mac(secret: string, text: string): Buffer {
  if (secret === '') throw new Error('JWT_SECRET is empty');
  return createHmac('sha256', secret).update(text).digest();
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
