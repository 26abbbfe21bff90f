import { z } from 'zod';
import { inboundMessage, statusUpdate } from '#shared/domain/conversations/message.ts';

/** The worker pools: each is a queue, a folder under workers/, a compose service and a process argument. */
export const queueNames = [
  'conversations',
  'transcriptions',
  'deliveries',
  'payments',
  'calendars',
  'expirations',
] as const;
export type QueueName = (typeof queueNames)[number];

/**
 * How a job is retried. `prompt`: somebody waits (a few quick tries). `patient`: the job holds the only copy, or a vendor
 * may be away (tries for a day). `nudge`: its truth is a row with its own attempts; 3 tries, then the sweep comes by.
 * `once`: the next run of its scheduler is the retry.
 */
export const retryPolicies = {
  prompt: { attempts: 5, backoff: { type: 'exponential', delay: 500, jitter: 0.5 } },
  patient: { attempts: 30, backoff: { type: 'patient' } },
  nudge: { attempts: 4, backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 } },
  once: { attempts: 1 },
} as const;
export type RetryPolicy = keyof typeof retryPolicies;

/**
 * Milliseconds before try number `attemptsMade + 1` of a patient job, half of it by chance: 1, 2, 4, then 8 s for the first
 * minute and a half (a store restarted: back within seconds), then doubling from 15 s to an hour: 30 tries are about 10 hours.
 * A doubling without a limit would be years.
 */
export function patientDelayMs(attemptsMade: number): number {
  const quick = Math.min(2 ** (attemptsMade - 1), 8);
  const slow = Math.min(15 * 2 ** (attemptsMade - 13), 3_600);
  const delayMs = 1_000 * (attemptsMade <= 12 ? quick : slow);
  return Math.round(delayMs * (0.5 + Math.random() / 2));
}

export type Contract<Q extends QueueName = QueueName, S extends z.ZodType = z.ZodType> = {
  queue: Q;
  payload: S;
  /** The deduplication id of a nudge (house.md, the contract file): one waiting, one active, none lost. */
  dedupe?: (payload: z.output<S>) => string;
  retry: RetryPolicy;
  /** Inbound jobs hold the only copy of what a provider told us: failures to parse are retried too. */
  isInbound?: boolean;
  /** A sweep: run every so many milliseconds by a job scheduler. */
  everyMs?: number;
};

function job<Q extends QueueName, S extends z.ZodType>(contract: Contract<Q, S>): Contract<Q, S> {
  return contract;
}

/** A sweep takes an optional target so that whoever frees a row can nudge it now instead of at the next run. */
const nothing = z.object({});

