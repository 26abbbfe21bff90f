import type { BusinessFigure } from '#shared/observability/business-figures.ts';
import type { Database } from '../data-source.ts';
import { readCalendarFigures } from './calendar-health.ts';
import { readMessageFigures } from './message-figures.ts';

/** What is counted about the business, from the tables themselves: the same from every process, and a restart forgets nothing. */
export async function readBusinessFigures(database: Database): Promise<BusinessFigure[]> {
  const [counts]: Record<string, string>[] = await database.query(
    `SELECT (SELECT count(*) FROM reservations) AS reservations_created_total,
            (SELECT count(*) FROM reservations WHERE confirmed_at IS NOT NULL) AS reservations_confirmed_total,
            (SELECT count(*) FROM reservations WHERE expired_at IS NOT NULL) AS reservations_expired_total,
            (SELECT count(*) FROM (SELECT FROM payment_allocations WHERE purpose = 'parked' GROUP BY payment_id HAVING sum(cents) > 0) p)
              AS payments_parked_open,
            (SELECT count(*) FROM refused_holds) AS reservation_overlap_attempts_total,
            (SELECT count(*) FROM refused_holds WHERE refused_by = 'courtesy_lock') AS redis_lock_failed_total`,
  );
  const outcomes: { outcome: string; count: string }[] = await database.query(
    'SELECT outcome, count(*) AS count FROM payments GROUP BY outcome ORDER BY outcome',
  );
  const sweeps: { sweep: string; age: string }[] = await database.query(
    'SELECT sweep, extract(epoch FROM now() - last_run_at) AS age FROM sweep_runs ORDER BY sweep',
  );
  return [
    ...Object.entries(counts!).map(([name, value]) => ({ name, value: Number(value) })),
    ...outcomes.map(({ outcome, count }) => ({
      name: 'payments_settled_total',
      labels: { outcome },
      value: Number(count),
    })),
    ...(await readMessageFigures(database)),
    ...(await readCalendarFigures(database)),
    ...sweeps.map(({ sweep, age }) => ({ name: 'sweep_last_run_age_seconds', labels: { sweep }, value: Number(age) })),
  ];
}
