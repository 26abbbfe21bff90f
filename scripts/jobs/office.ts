import { readEnv, type Env } from '#shared/config/env.ts';
import { openDatabase, type Database } from '#shared/db/data-source.ts';
import { locateDatabase } from '#shared/db/locate.ts';
import { pendingMigrations } from '#shared/db/migrate.ts';
import { toSettings } from '#shared/db/settings.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import type { CalendarDesk } from '#shared/domain/calendars/desk.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import type { CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import { createCourtesyLock, noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { within } from '#shared/observability/within.ts';
import { createAfterCommit } from '#shared/queues/after-commit.ts';
import { openQueues, type QueueStore } from '#shared/queues/connections.ts';
import { createEnqueue } from '#shared/queues/enqueue.ts';

/** What a command works with; the same collaborators as the workers have, made for one command. */
export type Office = {
  env: Env;
  database: Database;
  queues: QueueStore;
  inTransaction: InTransaction;
  courtesy: CourtesyLock;
  payments: PaymentGateway;
  calendars: CalendarDesk;
};

/** How long a command waits for the queues; without them its nudges are lost and the sweeps come by. */
const queuesPatienceMs = 3_000;

/** Opens the stores of this environment, runs the work and closes them. A running embedded database is used, else one is started. */
export async function withOffice<T>(work: (office: Office) => Promise<T>, env = readEnv()): Promise<T> {
  const log = createLogger({ ...env, logLevel: 'error' });
  const { url, embedded } = await locateDatabase(env, (line) => process.stderr.write(`${line}\n`));
  const closers: (() => unknown)[] = [() => embedded?.stop()];
  try {
    const database = await openDatabase(url, 4);
    closers.unshift(() => database.destroy());
    const pending = await pendingMigrations(database);
    if (pending.length > 0) throw new Error(`the schema is behind (${pending.join(', ')}): npm run migrate`);
    const queues = openQueues({
      redisUrl: env.redisUrl,
      databaseUrl: url,
      prefix: env.queuePrefix,
      role: 'producer',
      log,
    });
    closers.unshift(() => queues.close());
    await within(queuesPatienceMs, queues.opened).catch(() => {});
    const redisLock = env.redisUrl ? createCourtesyLock(env.redisUrl, env.queuePrefix, log) : undefined;
    closers.unshift(() => redisLock?.close());
    const courtesy = redisLock ?? noCourtesyLock;
    return await work({
      env,
      database,
      queues,
      courtesy,
      inTransaction: createInTransaction(
        database,
        toSettings(env),
        createAfterCommit(createEnqueue(queues, log), courtesy),
      ),
      payments: createMercadoPagoClient(env.mercadopago),
      calendars: createCalendarDesk(env),
    });
  } finally {
    for (const close of closers) await close();
  }
}
