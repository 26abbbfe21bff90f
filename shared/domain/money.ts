import { DomainError } from './errors.ts';

/** Money is integer cents beside a currency (ISO 4217); never a float. */
export type Cents = number;

/** Round half up to the cent: `numerator / denominator` in whole cents, exact for every amount a lodging can charge. */
export function divideHalfUp(numerator: bigint, denominator: bigint): Cents {
  if (numerator < 0n || denominator <= 0n) throw new DomainError('invalid_money');
  const cents = Number((numerator * 2n + denominator) / (denominator * 2n));
  if (!Number.isSafeInteger(cents)) throw new DomainError('invalid_money');
  return cents;
}

/** A percentage of an amount, rounded half up to the cent. */
export function percentOf(cents: Cents, percent: number): Cents {
  return divideHalfUp(BigInt(cents) * BigInt(percent), 100n);
}

/** Reads "48.000", "48000,50", "48000.50" or 48000 as cents; throws `invalid_money` for anything doubtful. */
export function parseMoney(text: string): Cents {
  const trimmed = text.trim();
  const match =
    /^(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?$/.exec(trimmed) ??
    /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/.exec(trimmed);
  if (!match) throw new DomainError('invalid_money');
  const whole = Number(match[1]!.replaceAll(/[.,]/g, ''));
  const cents = whole * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  if (!Number.isSafeInteger(cents)) throw new DomainError('invalid_money');
  return cents;
}
