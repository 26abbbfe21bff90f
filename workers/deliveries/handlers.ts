import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { deliverConversations } from './deliver-conversations.ts';
import { deliverMessages } from './deliver-messages.ts';
import { recordDelivery } from './record-delivery.ts';
import { sweepMessageBudget } from './sweep-message-budget.ts';
import { sweepUnsentMessages } from './sweep-unsent-messages.ts';
import { sweepUntoldNotices } from './sweep-untold-notices.ts';

/** Sending, and what became of it. */
export const deliveryHandlers: Handlers<'deliveries', WorkerDeps> = {
  'deliver-messages': deliverMessages,
  'deliver-conversations': deliverConversations,
  'record-delivery': recordDelivery,
  'sweep-unsent-messages': sweepUnsentMessages,
  'sweep-untold-notices': sweepUntoldNotices,
  'sweep-message-budget': sweepMessageBudget,
};