export const jobs = {
  /** A guest wrote, or a transcript arrived: record, understand, act, answer. */
  'reply-to-message': job({ queue: 'conversations', payload: inboundMessage, retry: 'patient', isInbound: true }),
  /** Conversations with messages unanswered for more than 15 s (or the one named): answer them. */
  'sweep-unanswered-messages': job({
    queue: 'conversations',
    payload: z.object({ conversationId: z.string().optional() }),
    dedupe: (p) => `unanswered-${p.conversationId ?? 'all'}`,
    retry: 'once',
    everyMs: 10_000,
  }),

  /** Contacts that turned out to be one: move what hangs on the other. */
  'sweep-unmerged-contacts': job({
    queue: 'conversations',
    payload: nothing,
    dedupe: () => 'unmerged-contacts',
    retry: 'once',
    everyMs: 15_000,
  }),
  /** Inbound jobs that failed finally and left no row: once more, at most once an hour each. */
  'sweep-lost-messages': job({ queue: 'conversations', payload: nothing, retry: 'once', everyMs: 60_000 }),

  /** A guest spoke: record, download, decode, have it written down, then answer like any message. */
  'transcribe-audio': job({ queue: 'transcriptions', payload: inboundMessage, retry: 'patient', isInbound: true }),
  /** Notes unheard for more than 15 s (or the one named): hear them. */
  'sweep-untranscribed-notes': job({
    queue: 'transcriptions',
    payload: z.object({ messageId: z.string().optional() }),
    dedupe: (p) => `untranscribed-${p.messageId ?? 'all'}`,
    retry: 'once',
    everyMs: 10_000,
  }),

  /** Send a conversation's waiting messages, in row order. */
  'deliver-messages': job({
    queue: 'deliveries',
    payload: z.object({ conversationId: z.string() }),
    dedupe: (p) => `deliver-${p.conversationId}`,
    retry: 'nudge',
  }),
  /** The same for conversations that were answered at the same time: one job for all of them. */
  'deliver-conversations': job({
    queue: 'deliveries',
    payload: z.object({ conversationIds: z.array(z.string()) }),
    retry: 'nudge',
  }),
  /** WhatsApp tells what became of a message of ours. */
  'record-delivery': job({ queue: 'deliveries', payload: statusUpdate, retry: 'patient', isInbound: true }),
  'sweep-unsent-messages': job({ queue: 'deliveries', payload: nothing, retry: 'once', everyMs: 10_000 }),

  /** What the owner must hear and was not told yet: say it in the owner's chat. */
  'sweep-untold-notices': job({
    queue: 'deliveries',
    payload: nothing,
    dedupe: () => 'untold-notices',
    retry: 'once',
    everyMs: 15_000,
  }),
  /** Messages that WhatsApp charged for this month, against the budget. */
  'sweep-message-budget': job({ queue: 'deliveries', payload: nothing, retry: 'once', everyMs: 600_000 }),

  /** Make the preference of a payment link that is wanted, or close the one whose hold ended. */
  'create-payment-link': job({
    queue: 'payments',
    payload: z.object({ paymentLinkId: z.string() }),
    dedupe: (p) => `link-${p.paymentLinkId}`,
    retry: 'nudge',
  }),
  'close-payment-link': job({
    queue: 'payments',
    payload: z.object({ paymentLinkId: z.string() }),
    dedupe: (p) => `close-${p.paymentLinkId}`,
    retry: 'nudge',
  }),
  /** Somebody says this payment changed: fetch it and settle. */
  'settle-payment': job({
    queue: 'payments',
    payload: z.object({
      paymentId: z.string(),
      /** ISO; when somebody told us. A payment that is still unknown ten minutes later does not exist. */
      toldAt: z.string().optional(),
    }),
    dedupe: (p) => `settle-${p.paymentId}`,
    retry: 'patient',
  }),
  'sweep-missing-links': job({ queue: 'payments', payload: nothing, retry: 'once', everyMs: 15_000 }),
  /** Live holds with an open link: ask Mercado Pago what it knows, in case every webhook was lost. */
  'sweep-unsettled-payments': job({ queue: 'payments', payload: nothing, retry: 'once', everyMs: 30_000 }),
  /** Give money back; its row says how much, and was there before. */
  'refund-payment': job({
    queue: 'payments',
    payload: z.object({ refundId: z.string() }),
    dedupe: (p) => `refund-${p.refundId}`,
    retry: 'nudge',
  }),
  'sweep-unmade-refunds': job({ queue: 'payments', payload: nothing, retry: 'once', everyMs: 15_000 }),
  /** Offers that are over: their money goes back. */
  'sweep-due-offers': job({ queue: 'payments', payload: nothing, retry: 'once', everyMs: 30_000 }),
  /** Everything that changed at Mercado Pago lately: the last two hours, and once a day the last three days. */
  'sweep-recent-payments': job({ queue: 'payments', payload: nothing, retry: 'once', everyMs: 300_000 }),

  /** Fetch a foreign calendar and apply it. */
  'import-feed': job({
    queue: 'calendars',
    payload: z.object({ feedId: z.number().int() }),
    dedupe: (p) => `feed-${p.feedId}`,
    retry: 'nudge',
  }),
  'sweep-due-feeds': job({ queue: 'calendars', payload: nothing, retry: 'once', everyMs: 30_000 }),

  /** A hold's time is over: ask Mercado Pago, then free the nights. Delayed to `release_at`. */
  'expire-hold': job({
    queue: 'expirations',
    payload: z.object({ reservationId: z.string() }),
    retry: 'nudge',
  }),
  'sweep-due-holds': job({ queue: 'expirations', payload: nothing, retry: 'once', everyMs: 15_000 }),
  /** Holds about to end, guests who arrive tomorrow or have left: a word from us, once. */
  'sweep-due-reminders': job({ queue: 'expirations', payload: nothing, retry: 'once', everyMs: 30_000 }),
  /** Stays whose check-out day has passed are completed. */
  'complete-stays': job({ queue: 'expirations', payload: nothing, retry: 'once', everyMs: 600_000 }),
  /** What guests said aloud is deleted after MEDIA_RETENTION_DAYS. */
  /** Raw payloads after `MEDIA_RETENTION_DAYS`, the API's first answers after a day. */
  'sweep-old-payloads': job({ queue: 'expirations', payload: nothing, retry: 'once', everyMs: 3_600_000 }),
  'sweep-old-media': job({ queue: 'expirations', payload: nothing, retry: 'once', everyMs: 3_600_000 }),
} as const;

export type JobName = keyof typeof jobs;
export type Payload<N extends JobName> = z.output<(typeof jobs)[N]['payload']>;
export type JobsOn<Q extends QueueName> = { [N in JobName]: (typeof jobs)[N]['queue'] extends Q ? N : never }[JobName];

/** What a pool must bring: one function per job of its queue. It does not compile while one is missing. */
export type Handlers<Q extends QueueName, Deps> = {
  [N in JobsOn<Q>]: (payload: Payload<N>, deps: Deps, signal: AbortSignal) => Promise<void>;
};

export const jobNames = Object.keys(jobs) as JobName[];

/** Ask for a job; how it reaches a queue (or does not: the sweeps come by) is not the caller's business. */
export type Enqueue = <N extends JobName>(
  name: N,
  payload: Payload<N>,
  options?: { delayMs?: number },
) => Promise<void>;
