import type { Env } from '#shared/config/env.ts';
import type { Database } from '#shared/db/data-source.ts';
import { toSettings } from '#shared/db/settings.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import type { CalendarDesk } from '#shared/domain/calendars/desk.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import type { CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import { createCourtesyLock, noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { createAfterCommit } from '#shared/queues/after-commit.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import type { Enqueue } from '#shared/queues/contracts.ts';
import { createEnqueue } from '#shared/queues/enqueue.ts';
import type { Operator } from './auth/operators.ts';

/** What operators work with, through the API and the console alike: the same collaborators as the workers have. */
export type Desk = {
  env: Env;
  log: Logger;
  database: Database;
  queues: QueueStore;
  inTransaction: InTransaction;
  enqueue: Enqueue;
  courtesy: CourtesyLock;
  payments: PaymentGateway;
  calendars: CalendarDesk;
};

/** The desk with somebody at it: what they do is noted with their account. */
export function deskOf(desk: Desk, { email }: Operator): Desk {
  return { ...desk, inTransaction: (work) => desk.inTransaction(work, { account: email }) };
}

/** Opens the desk on stores that are open; `close` ends its own connection (the courtesy lock's). */
export function openDesk({
  env,
  log,
  database,
  queues,
}: Pick<Desk, 'env' | 'log' | 'database' | 'queues'>): Desk & { close: () => void } {
  const enqueue = createEnqueue(queues, log);
  const redisLock = env.redisUrl ? createCourtesyLock(env.redisUrl, env.queuePrefix, log) : undefined;
  const courtesy = redisLock ?? noCourtesyLock;
  return {
    env,
    log,
    database,
    queues,
    enqueue,
    courtesy,
    inTransaction: createInTransaction(database, toSettings(env), createAfterCommit(enqueue, courtesy)),
    payments: createMercadoPagoClient(env.mercadopago),
    calendars: createCalendarDesk(env),
    close: () => redisLock?.close(),
  };
}
