import pg from 'pg';
import { DataSource } from 'typeorm';
import { clientIdleMs, PreparedClient } from '#shared/prepared-client.ts';
import { migrations } from '../../migrations/index.ts';
import { calendarConflicts, calendarEvents, calendarExports, calendarFeeds } from './schemas/calendar.ts';
import {
  contactIdentities,
  contacts,
  conversations,
  deliveryReports,
  inboundMessages,
  outboundMessages,
} from './schemas/conversation.ts';
import { idempotencyKeys } from './schemas/idempotency.ts';
import { accommodations, lodgings, seasons } from './schemas/lodging.ts';
import { loginAttempts, modelCalls, ownerNotices, reminders, sweepRuns, vendorHealth } from './schemas/operations.ts';
import { paymentAllocations, paymentLinks, payments } from './schemas/payment.ts';
import { paymentOffers, refunds } from './schemas/refund.ts';
import { blocks, occupancies, refusedHolds, reservationEvents, reservations } from './schemas/reservation.ts';

// A `date` is a calendar date, not an instant: pg would make local midnight of it.
pg.types.setTypeParser(pg.types.builtins.DATE, (value) => value);

const entities = [
  lodgings,
  accommodations,
  seasons,
  contacts,
  contactIdentities,
  conversations,
  inboundMessages,
  outboundMessages,
  deliveryReports,
  reservations,
  reservationEvents,
  blocks,
  occupancies,
  refusedHolds,
  calendarFeeds,
  calendarExports,
  calendarEvents,
  calendarConflicts,
  paymentLinks,
  payments,
  paymentAllocations,
  refunds,
  paymentOffers,
  ownerNotices,
  sweepRuns,
  vendorHealth,
  reminders,
  modelCalls,
  idempotencyKeys,
  loginAttempts,
];

export type Database = DataSource;

export type DatabaseOptions = {
  /** How long to wait for a connection, in milliseconds. Default 1,000. */
  connectMs?: number;
  /**
   * As fits workers, who ask the same few things again and again. Each statement is planned once for any values: choosing a plan for
   * the values was a quarter of what a message cost the server. A plan made while a table was small is kept when it has grown, so
   * none reads a table from end to end that has an index. Since many wait for one connection, one that died unnoticed is given up
   * after 30 s; and a worker that stands still in the middle of a transaction loses it after 8 s. Not for lists with filters, nor
   * for what takes long. Default false.
   */
  forWorkers?: boolean;
};

const workerOptions =
  ' -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c idle_in_transaction_session_timeout=8000';

/**
 * Opens a pool on the database (`postgres://…`); the caller closes it with `destroy()`. Waits at most `connectMs` for a connection
 * and at most 5 s for a row lock, so that a stuck neighbour is an error and not a silence.
 */
export async function openDatabase(
  url: string,
  poolSize = 10,
  { connectMs = 1_000, forWorkers = false }: DatabaseOptions = {},
): Promise<Database> {
  const database = new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities,
    migrations,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    uuidExtension: 'pgcrypto',
    // Installed by the migration, where a failure can say so.
    installExtensions: false,
    // An idle client that dies (the server restarted) is replaced by the pool; without a listener it would end the process.
    poolErrorHandler: () => {},
    extra: {
      Client: PreparedClient,
      pipeline: true,
      idleTimeoutMillis: clientIdleMs,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      ...(forWorkers ? { query_timeout: 30_000 } : {}),
      options: `-c lock_timeout=5000 -c timezone=UTC${forWorkers ? workerOptions : ''}`,
    },
  });
  return database.initialize();
}
