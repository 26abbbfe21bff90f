import type { CheckResult, HealthCheck } from '#shared/observability/health.ts';
import type { Database } from '../data-source.ts';
import { readVendorHealth, type VendorHealth } from './vendor-health-store.ts';

/** Whether each vendor is set up; an `Env` says so in its own words. */
export type VendorSetup = { whatsapp: boolean; mercadopago: boolean; openai: boolean };

/**
 * How the vendors do as the tables have it: nobody is called for a health report, which may be asked for every second. They
 * degrade and never make the house unhealthy. `hasFfmpeg` is asked only where speech is set up.
 */
export function vendorChecks(
  isSetUp: VendorSetup,
  database: () => Database | undefined,
  hasFfmpeg: () => Promise<boolean>,
): HealthCheck[] {
  const check = (
    name: keyof VendorSetup,
    unset: Omit<CheckResult, 'latencyMs'>,
    run: (open: Database) => Judgement,
  ): HealthCheck => ({
    name,
    timeoutMs: 1_500,
    async run() {
      if (!isSetUp[name]) return unset;
      const open = database();
      return open ? run(open) : { status: 'degraded', detail: 'the database is not open' };
    },
  });
  return [
    check('whatsapp', { status: 'degraded', detail: 'not set up' }, judgeWhatsApp),
    check('mercadopago', { status: 'degraded', detail: 'not set up' }, judgeMercadoPago),
    check('openai', { status: 'ok', detail: 'not set up: guests who speak are asked to write' }, (open) =>
      judgeSpeech(open, hasFfmpeg),
    ),
  ];
}

type Judgement = Promise<Omit<CheckResult, 'latencyMs'>>;

async function judgeWhatsApp(database: Database): Judgement {
  const health = await readVendorHealth(database, 'whatsapp');
  const [row]: { late: number }[] = await database.query(
    `SELECT count(*)::int AS late FROM outbound_messages WHERE state IN ('unsent', 'sending') AND created_at < now() - interval '2 minutes'`,
  );
  if (health.stops > 0) return { status: 'degraded', detail: `asks us to stop (${health.lastError ?? 'no code'})` };
  if (row!.late > 0)
    return { status: 'degraded', detail: `${row!.late} messages unsent for more than two minutes; ${tell(health)}` };
  return { status: 'ok', detail: tell(health) };
}

/** Links that cannot be made are the first sign that the provider is away. */
async function judgeMercadoPago(database: Database): Judgement {
  const [row]: { late: number; made: number | null }[] = await database.query(
    `SELECT (SELECT count(*)::int FROM payment_links WHERE state = 'wanted' AND created_at < now() - interval '2 minutes') AS late,
            (SELECT floor(extract(epoch FROM now() - max(made_at)) / 60)::int FROM payment_links) AS made`,
  );
  const { late, made } = row!;
  const health = await readVendorHealth(database, 'mercadopago');
  const last = `${made === null ? 'no link made yet' : `last link made ${made} minutes ago`}; ${tell(health)}`;
  if (health.lastErrorAt && (!health.lastSuccessAt || health.lastSuccessAt < health.lastErrorAt))
    return { status: 'degraded', detail: last };
  return late > 0
    ? { status: 'degraded', detail: `${late} payment links wait for more than two minutes; ${last}` }
    : { status: 'ok', detail: last };
}

async function judgeSpeech(database: Database, hasFfmpeg: () => Promise<boolean>): Judgement {
  const [row]: { late: number }[] = await database.query(
    `SELECT count(*)::int AS late FROM inbound_messages WHERE state = 'untranscribed' AND recorded_at < now() - interval '1 minute'`,
  );
  if (!(await hasFfmpeg()))
    return { status: 'degraded', detail: 'ffmpeg is missing: guests who speak are asked to write' };
  return row!.late > 0
    ? { status: 'degraded', detail: `${row!.late} voice notes wait for their words for more than a minute` }
    : { status: 'ok', detail: 'no voice note waits' };
}

function tell({ lastSuccessAt, lastErrorAt, lastError }: VendorHealth): string {
  const when = (at: Date | null): string => at?.toISOString().slice(0, 19).concat('Z') ?? 'never';
  const error = lastErrorAt === null ? '' : `, last error ${when(lastErrorAt)} (${lastError ?? 'no code'})`;
  return `last success ${when(lastSuccessAt)}${error}`;
}
