import type { Env } from '#shared/config/env.ts';
import type { Database } from '#shared/db/data-source.ts';
import { pendingMigrations } from '#shared/db/migrate.ts';
import { findOccupancyFaults, readReferee } from '#shared/db/stores/invariants.ts';
import { findLedgerFaults } from '#shared/db/stores/ledger.ts';
import { fault, look, ok, warning, type Finding } from './finding.ts';

const oldestMajor = 14;
/** Beyond this a deadline told to a guest and one kept by the server differ noticeably. */
const skewWarningS = 2;
const skewFaultS = 60;

const referee: Record<string, string> = {
  no_double_booking: `EXCLUDE USING gist (accommodation_id WITH =, nights WITH &&) WHERE ((kind = 'reservation'::text))`,
  no_booking_over_block: 'EXCLUDE USING gist (accommodation_id WITH =, nights WITH &&, kind WITH <>)',
};

/** PostgreSQL: what it is, whether it keeps what it is given, and whether our own rules hold in it. */
export async function checkDatabase(env: Env, database: Database): Promise<Finding[]> {
  const broken = 'look at the server’s log';
  const basics = [
    ...(await look('postgres', broken, () => version(database))),
    ...(await look('postgres durability', broken, () => durability(database))),
    ...(await look('postgres connections', broken, () => connections(env, database))),
    ...(await look('clock', broken, () => clock(database))),
  ];
  const pending = await pendingMigrations(database).catch(() => undefined);
  if (pending === undefined || pending.length > 0)
    return [...basics, fault('schema', pending ? `lacks ${pending.join(', ')}` : 'cannot be read', 'npm run migrate')];
  return [
    ...basics,
    ok('schema', 'current'),
    ...(await look('btree_gist', 'CREATE EXTENSION btree_gist, as a superuser', () => extension(database))),
    ...(await look('referee', broken, () => exclusions(database))),
    ...(await look('occupancies', broken, () => occupancies(database))),
    ...(await look('ledger', broken, () => ledger(database))),
    ...(await look('sweeps', broken, () => sweeps(database))),
    ...(await look('messages', broken, () => messages(database))),
  ];
}

