import type { Database } from '../data-source.ts';

export type CountedTries = { key: string; tries: number; msLeft: number };

/**
 * Counts one try under each key, of all processes together; a window that is over begins anew. Keys are digests, in ascending
 * order in the statement so that two tries never wait for each other.
 */
export async function countTries(
  database: Database,
  keys: readonly string[],
  windowMs: number,
): Promise<CountedTries[]> {
  const rows: { key: string; tries: number; ms_left: string }[] = await database.query(
    `INSERT INTO login_attempts AS known (key, tries, until)
     SELECT key, 1, now() + make_interval(secs => $2) FROM unnest($1::text[]) AS key ORDER BY key
     ON CONFLICT (key) DO UPDATE SET
       tries = CASE WHEN known.until > now() THEN known.tries + 1 ELSE 1 END,
       until = CASE WHEN known.until > now() THEN known.until ELSE excluded.until END
     RETURNING key, tries, extract(epoch FROM until - now()) * 1000 AS ms_left`,
    [keys, windowMs / 1_000],
  );
  return rows.map(({ key, tries, ms_left: msLeft }) => ({ key, tries, msLeft: Number(msLeft) }));
}

/** A right password: what was counted under these keys is forgotten. */
export async function forgiveTries(database: Database, keys: readonly string[]): Promise<void> {
  await database.query('DELETE FROM login_attempts WHERE key = ANY($1::text[])', [keys]);
}

/** Forgets windows that are over; returns how many. */
export async function forgetOldTries(database: Database): Promise<number> {
  const [, count]: [unknown, number] = await database.query('DELETE FROM login_attempts WHERE until <= now()');
  return count;
}
