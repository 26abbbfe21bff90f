import type pg from 'pg';
import { QueryFailedError, type EntityManager, type QueryRunner } from 'typeorm';
import { DomainError } from '#shared/domain/errors.ts';
import type { ByOperator, InTransaction, Nudge, Settings, Stores } from '#shared/domain/ports.ts';
import { toCalendarDate, toLocalTime } from '#shared/domain/stay.ts';
import type { Database } from './data-source.ts';
import { waitBriefly } from './lock-wait.ts';
import { createGate } from './gate.ts';
import { createContactStore } from './stores/contact-store.ts';
import { createCalendarStore } from './stores/calendar-store.ts';
import { createConversationStore, createOutboxStore } from './stores/conversation-store.ts';
import { createIdempotencyStore } from './stores/idempotency-store.ts';
import { createLodgingStore } from './stores/lodging-store.ts';
import { createModelCallStore } from './stores/model-call-store.ts';
import { createNoticeStore } from './stores/notice-store.ts';
import { createOfferStore } from './stores/offer-store.ts';
import { createPaymentStore } from './stores/payment-store.ts';
import { createRefundStore } from './stores/refund-store.ts';
import { createVoiceNoteStore } from './stores/voice-note-store.ts';
import { createReminderStore } from './stores/reminder-store.ts';
import { createOccupancyStore, createReservationStore } from './stores/reservation-store.ts';

const mostTries = 4;
/** deadlock_detected, serialization_failure: the whole transaction again. */
const retryable = new Set(['40P01', '40001']);

/**
 * The one way to change something: `createInTransaction(database, settings, afterCommit)` gives a function that runs work
 * in one transaction with all stores on it, again from the start (at most 3 more times) after a deadlock, and hands the
 * nudges it collected to `afterCommit`. A lock that is not had within 5 s throws `nights_busy`. More transactions than the pool
 * has connections for wait in line here: waiting in the pool itself would end in its connection time-out.
 */
export function createInTransaction(
  database: Database,
  settings: Settings,
  afterCommit: (nudges: readonly Nudge[], now: Date) => Promise<void>,
): InTransaction {
  const gate = createGate(Math.max(1, poolSizeOf(database) - 2));
  return async function inTransaction<T>(work: (stores: Stores) => Promise<T>, by?: ByOperator): Promise<T> {
    for (let tries = 1; ; tries++) {
      const nudges: Nudge[] = [];
      try {
        const { value, now } = await gate(() =>
          runTransaction(database, async (manager, now) => ({
            value: await work(createStores(manager, now, settings, nudges, by)),
            now,
          })),
        );
        if (nudges.length > 0) await afterCommit(nudges, now);
        return value;
      } catch (error) {
        const code = postgresCode(error);
        if (code === '55P03') throw new DomainError('nights_busy');
        if (!code || !retryable.has(code) || tries === mostTries) throw error;
      }
    }
  };
}

/** Two connections stay for what is no transaction: claims, figures, health. */
function poolSizeOf(database: Database): number {
  return ('poolSize' in database.options && database.options.poolSize) || 10;
}

/** `database.transaction`, which tells its time too: START TRANSACTION and the look at the clock are one round trip. */
async function runTransaction<T>(
  database: Database,
  work: (manager: EntityManager, now: Date) => Promise<T>,
): Promise<T> {
  const runner = database.createQueryRunner();
  try {
    const value = await work(runner.manager, await begin(runner));
    await runner.commitTransaction();
    return value;
  } catch (error) {
    // A connection that died rolls back by itself: what happened is the error above.
    await runner.rollbackTransaction().catch(() => {});
    throw error;
  } finally {
    await runner.release();
  }
}

async function begin(runner: QueryRunner): Promise<Date> {
  const client = (await runner.connect()) as pg.PoolClient;
  const text = 'START TRANSACTION; SELECT now() AS now';
  // What its `startTransaction` notes; before, so that a beginning that fails halfway is rolled back too.
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
  // Two statements answer with two results, which TypeORM's own `query` does not hand on.
  const results = await client.query(text).catch((error: unknown) => {
    throw new QueryFailedError(text, [], error as Error);
  });
  const [, clock] = results as unknown as [unknown, pg.QueryResult<{ now: Date }>];
  return clock.rows[0]!.now;
}

function createStores(
  manager: EntityManager,
  now: Date,
  settings: Settings,
  nudges: Nudge[],
  by: ByOperator | undefined,
): Stores {
  return {
    now,
    today: toCalendarDate(now, settings.timeZone),
    hourNow: toLocalTime(now, settings.timeZone).hour,
    settings,
    lodging: createLodgingStore(manager, settings),
    reservations: createReservationStore(manager, by),
    occupancies: createOccupancyStore(manager),
    conversations: withMerging(createConversationStore(manager), nudges),
    contacts: createContactStore(manager),
    voiceNotes: createVoiceNoteStore(manager),
    outbox: withNudges(createOutboxStore(manager), nudges),
    modelCalls: createModelCallStore(manager),
    notices: createNoticeStore(manager),
    payments: createPaymentStore(manager),
    calendars: createCalendarStore(manager),
    refunds: createRefundStore(manager),
    offers: createOfferStore(manager),
    reminders: createReminderStore(manager),
    idempotency: createIdempotencyStore(manager),
    waitBriefly: () => waitBriefly(manager),
    nudge: (nudge) => nudges.push(nudge),
  };
}

/** Whoever records a message need not think of contacts that turn out to be one. */
function withMerging(conversations: Stores['conversations'], nudges: Nudge[]): Stores['conversations'] {
  return {
    ...conversations,
    async record(...args) {
      const recorded = await conversations.record(...args);
      if (recorded?.isMergePending) nudges.push({ type: 'merge_contacts' });
      return recorded;
    },
  };
}

/** Whoever writes a message need not think of having it sent. */
function withNudges(outbox: Stores['outbox'], nudges: Nudge[]): Stores['outbox'] {
  return {
    ...outbox,
    async add(message) {
      await outbox.add(message);
      const isKnown = nudges.some((n) => n.type === 'deliver' && n.conversationId === message.conversationId);
      if (!isKnown) nudges.push({ type: 'deliver', conversationId: message.conversationId });
    },
    async addOwnerNotice(notice) {
      await outbox.addOwnerNotice(notice);
      if (!nudges.some((n) => n.type === 'tell_owner')) nudges.push({ type: 'tell_owner' });
    },
  };
}

/** The SQLSTATE of a failed query, if it is one. */
export function postgresCode(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  return (error.driverError as { code?: string }).code;
}
