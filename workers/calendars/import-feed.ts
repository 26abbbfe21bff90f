import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import type { Payload } from '#shared/queues/contracts.ts';
import type { WorkerDeps } from '../deps.ts';

/** Fetches a feed and applies what it brings; what is wrong with the feed is on its row, not in the queue. */
export async function importFeedById(
  { feedId }: Payload<'import-feed'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const result = await importFeed(feedId, deps, signal);
  if (!result) return;
  const { type, reason, outcomes, conflicts } = result;
  const about = { feedId, outcome: type, ...(reason ? { reason } : {}), ...outcomes };
  if (conflicts) deps.log.warn({ ...about, conflicts }, 'a calendar disagrees with a confirmed stay');
  else if (type === 'failed') deps.log.warn(about, 'feed not imported');
  else deps.log.info(about, 'feed imported');
}
