import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const cost = { N: 32_768, r: 8, p: 1 };
const keyBytes = 32;

/**
 * The hash of an operator's password, as `ADMIN_USERS` takes it: `scrypt$N$r$p$salt$hash`, base64url, without the `:` and
 * `,` that separate users there. Takes about 60 ms and 32 MB.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether the password has this hash, in constant time; false for a hash that is none. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = parseHash(hash);
  if (!parts) return false;
  const actual = await derive(password, parts.salt, parts.cost);
  return actual.length === parts.hash.length && timingSafeEqual(actual, parts.hash);
}

/** Whether a text has the form that `hashPassword` makes; costs above 2^17 are refused, so that no hash eats the memory. */
export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

type Cost = { N: number; r: number; p: number };

function parseHash(text: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const match = /^scrypt\$(\d{4,6})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,})\$([\w-]{43})$/.exec(text);
  if (!match) return undefined;
  const [N, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (N < 16_384 || N > 131_072 || (N & (N - 1)) !== 0 || r !== 8 || p < 1 || p > 4) return undefined;
  return {
    cost: { N, r, p },
    salt: Buffer.from(match[4] ?? '', 'base64url'),
    hash: Buffer.from(match[5] ?? '', 'base64url'),
  };
}

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const maxmem = 256 * N * r;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, { N, r, p, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
