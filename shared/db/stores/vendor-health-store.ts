import type { Database } from '../data-source.ts';

export type Vendor = 'whatsapp' | 'mercadopago' | 'openai';

/** How a vendor does, as every process has seen it. */
export type VendorHealth = {
  lastSuccessAt: Date | null;
  lastErrorAt: Date | null;
  /** The code or kind of the last error; never its text. */
  lastError: string | null;
  /** It asked us to stop: nobody calls it before. */
  stoppedUntil: Date | null;
  /** How often in a row it did; 0 while it works. */
  stops: number;
};

/** What is known of a vendor; all null while it was never called. */
export async function readVendorHealth(database: Database, vendor: Vendor): Promise<VendorHealth> {
  const [row]: {
    last_success_at: Date | null;
    last_error_at: Date | null;
    last_error: string | null;
    stopped_until: Date | null;
    stops: number;
  }[] = await database.query(
    'SELECT last_success_at, last_error_at, last_error, stopped_until, stops FROM vendor_health WHERE vendor = $1',
    [vendor],
  );
  return {
    lastSuccessAt: row?.last_success_at ?? null,
    lastErrorAt: row?.last_error_at ?? null,
    lastError: row?.last_error ?? null,
    stoppedUntil: row?.stopped_until ?? null,
    stops: row?.stops ?? 0,
  };
}

/** Of a row of `vendor_health`: it works, and another success within 5 seconds is none to note. */
export const isFreshSuccess = `stops = 0 AND last_success_at >= now() - interval '5 seconds'`;

/**
 * Notes a call that was answered well, to within 5 seconds: one row that every send wrote would be what they wait for. True when
 * the vendor had asked us to stop and works again with this call.
 */
export async function recordVendorSuccess(database: Database, vendor: Vendor): Promise<boolean> {
  const [row]: { works_again: boolean }[] = await database.query(
    `WITH known AS (SELECT stops FROM vendor_health WHERE vendor = $1),
     noted AS (
       UPDATE vendor_health SET last_success_at = now(), stops = 0, stopped_until = NULL
       WHERE vendor = $1 AND (${isFreshSuccess}) IS NOT TRUE
       RETURNING vendor),
     made AS (
       INSERT INTO vendor_health (vendor, last_success_at) SELECT $1, now() WHERE NOT EXISTS (SELECT FROM known)
       ON CONFLICT (vendor) DO NOTHING)
     SELECT EXISTS (SELECT FROM noted) AND EXISTS (SELECT FROM known WHERE stops > 0) AS works_again`,
    [vendor],
  );
  return row!.works_again;
}

/** Notes a call that went wrong on the vendor's side. */
export async function recordVendorError(database: Database, vendor: Vendor, error: string): Promise<void> {
  await database.query(
    `INSERT INTO vendor_health (vendor, last_error_at, last_error) VALUES ($1, now(), $2)
     ON CONFLICT (vendor) DO UPDATE SET last_error_at = now(), last_error = $2`,
    [vendor, error],
  );
}

/** Rests of a vendor that asks us to stop, in seconds: doubling, so that a token that is dead for days is not knocked at. */
const rests = { firstSeconds: 15, longestSeconds: 300 };

/**
 * The vendor asks us to stop (a dead token, an application's limit): nobody calls it until the rest is over, then one call
 * probes. Returns how long, and whether this was the first such answer since it last worked.
 */
export async function stopVendor(
  database: Database,
  vendor: Vendor,
  error: string,
  atLeastMs = 0,
): Promise<{ restMs: number; isFirst: boolean }> {
  await database.query('INSERT INTO vendor_health (vendor) VALUES ($1) ON CONFLICT (vendor) DO NOTHING', [vendor]);
  // Of several calls that were under way together one is the first; a probe that failed has counted itself.
  const [first]: [unknown[], number] = await database.query(
    'UPDATE vendor_health SET stops = 1 WHERE vendor = $1 AND stops = 0 RETURNING vendor',
    [vendor],
  );
  const [rows]: [{ rest_ms: string }[], number] = await database.query(
    `UPDATE vendor_health SET last_error_at = now(), last_error = $2,
       stopped_until = greatest(stopped_until, now() + make_interval(
         secs => greatest($3::float8, least($5::float8, $4::float8 * power(2, least(greatest(stops, 1), 10) - 1)))))
     WHERE vendor = $1 RETURNING extract(epoch FROM stopped_until - now()) * 1000 AS rest_ms`,
    [vendor, error, atLeastMs / 1_000, rests.firstSeconds, rests.longestSeconds],
  );
  return { restMs: Math.max(0, Number(rows[0]!.rest_ms)), isFirst: first.length > 0 };
}

/**
 * Milliseconds until the vendor may be called; 0: now. When a rest is over the first who asks gets 0 and probes, the others wait
 * for what becomes of it.
 */
export async function waitForVendor(database: Database, vendor: Vendor, probeMs: number): Promise<number> {
  const [row]: { wait_ms: string }[] = await database.query(
    `SELECT extract(epoch FROM stopped_until - now()) * 1000 AS wait_ms FROM vendor_health WHERE vendor = $1 AND stops > 0`,
    [vendor],
  );
  if (!row) return 0;
  const waitMs = Number(row.wait_ms);
  if (waitMs > 0) return waitMs;
  const [probing]: [unknown[], number] = await database.query(
    `UPDATE vendor_health SET stops = stops + 1, stopped_until = now() + make_interval(secs => $2)
     WHERE vendor = $1 AND stops > 0 AND stopped_until <= now() RETURNING vendor`,
    [vendor, probeMs / 1_000],
  );
  return probing.length > 0 ? 0 : probeMs;
}
