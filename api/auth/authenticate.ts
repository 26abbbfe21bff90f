import type { Attempts } from './attempts.ts';
import type { Operator, Operators } from './operators.ts';

/**
 * One counted try to log in, per account and per address: the operator, or undefined for a wrong pair. Throws 429 when one of
 * the two failed too often.
 */
export async function authenticate(
  operators: Operators,
  attempts: Attempts,
  given: { email: string; password: string },
  address: string,
): Promise<Operator | undefined> {
  const account = `account:${given.email.trim().toLowerCase().slice(0, 200)}`;
  const keys = [account, `address:${address}`];
  await attempts.take(keys); // before the slow hash: a thousand tries at once must not all pass the check
  const operator = await operators.authenticate(given.email, given.password);
  if (operator) await attempts.forgive(keys);
  return operator;
}
