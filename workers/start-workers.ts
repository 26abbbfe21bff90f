import type { Env } from '#shared/config/env.ts';
import type { Database } from '#shared/db/data-source.ts';
import { mergeStatus, mergeTogether, type Merged } from '#shared/db/stores/delivery-report-store.ts';
import {
  claimTogether,
  markSent,
  markSentTogether,
  type AfterSent,
  type JointClaim,
  type Sent,
} from '#shared/db/stores/delivery-store.ts';
import { toSettings } from '#shared/db/settings.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { openModelReader } from '#shared/integrations/openai/understand-with-model.ts';
import { createMercadoPagoClient } from '#shared/integrations/mercadopago/client.ts';
import type { StatusUpdate } from '#shared/domain/conversations/message.ts';
import { createWhatsAppClient } from '#shared/integrations/whatsapp/client.ts';
import { createCourtesyLock, noCourtesyLock } from '#shared/locks/courtesy-lock.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import { traceCalls } from '#shared/observability/tracing.ts';
import { createAfterCommit } from '#shared/queues/after-commit.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { queueNames, type QueueName } from '#shared/queues/contracts.ts';
import { createEnqueue } from '#shared/queues/enqueue.ts';
import { keepSchedules } from '#shared/queues/schedules.ts';
import { calendarHandlers } from './calendars/handlers.ts';
import { answerInWords } from './conversations/answer-conversation.ts';
import { apologiseForLost } from './conversations/apologise-for-lost.ts';
import { conversationHandlers } from './conversations/handlers.ts';
import { joinTogether } from './join-together.ts';
import { createRecorder } from './conversations/record-together.ts';
import { deliveryHandlers } from './deliveries/handlers.ts';
import type { WorkerDeps } from './deps.ts';
import { expirationHandlers } from './expirations/handlers.ts';
import { paymentHandlers } from './payments/handlers.ts';
import { transcriptionHandlers } from './transcriptions/handlers.ts';
import { createListening, inLine } from './transcriptions/listening.ts';
import { startPool, type Pool, type PoolOptions } from './start-pool.ts';
import { watchVendor } from './watch-vendor.ts';

/** Jobs of each pool that one process runs at the same time. */
const concurrency: Record<QueueName, number> = {
  conversations: 32,
  // Many, so that each note is recorded at once; what is costly waits in line inside (listening.ts).
  transcriptions: 24,
  deliveries: 32,
  payments: 8,
  // Mostly waiting for other people's servers.
  calendars: 8,
  expirations: 4,
};

export type Workers = {
  pools: readonly Pool[];
  deps: WorkerDeps;
  /** Resolves when every pool takes jobs. */
  ready: Promise<void>;
  stopSchedules(): Promise<void>;
  /** Two stages, see `Pool.close`. */
  close(deadline: AbortSignal): Promise<void>;
};

type Start = { env: Env; log: Logger; metrics: Metrics; database: Database; queues: QueueStore };

/** Starts the named pools and keeps their schedules; the collaborators of the handlers are made here, once per process. */
export function startWorkers(poolNames: readonly QueueName[], { env, log, metrics, database, queues }: Start): Workers {
  const enqueue = createEnqueue(queues, log);
  const redisLock = env.redisUrl ? createCourtesyLock(env.redisUrl, env.queuePrefix, log) : undefined;
  const courtesy = redisLock ?? noCourtesyLock;
  const inTransaction = createInTransaction(database, toSettings(env), createAfterCommit(enqueue, courtesy));
  const deps: WorkerDeps = {
    env,
    log,
    metrics,
    database,
    inTransaction,
    recordMessage: createRecorder(inTransaction),
    enqueue,
    queues,
    courtesy,
    whatsapp: traceCalls('whatsapp', createWhatsAppClient(env.whatsapp), ['send', 'markRead']),
    reader: openModelReader(env.openai),
    payments: watchVendor(createMercadoPagoClient(env.mercadopago), 'mercadopago', database, log),
    calendars: createCalendarDesk(env),
    ...createListening(env),
    claimMessage: joinTogether<string, JointClaim>(
      (ids) => claimTogether(database, ids),
      () => Promise.resolve({ claim: undefined, to: undefined }),
    ),
    markSent: joinTogether<Sent, AfterSent>(
      (sent) => markSentTogether(database, sent),
      (sent) => markSent(database, sent),
    ),
    mergeStatus: joinTogether<StatusUpdate, Merged>(
      (statuses) => mergeTogether(database, statuses),
      (status) => mergeStatus(database, status),
    ),
    answerInWords: joinTogether<string, boolean>(
      (ids) => answerInWords(ids, deps),
      () => Promise.resolve(false),
    ),
  };
  const pools = poolNames.map((name) =>
    start(name, deps, {
      connections: queues,
      log,
      metrics,
      concurrency: concurrency[name],
      onFinalFailure: (job, payload) => apologiseForLost(job, payload, deps),
    }),
  );
  const schedules = keepSchedules(queues, poolNames, log);
  return {
    pools,
    deps,
    ready: Promise.all(pools.map((pool) => pool.ready)).then(() => {}),
    stopSchedules: async () => schedules.stop(),
    async close(deadline) {
      await schedules.stop();
      await Promise.all(pools.map((pool) => pool.close(deadline)));
      redisLock?.close();
    },
  };
}

function start(name: QueueName, deps: WorkerDeps, options: PoolOptions): Pool {
  switch (name) {
    case 'conversations':
      return startPool(name, conversationHandlers, deps, options);
    case 'transcriptions':
      return startPool(name, transcriptionHandlers, { ...deps, inTransaction: inLine(deps.inTransaction) }, options);
    case 'deliveries':
      return startPool(name, deliveryHandlers, deps, options);
    case 'payments':
      return startPool(name, paymentHandlers, deps, options);
    case 'calendars':
      return startPool(name, calendarHandlers, deps, options);
    case 'expirations':
      return startPool(name, expirationHandlers, deps, options);
  }
}

/** The pools that a command line names (none = all); `onProblem` gets one line that names the unknown ones and the known. */
export function parsePoolNames(args: readonly string[], onProblem: (problem: string) => never): readonly QueueName[] {
  const unknown = args.filter((arg) => !(queueNames as readonly string[]).includes(arg));
  if (unknown.length > 0) onProblem(`unknown pool ${unknown.join(', ')}: choose among ${queueNames.join(', ')}`);
  return args.length === 0 ? queueNames : (args as QueueName[]);
}
