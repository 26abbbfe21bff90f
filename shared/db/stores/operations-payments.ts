import type { Payment, Refund } from '#shared/domain/payments/payment.ts';
import type { Database } from '../data-source.ts';
import { readCursor, toPage, type Page } from './cursor.ts';

export type ListedRefund = {
  id: string;
  cents: number;
  reason: string;
  state: Refund['state'];
  requestedBy: string;
  failure: string | null;
  createdAt: string;
  madeAt: string | null;
};

/** A payment with where each of its cents lies and what of it goes back. */
export type ListedPayment = {
  id: string;
  provider: Payment['provider'];
  providerPaymentId: string;
  reservationCode: string | null;
  status: string;
  statusDetail: string | null;
  outcome: string;
  amountCents: number;
  approvedCents: number;
  refundedCents: number;
  currency: string;
  allocations: Record<string, number>;
  refunds: ListedRefund[];
  receivedAt: string | null;
  createdAt: string;
};

export type PaymentFilter = {
  /** `parked`: money that waits for the owner's word. */
  isParked?: boolean | undefined;
  provider?: string | undefined;
  reservationCode?: string | undefined;
  id?: string | undefined;
};

/** A page of payments, newest first. Undefined for a cursor that is none. */
export async function listPayments(
  database: Pick<Database, 'query'>,
  filter: PaymentFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<Page<ListedPayment> | undefined> {
  const place = page.cursor === undefined ? null : readCursor(page.cursor, 1);
  if (place === undefined || (place && !/^\d{1,18}$/.test(place[0]!))) return undefined;
  const rows: PaymentListRow[] = await database.query(
    `SELECT * FROM (
       SELECT p.id, p.provider, p.provider_payment_id, r.code, p.status, p.status_detail, p.outcome, p.amount_cents, p.approved_cents,
              p.refunded_cents, p.currency, p.received_at, p.created_at,
              (SELECT jsonb_object_agg(purpose, cents) FROM (
                 SELECT purpose, sum(cents) AS cents FROM payment_allocations WHERE payment_id = p.id GROUP BY purpose HAVING sum(cents) <> 0) a) AS allocations,
              (SELECT jsonb_agg(jsonb_build_object('id', f.id, 'cents', f.cents, 'reason', f.reason, 'state', f.state, 'requestedBy', f.requested_by,
                 'failure', f.failure, 'createdAt', f.created_at, 'madeAt', f.made_at) ORDER BY f.created_at, f.id) FROM refunds f WHERE f.payment_id = p.id) AS refunds
       FROM payments p LEFT JOIN reservations r ON r.id = p.reservation_id
       WHERE ($1::text IS NULL OR p.provider = $1) AND ($2::text IS NULL OR r.code = upper($2))
         AND ($3::bigint IS NULL OR p.id < $3) AND ($6::bigint IS NULL OR p.id = $6)
     ) t WHERE (NOT $4::boolean OR coalesce((allocations ->> 'parked')::bigint, 0) > 0)
     ORDER BY id DESC LIMIT $5`,
    [
      filter.provider ?? null,
      filter.reservationCode ?? null,
      place?.[0] ?? null,
      filter.isParked ?? false,
      page.limit + 1,
      filter.id ?? null,
    ],
  );
  return toPage(rows, page.limit, toListed, (row) => [row.id]);
}

type PaymentListRow = {
  id: string;
  provider: Payment['provider'];
  provider_payment_id: string;
  code: string | null;
  status: string;
  status_detail: string | null;
  outcome: string;
  amount_cents: string;
  approved_cents: string;
  refunded_cents: string;
  currency: string;
  received_at: Date | null;
  created_at: Date;
  allocations: Record<string, number> | null;
  refunds: ListedRefund[] | null;
};

function toListed(row: PaymentListRow): ListedPayment {
  return {
    id: row.id,
    provider: row.provider,
    providerPaymentId: row.provider_payment_id,
    reservationCode: row.code,
    status: row.status,
    statusDetail: row.status_detail,
    outcome: row.outcome,
    amountCents: Number(row.amount_cents),
    approvedCents: Number(row.approved_cents),
    refundedCents: Number(row.refunded_cents),
    currency: row.currency,
    allocations: row.allocations ?? {},
    refunds: (row.refunds ?? []).map((refund) => ({
      ...refund,
      createdAt: new Date(refund.createdAt).toISOString(),
      madeAt: refund.madeAt === null ? null : new Date(refund.madeAt).toISOString(),
    })),
    receivedAt: row.received_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
