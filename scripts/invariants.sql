-- What must be true of any Posada database at any time: one row per rule, with the number of violations.
SELECT 'every live reservation holds its nights', count(*)
FROM reservations r
WHERE r.status IN ('held', 'confirmed') AND NOT EXISTS (
  SELECT FROM occupancies o
  WHERE o.reservation_id = r.id AND o.accommodation_id = r.accommodation_id AND o.nights = daterange(r.check_in, r.check_out));

SELECT 'no ended reservation holds nights', count(*)
FROM occupancies o JOIN reservations r ON r.id = o.reservation_id
WHERE r.status NOT IN ('held', 'confirmed');

SELECT 'no night of a unit is sold twice', count(*)
FROM occupancies a JOIN occupancies b
  ON a.accommodation_id = b.accommodation_id AND a.nights && b.nights AND a.id < b.id
WHERE a.kind = 'reservation' OR b.kind = 'reservation';

SELECT 'the referee is at its place', 2 - count(*)
FROM pg_constraint
WHERE conrelid = 'occupancies'::regclass AND contype = 'x' AND convalidated
  AND conname IN ('no_double_booking', 'no_booking_over_block');

SELECT 'every peso of a payment has a purpose', count(*)
FROM payments p
WHERE p.approved_cents <> (SELECT coalesce(sum(a.cents), 0) FROM payment_allocations a WHERE a.payment_id = p.id);

SELECT 'every sent message has its provider''s id', count(*)
FROM outbound_messages
WHERE state = 'sent' AND provider_message_id IS NULL;

SELECT 'the schema has its history', CASE WHEN count(*) > 0 THEN 0 ELSE 1 END
FROM schema_migrations;
