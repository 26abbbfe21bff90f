import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { replyToMessage } from './reply-to-message.ts';
import { sweepLostMessages } from './sweep-lost-messages.ts';
import { sweepUnansweredMessages } from './sweep-unanswered-messages.ts';
import { sweepUnmergedContacts } from './sweep-unmerged-contacts.ts';

/** Understanding and answering. */
export const conversationHandlers: Handlers<'conversations', WorkerDeps> = {
  'reply-to-message': replyToMessage,
  'sweep-unanswered-messages': sweepUnansweredMessages,
  'sweep-unmerged-contacts': sweepUnmergedContacts,
  'sweep-lost-messages': sweepLostMessages,
};
