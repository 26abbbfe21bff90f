import type { Database } from '#shared/db/data-source.ts';
import { findLedgerFaults } from '#shared/db/stores/ledger.ts';
import type { MercadoPagoSimulator } from '#shared/integrations/mercadopago/simulator.ts';
import { findOccupancyFaults } from '../support/records.ts';
import type { Deeds } from './money-model.ts';

type Simulated = ReturnType<MercadoPagoSimulator['payments']>[number];

const wasMoney = new Set(['approved', 'refunded', 'charged_back', 'in_mediation']);

/** What must hold of money after quiet (rules.md, Money); one line per violation, empty when all is well. */
export async function findViolations(
  database: Database,
  provided: readonly Simulated[],
  deeds: Deeds,
): Promise<string[]> {
  const violations: string[] = [];
  const say = (line: string): void => void violations.push(line);
  const select = async <T>(sql: string, parameters: unknown[] = []): Promise<T[]> => database.query(sql, parameters);

  for (const fault of await findLedgerFaults(database)) say(`ledger: ${JSON.stringify(fault)}`);
  for (const fault of await findOccupancyFaults(database)) say(`occupancy: ${JSON.stringify(fault)}`);

  const rows = await select<Row>(
    `SELECT p.provider_payment_id AS id, p.status, p.outcome, p.approved_cents AS approved, p.refunded_cents AS refunded, p.currency,
            coalesce((SELECT jsonb_object_agg(purpose, cents) FROM (SELECT purpose, sum(cents) AS cents FROM payment_allocations
              WHERE payment_id = p.id GROUP BY purpose HAVING sum(cents) <> 0) a), '{}') AS lies,
            coalesce((SELECT jsonb_agg(jsonb_build_object('id', provider_refund_id, 'cents', cents, 'state', state)) FROM refunds WHERE payment_id = p.id), '[]') AS refunds
     FROM payments p WHERE p.provider = 'mercadopago'`,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const payment of provided) checkPayment(payment, byId.get(String(payment.id)), deeds, say);

  const reservations = await select<{
    id: string;
    status: string;
    wasConfirmed: boolean;
    confirmations: string;
    refundsMade: string;
    refundsTold: string;
  }>(
    `SELECT r.id, r.status, r.confirmed_at IS NOT NULL AS "wasConfirmed",
            (SELECT count(*) FROM outbound_messages m WHERE m.reservation_id = r.id AND m.purpose = 'booking_confirmed') AS confirmations,
            (SELECT count(*) FROM refunds f WHERE f.reservation_id = r.id AND f.state = 'made') AS "refundsMade",
            (SELECT count(*) FROM outbound_messages m WHERE m.reservation_id = r.id AND m.purpose = 'refund_done') AS "refundsTold"
     FROM reservations r JOIN contacts c ON c.id = r.contact_id`,
  );
  for (const reservation of reservations) {
    const { id, status } = reservation;
    if (status === 'held') say(`${id} is still held`);
    if (reservation.wasConfirmed && status !== 'confirmed' && status !== 'cancelled')
      say(`${id} was confirmed and is ${status}`);
    if (Number(reservation.confirmations) > 1)
      say(`${id} was confirmed to its guest ${reservation.confirmations} times`);
    if (reservation.refundsMade !== reservation.refundsTold)
      say(`${id}: ${reservation.refundsMade} refunds made, ${reservation.refundsTold} told`);
  }
  const cancelled = await select<{ id: string; actor: string }>(
    `SELECT reservation_id AS id, actor FROM reservation_events WHERE type = 'cancelled' AND actor NOT IN ('guest', 'owner')`,
  );
  for (const { id, actor } of cancelled) if (!deeds.cancelled.has(id)) say(`${id} was cancelled by ${actor}`);

  const overfull = await select<{ id: string }>(
    `SELECT r.id FROM reservations r JOIN payments p ON p.reservation_id = r.id AND p.currency = r.currency
       JOIN payment_allocations a ON a.payment_id = p.id AND a.purpose = 'deposit'
     GROUP BY r.id, r.deposit_cents HAVING sum(a.cents) > r.deposit_cents`,
  );
  for (const { id } of overfull) say(`${id} holds more deposit than it asks for`);
  const stray = await select<{ id: string }>(
    `SELECT p.provider_payment_id AS id FROM payments p JOIN payment_allocations a ON a.payment_id = p.id AND a.purpose = 'credit'
     WHERE NOT EXISTS (SELECT FROM payment_offers o WHERE o.reservation_id = p.reservation_id AND o.state = 'open')
     GROUP BY p.id HAVING sum(a.cents) <> 0`,
  );
  for (const { id } of stray) say(`${id} lies as credit and nothing is offered for it`);
  const unpaid = await select<{ id: string }>(
    `SELECT r.id FROM reservations r WHERE r.status IN ('confirmed') AND EXISTS (
       SELECT FROM reservation_events e WHERE e.reservation_id = r.id AND e.type = 'confirmed' AND e.actor = 'mercadopago')
     AND NOT EXISTS (SELECT FROM payments p WHERE p.reservation_id = r.id AND p.approved_cents > 0)`,
  );
  for (const { id } of unpaid) say(`${id} is confirmed by a payment that is not there`);
  return violations;
}

