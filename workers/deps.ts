import type { Env } from '#shared/config/env.ts';
import type { Database } from '#shared/db/data-source.ts';
import type { CalendarDesk } from '#shared/domain/calendars/desk.ts';
import type { AfterSent, JointClaim, Sent } from '#shared/db/stores/delivery-store.ts';
import type { Merged } from '#shared/db/stores/delivery-report-store.ts';
import type { StatusUpdate } from '#shared/domain/conversations/message.ts';
import type { InTransaction } from '#shared/domain/ports.ts';
import type { ModelReader } from '#shared/domain/conversations/model-answer.ts';
import type { CourtesyLock } from '#shared/domain/reservations/hold-stay.ts';
import type { PaymentGateway } from '#shared/domain/payments/gateway.ts';
import type { convertToWav } from '#shared/integrations/ffmpeg/convert-to-wav.ts';
import type { SpeechClient } from '#shared/integrations/openai/speech-client.ts';
import type { WhatsAppClient } from '#shared/integrations/whatsapp/client.ts';
import type { MediaClient } from '#shared/integrations/whatsapp/media.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import type { Enqueue } from '#shared/queues/contracts.ts';
import type { Recorder } from './conversations/record-together.ts';

/** Everything a handler may need; each takes what it uses. */
export type WorkerDeps = {
  env: Env;
  log: Logger;
  metrics: Metrics;
  database: Database;
  inTransaction: InTransaction;
  /** What comes at the same time is recorded together. */
  recordMessage: Recorder;
  /** Answers a conversation together with others at the same time; false: something is left there that wants to be answered alone. */
  answerInWords: (conversationId: string) => Promise<boolean>;
  /** The first waiting message of a conversation, claimed together with those of others; `claim` is undefined where nobody looked. */
  claimMessage: (conversationId: string) => Promise<JointClaim>;
  markSent: (sent: Sent) => Promise<AfterSent>;
  mergeStatus: (status: StatusUpdate) => Promise<Merged>;
  enqueue: Enqueue;
  /** For what looks at jobs themselves: the failed ones. */
  queues: QueueStore;
  courtesy: CourtesyLock;
  whatsapp: WhatsAppClient;
  media: MediaClient;
  /** A few at a time: the others wait their turn. */
  convertToWav: typeof convertToWav;
  /** Undefined: no speech service is set up. */
  speech: SpeechClient | undefined;
  /** Undefined: no language model is set up, the rules read alone. */
  reader: ModelReader | undefined;
  payments: PaymentGateway;
  calendars: CalendarDesk;
};

/** What a sweep leaves to the fast path: rows due for less than this many seconds. */
export const sweepAfterSeconds = 15;