async function version(database: Database): Promise<Finding> {
  const [row]: { version: string; major: number }[] = await database.query(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int / 10000 AS major`,
  );
  return row!.major >= oldestMajor
    ? ok('postgres', row!.version)
    : fault('postgres', `${row!.version} is too old`, `use PostgreSQL ${oldestMajor} or newer (multiranges)`);
}

async function durability(database: Database): Promise<Finding> {
  const [row]: Record<string, string>[] = await database.query(
    `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages, current_setting('synchronous_commit') AS commits`,
  );
  if (row!['fsync'] !== 'on' || row!['pages'] !== 'on')
    return fault('postgres durability', 'a power cut can destroy the database', 'set fsync and full_page_writes on');
  return row!['commits'] === 'off'
    ? fault('postgres durability', 'a commit that was told can be lost', 'set synchronous_commit on')
    : ok('postgres durability', 'keeps what it commits');
}

async function connections(env: Env, database: Database): Promise<Finding> {
  const [row]: { most: number; used: number }[] = await database.query(
    `SELECT current_setting('max_connections')::int AS most, (SELECT count(*)::int FROM pg_stat_activity) AS used`,
  );
  const { most, used } = row!;
  const detail = `${used} of ${most} in use, ${env.databasePoolSize} per process`;
  return used > most * 0.8 || most < env.databasePoolSize * 3
    ? warning('postgres connections', detail, 'raise max_connections, or lower DATABASE_POOL_SIZE')
    : ok('postgres connections', detail);
}

/** The database's clock decides every deadline; this machine's signs, logs and closes links. */
async function clock(database: Database): Promise<Finding> {
  const before = Date.now();
  const [row]: { now: Date }[] = await database.query('SELECT clock_timestamp() AS now');
  return judgeClock(Math.abs(row!.now.getTime() - (before + Date.now()) / 2) / 1_000);
}

/** Of so many seconds between the two clocks. */
export function judgeClock(skewS: number): Finding {
  const detail = `${skewS.toFixed(1)} s between this machine and the database`;
  const cure = 'run a time service (chrony) on both machines';
  if (skewS > skewFaultS) return fault('clock', detail, cure);
  return skewS > skewWarningS ? warning('clock', detail, cure) : ok('clock', detail);
}

async function extension(database: Database): Promise<Finding> {
  const rows: { version: string }[] = await database.query(
    `SELECT extversion AS version FROM pg_extension WHERE extname = 'btree_gist'`,
  );
  return rows[0]
    ? ok('btree_gist', rows[0].version)
    : fault(
        'btree_gist',
        'is missing: nothing would stop a double booking',
        'CREATE EXTENSION btree_gist, as a superuser',
      );
}

async function exclusions(database: Database): Promise<Finding> {
  const found = await readReferee(database);
  const wrong = Object.keys(referee).filter((name) => found[name] !== referee[name]);
  return wrong.length === 0
    ? ok('referee', 'both rules stand')
    : fault(
        'referee',
        `${wrong.join(', ')} missing or changed: double bookings are possible`,
        'restore the constraint as migrations/1764000000000-create-house.ts makes it',
      );
}

async function occupancies(database: Database): Promise<Finding> {
  const faults = await findOccupancyFaults(database);
  if (faults.length === 0) return ok('occupancies', 'are what reservations, blocks and feeds say');
  const named = faults.slice(0, 5).map(({ fault: wrong, what }) => `${wrong}: ${what}`);
  return fault(
    'occupancies',
    `${faults.length} wrong (${named.join('; ')})`,
    'npm run --silent jobs -- sync-calendars; what stays is a bug: report it with this line',
  );
}

async function ledger(database: Database): Promise<Finding> {
  const faults = await findLedgerFaults(database);
  return faults.length === 0
    ? ok('ledger', 'every cent lies in one place')
    : fault(
        'ledger',
        `payments ${faults
          .slice(0, 5)
          .map(({ providerPaymentId }) => providerPaymentId)
          .join(', ')} do not add up`,
        'npm run --silent jobs -- reconcile --hours 720',
      );
}

/** A sweep that has not run for long: no worker works, or its schedule is lost. */
async function sweeps(database: Database): Promise<Finding> {
  const rows: { sweep: string; age: number }[] = await database.query(
    'SELECT sweep, extract(epoch FROM now() - last_run_at)::float8 AS age FROM sweep_runs ORDER BY sweep',
  );
  if (rows.length === 0) return warning('sweeps', 'none has ever run', 'start the workers: npm run workers');
  const youngest = Math.min(...rows.map(({ age }) => age));
  return youngest > 120
    ? fault(
        'sweeps',
        `the last one ran ${Math.round(youngest / 60)} minutes ago: no worker works`,
        'start the workers: npm run workers',
      )
    : ok('sweeps', 'run');
}

async function messages(database: Database): Promise<Finding> {
  const [row]: Record<string, number>[] = await database.query(
    `SELECT (SELECT count(*)::int FROM inbound_messages WHERE state IN ('unanswered', 'untranscribed') AND recorded_at < now() - interval '2 minutes') AS waiting,
            (SELECT count(*)::int FROM outbound_messages WHERE state IN ('unsent', 'sending') AND created_at < now() - interval '2 minutes') AS unsent,
            (SELECT count(*)::int FROM outbound_messages WHERE state IN ('failed', 'parked') AND created_at > now() - interval '24 hours') AS failed`,
  );
  const { waiting = 0, unsent = 0, failed = 0 } = row!;
  const detail = `${waiting} unanswered and ${unsent} unsent for more than two minutes, ${failed} not delivered today`;
  if (waiting + unsent > 0) return warning('messages', detail, 'look at the workers’ log and at /queues');
  return ok('messages', detail);
}
