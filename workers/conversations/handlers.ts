import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { replyToMessage } from './reply-to-message.ts';
import { sweepUnansweredMessages } from './sweep-unanswered-messages.ts';

/** Understanding and answering. */
export const conversationHandlers: Handlers<'conversations', WorkerDeps> = {
  'reply-to-message': replyToMessage,
  'sweep-unanswered-messages': sweepUnansweredMessages,
};
