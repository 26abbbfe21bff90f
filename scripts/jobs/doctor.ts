import { readEnv } from '#shared/config/env.ts';
import { openDatabase, type Database } from '#shared/db/data-source.ts';
import { locateDatabase } from '#shared/db/locate.ts';
import { toSettings } from '#shared/db/settings.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { openQueues } from '#shared/queues/connections.ts';
import { checkConfiguration } from '../doctor/check-configuration.ts';
import { checkDatabase } from '../doctor/check-database.ts';
import { checkQueues } from '../doctor/check-queues.ts';
import { checkVendors } from '../doctor/check-vendors.ts';
import { fault, type Finding } from '../doctor/finding.ts';
import { exitCodes, type Command } from './command.ts';

/** Looks at everything that Posada stands on and names each fault with its cure; 1 when there is a fault. */
export const command: Command = {
  usage: '',
  summary: 'examine configuration, database, queues, vendors and feeds; name each fault with its cure',
  needs: 'nothing',
  async run() {
    const findings = await examine();
    const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
    const [faults, warnings] = [count('fault'), count('warning')];
    return {
      data: { isHealthy: faults === 0, faults, warnings, findings },
      text: toText(findings),
      exitCode: faults === 0 ? exitCodes.done : exitCodes.failed,
    };
  },
};

/** A database that is away must not keep it from looking at the rest. */
async function examine(): Promise<Finding[]> {
  const env = readEnv();
  const log = createLogger({ ...env, logLevel: 'silent' });
  const { url, embedded } = await locateDatabase(env, (line) => process.stderr.write(`${line}\n`));
  const queues = openQueues({
    redisUrl: env.redisUrl,
    databaseUrl: url,
    prefix: env.queuePrefix,
    role: 'producer',
    log,
  });
  let database: Database | undefined;
  try {
    database = await openDatabase(url, 4).catch(() => undefined);
    const inTransaction = database && createInTransaction(database, toSettings(env), () => Promise.resolve());
    // One after the other: a machine that is short of breath is examined too.
    return [
      ...(await checkConfiguration(env)),
      ...(database
        ? await checkDatabase(env, database)
        : [fault('postgres', 'does not answer', 'start it, or correct DATABASE_URL')]),
      ...(await checkQueues(env, queues)),
      ...(await checkVendors(
        env,
        inTransaction && {
          payments: createMercadoPagoClient(env.mercadopago),
          calendars: createCalendarDesk(env),
          inTransaction,
        },
      )),
    ];
  } finally {
    await queues.close();
    await database?.destroy();
    await embedded?.stop();
  }
}

const marks = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' } as const;

function toText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, status, detail, cure }) => [
    `${marks[status]}  ${check}: ${detail}`,
    ...(cure && status !== 'ok' ? [`         → ${cure}`] : []),
  ]);
  const faults = findings.filter(({ status }) => status === 'fault').length;
  return [
    ...lines,
    '',
    faults === 0 ? 'No fault found.' : `${faults} ${faults === 1 ? 'fault' : 'faults'} found.`,
  ].join('\n');
}