type Row = {
  id: string;
  status: string;
  outcome: string;
  approved: string;
  refunded: string;
  currency: string;
  lies: Record<string, number>;
  refunds: { id: string | null; cents: number; state: string }[];
};

/** Both sides know the same, each refund of ours was made once, and what is parked says why. */
function checkPayment(payment: Simulated, row: Row | undefined, deeds: Deeds, say: (line: string) => void): void {
  const id = String(payment.id);
  const gross = Math.round(payment.transaction_amount * 100);
  const returned = Math.round(payment.transaction_amount_refunded * 100);
  const isMoney = wasMoney.has(payment.status);
  if (!row) {
    if (isMoney) say(`payment ${id} (${payment.status}) is not recorded`);
    return;
  }
  const about = `payment ${id} (${payment.status}, ${row.outcome}, ${JSON.stringify(row.lies)})`;
  if (row.status !== payment.status) say(`${about} is known as ${row.status}`);
  if (isMoney && Number(row.approved) !== gross) say(`${about}: ${row.approved} approved instead of ${gross}`);
  if (Number(row.refunded) !== returned) say(`${about}: ${row.refunded} went back instead of ${returned}`);
  if (isMoney && (row.lies['refund'] ?? 0) !== returned) say(`${about}: ${returned} went back`);
  if (payment.status === 'charged_back' && (row.lies['charged_back'] ?? 0) !== gross - returned)
    say(`${about} was charged back`);
  if ((row.lies['parked'] ?? 0) > 0 && !isExplained(row)) say(`${about} is parked without a reason`);

  const open = row.refunds.filter(({ state }) => state === 'wanted' || state === 'processing');
  if (open.length > 0) say(`${about}: refunds are still open`);
  const made = row.refunds.filter(({ state }) => state === 'made');
  const known = new Set(made.map((refund) => refund.id));
  const strangers = payment.refunds.filter((refund) => !known.has(String(refund.id)));
  const byPanel = deeds.panelRefunds.get(id) ?? 0;
  if (strangers.length > byPanel)
    say(`${about}: ${strangers.length} refunds are not ours, ${byPanel} were made by hand`);
  for (const { id: refundId } of made)
    if (!payment.refunds.some((refund) => String(refund.id) === refundId))
      say(`${about}: refund ${refundId} is not there`);
}

/** Parked money has its reason in its outcome, or is what a stay does not cost. */
function isExplained({ outcome, lies }: Row): boolean {
  return (
    outcome.startsWith('parked:') ||
    outcome === 'disputed' ||
    (lies['balance'] ?? 0) > 0 ||
    outcome === 'balance' ||
    outcome === 'deposit' ||
    outcome === 'confirmed' ||
    outcome === 'rescued'
  );
}
