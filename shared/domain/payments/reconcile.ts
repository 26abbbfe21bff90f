import { importBeforeSettling } from '../calendars/import-before-sale.ts';
import type { Stores } from '../ports.ts';
import { withRefunds, type Asking } from './ask-provider.ts';
import type { Payment, ProviderPayment } from './payment.ts';
import { settlePayment } from './settle-payment.ts';

/** One payment that we knew otherwise than the provider, and what became of it. */
export type Difference = {
  paymentId: string;
  /** The reservation's code, where it has one. */
  code: string | null;
  /** `missing`: we never heard of it. */
  what: 'missing' | 'status' | 'refunded' | 'amount';
  ours: string | null;
  theirs: string;
  /** After settling; null when only looking. */
  outcome: string | null;
};

export type Reconciliation = {
  from: string;
  to: string;
  /** Payments of the period that are ours, and how many were not (other sales of the same account). */
  looked: number;
  foreign: number;
  /** Ids of payments that could not be settled now. */
  failed: string[];
  differences: Difference[];
};

const hourMs = 3_600_000;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Compares everything that changed at the provider in the last `hours` (by the database's clock, an hour of leeway for the
 * provider's) with what we know, and settles what differs; `isDryRun` only compares. Payments that neither name a reservation
 * nor come from a link of ours are other sales of the account and left alone.
 */
export async function reconcilePayments(
  { hours, isDryRun = false }: { hours: number; isDryRun?: boolean },
  deps: Asking,
  signal: AbortSignal,
): Promise<Reconciliation> {
  const now = await deps.inTransaction((stores) => Promise.resolve(stores.now));
  const [from, to] = [new Date(now.getTime() - hours * hourMs), new Date(now.getTime() + hourMs)];
  const found = await deps.payments.findPaymentsUpdatedSince(from, to, signal);
  const result: Reconciliation = {
    from: from.toISOString(),
    to: to.toISOString(),
    looked: 0,
    foreign: 0,
    failed: [],
    differences: [],
  };
  for (const provided of found) {
    signal.throwIfAborted();
    try {
      const whole = isDryRun ? provided : await withRefunds(provided, deps, signal);
      if (!isDryRun) await importBeforeSettling(whole, deps, signal);
      const seen = await deps.inTransaction((stores) => look(whole, isDryRun, stores));
      if (seen === 'foreign') result.foreign += 1;
      else result.looked += 1;
      if (seen !== 'foreign' && seen) result.differences.push(seen);
    } catch {
      // One that fails must not keep the others from being right; the next run tries it again.
      result.failed.push(provided.id);
    }
  }
  return result;
}

/** Compares and (unless only looking) settles one payment; undefined when both sides knew the same. */
async function look(
  provided: ProviderPayment,
  isDryRun: boolean,
  stores: Stores,
): Promise<Difference | 'foreign' | undefined> {
  const ours = await stores.payments.findPayment(provided.id);
  if (!ours && !isOurs(provided)) return 'foreign';
  const settled = isDryRun ? null : await settlePayment(provided, stores);
  const difference = compare(provided, ours);
  if (!difference || settled === 'stale') return undefined;
  const after = isDryRun ? ours : await stores.payments.findPayment(provided.id);
  const reservation = after?.reservationId ? await stores.reservations.find(after.reservationId) : undefined;
  const outcome = settled === 'unchanged' ? (after?.outcome ?? null) : settled;
  return { paymentId: provided.id, code: reservation?.code ?? null, ...difference, outcome };
}

/** Does it say that a link of ours led to it? */
function isOurs({ externalReference, linkId }: ProviderPayment): boolean {
  return linkId !== undefined || (externalReference !== undefined && uuidPattern.test(externalReference));
}

function compare(
  theirs: ProviderPayment,
  ours: Payment | undefined,
): Pick<Difference, 'what' | 'ours' | 'theirs'> | undefined {
  if (!ours) return { what: 'missing', ours: null, theirs: theirs.status };
  if (ours.status !== theirs.status) return { what: 'status', ours: ours.status, theirs: theirs.status };
  const refundedCents =
    theirs.status === 'refunded' ? theirs.refundedCents || theirs.amountCents : theirs.refundedCents;
  if (ours.refundedCents !== refundedCents)
    return { what: 'refunded', ours: String(ours.refundedCents), theirs: String(refundedCents) };
  if (ours.amountCents !== theirs.amountCents)
    return { what: 'amount', ours: String(ours.amountCents), theirs: String(theirs.amountCents) };
  return undefined;
}
