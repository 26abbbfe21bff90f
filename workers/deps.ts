import type { Env } from '#shared/config/env.ts';
import type { Database } from '#shared/db/data-source.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import type { CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import type { WhatsAppClient } from '#shared/integrations/whatsapp/client.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { Enqueue } from '#shared/queues/contracts.ts';

/** Everything a handler may need; each takes what it uses. */
export type WorkerDeps = {
  env: Env;
  log: Logger;
  metrics: Metrics;
  database: Database;
  inTransaction: InTransaction;
  enqueue: Enqueue;
  courtesy: CourtesyLock;
  whatsapp: WhatsAppClient;
  payments: PaymentGateway;
};

/** What a sweep leaves to the fast path: rows due for less than this many seconds. */
export const sweepAfterSeconds = 15;
