import type { Database } from '../data-source.ts';

/** A payment whose cents do not add up, or whose refunds do not; amounts in cents of `currency`. */
export type LedgerFault = {
  paymentId: string;
  providerPaymentId: string;
  currency: string;
  approvedCents: number;
  allocatedCents: number;
  refundCents: number;
  returnedCents: number;
};

/** The ledger's equations (rules.md, Money) over every payment; an empty list is what doctor wants. The commits check them too. */
export async function findLedgerFaults(database: Database, limit = 100): Promise<LedgerFault[]> {
  const rows: Record<string, string>[] = await database.query(
    `SELECT payment_id, provider_payment_id, currency, approved_cents, allocated_cents, refund_cents, returned_cents
     FROM payment_ledger
     WHERE allocated_cents <> approved_cents OR refund_cents <> returned_cents OR has_negative
     ORDER BY payment_id LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({
    paymentId: row['payment_id']!,
    providerPaymentId: row['provider_payment_id']!,
    currency: row['currency']!,
    approvedCents: Number(row['approved_cents']),
    allocatedCents: Number(row['allocated_cents']),
    refundCents: Number(row['refund_cents']),
    returnedCents: Number(row['returned_cents']),
  }));
}
