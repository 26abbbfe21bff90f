import type { Database } from '../data-source.ts';

/** Notes that a sweep ran and how much it found; its age is a metric and an alert. */
export async function recordSweep(database: Database, sweep: string, found: number): Promise<void> {
  await database.query(
    `INSERT INTO sweep_runs (sweep, last_run_at, last_found) VALUES ($1, now(), $2)
     ON CONFLICT (sweep) DO UPDATE SET last_run_at = now(), last_found = $2`,
    [sweep, found],
  );
}

/** Seconds since a sweep ran; undefined when it never did. */
export async function readSweepAge(database: Database, sweep: string): Promise<number | undefined> {
  const [row]: { age: string }[] = await database.query(
    'SELECT extract(epoch FROM now() - last_run_at) AS age FROM sweep_runs WHERE sweep = $1',
    [sweep],
  );
  return row && Number(row.age);
}
