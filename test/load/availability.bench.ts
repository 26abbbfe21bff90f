import { createInTransaction } from '#shared/db/transaction.ts';
import { addDays } from '#shared/domain/stay.ts';
import { inDays, testSettings } from '../support/records.ts';
import { percentile, ratioRow, type BenchOptions, type Row } from './rows.ts';
import { openStage } from './stage.ts';

/**
 * The search for free units with 1 k, 100 k and 1 M reservations in the tables: the same thousand ahead, and more and more that are
 * over. As in life: the nights of a stay that is over are nobody's any more (`complete-stays`).
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const stage = await openStage('postgres');
  const rows: Row[] = [];
  try {
    const { database } = stage;
    const inTransaction = createInTransaction(database, testSettings, () => Promise.resolve());
    let filled = 0;
    let base = Number.NaN;
    for (const size of short ? [1_000, 50_000] : [1_000, 100_000, 1_000_000]) {
      await fill(filled, size, (sql, values) => database.query(sql, values));
      filled = size;
      await database.query('ANALYZE');
      const times: number[] = [];
      for (let i = 0; i < 300; i++) {
        const checkIn = inDays(1 + (i % 300));
        const ms = await inTransaction(async (stores) => {
          const startedAt = performance.now();
          await stores.occupancies.listTaken({ checkIn, checkOut: addDays(checkIn, 3) });
          return performance.now() - startedAt;
        });
        times.push(ms);
      }
      const median = percentile(times, 50);
      const name = `free units with ${size.toLocaleString('en')} reservations, median`;
      if (Number.isNaN(base)) rows.push({ name, value: median, unit: 'ms' });
      else rows.push(ratioRow(name, median, 'ms', 'with 1,000', median / base, { atMost: 2 }));
      if (Number.isNaN(base)) base = median;
    }
    return rows;
  } finally {
    await stage.close();
  }
}

/** Reservations `from` … `to`, one night each, over 300 units: the first thousand over the next 300 days, the others completed. */
async function fill(
  from: number,
  to: number,
  query: (sql: string, values: unknown[]) => Promise<unknown>,
): Promise<void> {
  await query(
    `INSERT INTO accommodations (name, capacity, included_guests, base_price_cents)
     SELECT 'bench ' || n, 2, 2, 100 FROM generate_series(1, 300) n ON CONFLICT DO NOTHING`,
    [],
  );
  const step = 50_000;
  for (let start = from; start < to; start += step) {
    await query(
      `WITH unit AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM accommodations WHERE name LIKE 'bench %'),
       stay AS (
         INSERT INTO reservations (code, accommodation_id, status, check_in, check_out, adults, currency, total_cents, deposit_cents, quote, hold_expires_at, release_at)
         SELECT 'B' || i, unit.id, CASE WHEN i < 1000 THEN 'confirmed' ELSE 'completed' END, day, day + 1, 2, 'ARS', 100, 30, '{}', now(), now()
         FROM generate_series($1::int, $2::int - 1) i JOIN unit ON unit.n = i % 300,
           LATERAL (SELECT current_date + CASE WHEN i < 1000 THEN 1 + i / 300 * 75 + i % 75 ELSE -i / 300 END AS day) AS night
         RETURNING id, accommodation_id, check_in, check_out, status)
       INSERT INTO occupancies (accommodation_id, nights, kind, reservation_id)
       SELECT accommodation_id, daterange(check_in, check_out), 'reservation', id FROM stay WHERE status = 'confirmed'`,
      [start, Math.min(to, start + step)],
    );
  }
}
