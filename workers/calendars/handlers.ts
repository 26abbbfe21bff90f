import type { Handlers } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';
import { importFeedById } from './import-feed.ts';
import { sweepDueFeeds } from './sweep-due-feeds.ts';

/** Foreign calendars: slow servers of others, so a pool of its own. */
export const calendarHandlers: Handlers<'calendars', WorkerDeps> = {
  'import-feed': importFeedById,
  'sweep-due-feeds': sweepDueFeeds,
};
