import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { deliverMessages } from './deliver-messages.ts';
import { recordDelivery } from './record-delivery.ts';
import { sweepUnsentMessages } from './sweep-unsent-messages.ts';

/** Sending, and what became of it. */
export const deliveryHandlers: Handlers<'deliveries', WorkerDeps> = {
  'deliver-messages': deliverMessages,
  'record-delivery': recordDelivery,
  'sweep-unsent-messages': sweepUnsentMessages,
};
