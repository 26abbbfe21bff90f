import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Refunds as rows before calls, offers for money that came too late, and the ledger: a view that doctor reads and a trigger
 * that refuses a commit after which a payment's cents would not all lie in one place.
 */
export class AccountForEveryPeso1764100000000 implements MigrationInterface {
  readonly name = 'AccountForEveryPeso1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}

const statements = [
  `ALTER TABLE payment_links ADD COLUMN asked_at timestamptz`,

  // by_hand: cash and transfers, which only the owner can give back. is_counted: contained in the payment's refunded_cents.
  `CREATE TABLE refunds (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payment_id bigint NOT NULL CONSTRAINT refund_payment REFERENCES payments,
    reservation_id uuid CONSTRAINT refund_reservation REFERENCES reservations,
    cents bigint NOT NULL CONSTRAINT refund_positive CHECK (cents > 0),
    reason text NOT NULL,
    requested_by text NOT NULL,
    state text NOT NULL DEFAULT 'wanted' CONSTRAINT refund_state CHECK (state IN ('wanted', 'processing', 'made', 'failed', 'by_hand')),
    is_counted boolean NOT NULL DEFAULT false,
    provider_refund_id text CONSTRAINT one_row_per_refund UNIQUE,
    attempts smallint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    called_at timestamptz,
    failure text,
    made_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX refunds_of_payment ON refunds (payment_id)`,
  `CREATE INDEX waiting_refunds ON refunds (next_attempt_at) WHERE state IN ('wanted', 'processing')`,

  // The money itself lies in payment_allocations as credit; the offer says for which stay it came and until when it is good.
  `CREATE TABLE payment_offers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reservation_id uuid NOT NULL CONSTRAINT offer_reservation REFERENCES reservations,
    contact_id bigint CONSTRAINT offer_contact REFERENCES contacts,
    state text NOT NULL DEFAULT 'open' CONSTRAINT offer_state CHECK (state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    expires_at timestamptz NOT NULL,
    accepted_reservation_id uuid CONSTRAINT offer_accepted REFERENCES reservations,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
  )`,
  `CREATE UNIQUE INDEX one_open_offer ON payment_offers (reservation_id) WHERE state = 'open'`,
  `CREATE INDEX offers_of_contact ON payment_offers (contact_id)`,
  `CREATE INDEX offers_accepted_as ON payment_offers (accepted_reservation_id)`,
  `CREATE INDEX open_offers ON payment_offers (expires_at) WHERE state = 'open'`,
  `CREATE INDEX notices_of_payment ON owner_notices (payment_id) WHERE payment_id IS NOT NULL`,
  `CREATE INDEX notices_of_reservation ON owner_notices (reservation_id) WHERE reservation_id IS NOT NULL`,

  // Two equations per payment (and so per currency): all that was ever approved lies somewhere, and what lies under
  // "refund" is what went back plus what is going back.
  `CREATE VIEW payment_ledger AS
   SELECT p.id AS payment_id, p.provider, p.provider_payment_id, p.reservation_id, p.currency, p.status, p.outcome, p.approved_cents,
          coalesce(a.allocated_cents, 0) AS allocated_cents,
          coalesce(a.refund_cents, 0) AS refund_cents,
          CASE WHEN p.approved_cents = 0 THEN 0 ELSE least(p.approved_cents, p.refunded_cents + coalesce(r.going_cents, 0)) END AS returned_cents,
          coalesce(a.has_negative, false) AS has_negative
   FROM payments p
   LEFT JOIN LATERAL (
     SELECT sum(s.cents) AS allocated_cents, sum(s.cents) FILTER (WHERE s.purpose = 'refund') AS refund_cents, bool_or(s.cents < 0) AS has_negative
     FROM (SELECT purpose, sum(cents) AS cents FROM payment_allocations WHERE payment_id = p.id GROUP BY purpose) s
   ) a ON true
   LEFT JOIN LATERAL (
     SELECT sum(cents) AS going_cents FROM refunds WHERE payment_id = p.id AND state <> 'failed' AND NOT is_counted
   ) r ON true`,

  `CREATE FUNCTION check_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     id bigint := CASE WHEN TG_TABLE_NAME = 'payments' THEN (to_jsonb(NEW) ->> 'id')::bigint
                       ELSE coalesce((to_jsonb(NEW) ->> 'payment_id')::bigint, (to_jsonb(OLD) ->> 'payment_id')::bigint) END;
     ledger payment_ledger%ROWTYPE;
   BEGIN
     SELECT * INTO ledger FROM payment_ledger WHERE payment_id = id;
     IF FOUND AND (ledger.allocated_cents <> ledger.approved_cents OR ledger.refund_cents <> ledger.returned_cents OR ledger.has_negative) THEN
       RAISE EXCEPTION 'payment % does not balance: % approved, % allocated, % of it refund, % returned or on its way back',
         id, ledger.approved_cents, ledger.allocated_cents, ledger.refund_cents, ledger.returned_cents
         USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE CONSTRAINT TRIGGER ledger_of_payments AFTER INSERT OR UPDATE ON payments
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger()`,
  `CREATE CONSTRAINT TRIGGER ledger_of_allocations AFTER INSERT OR UPDATE OR DELETE ON payment_allocations
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger()`,
  `CREATE CONSTRAINT TRIGGER ledger_of_refunds AFTER INSERT OR UPDATE OR DELETE ON refunds
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger()`,
];
