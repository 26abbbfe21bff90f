import type { ImportResult } from '#shared/domain/calendars/apply-fetch.ts';
import type { CalendarFeed } from '#shared/domain/calendars/feed.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import { exitCodes, type Command } from './command.ts';
import { findAccommodation } from './find-accommodation.ts';
import type { Office } from './office.ts';

/** Fetches at the same time. */
const sideBySide = 4;

/** Imports all feeds now, or those of one unit, by the workers' own path. */
export const command: Command = {
  usage: '[accommodation]',
  summary: 'fetch and apply the foreign calendars now',
  needs: 'office',
  async run({ args }, office) {
    const feeds = await office.inTransaction(async (stores) => {
      const unit = args[0] === undefined ? undefined : await findAccommodation(args[0], stores);
      return (await stores.calendars.listFeeds(unit?.id)).filter(({ isPaused }) => !isPaused);
    });
    const results: { feedId: number; channel: string; accommodationId: number; result: ImportResult | undefined }[] =
      [];
    const waiting = [...feeds];
    await Promise.all(Array.from({ length: sideBySide }, () => work(waiting, office, results)));
    const rows = results
      .toSorted((a, b) => a.feedId - b.feedId)
      .map(({ result, ...feed }) => ({ ...feed, ...(result ?? { type: 'busy' }) }));
    const failed = rows.filter(({ type }) => type === 'failed').length;
    const lines = rows.map(
      ({ feedId, channel, type, ...more }) =>
        `${String(feedId).padStart(4)}  ${channel}  ${type}  ${JSON.stringify(more)}`,
    );
    return {
      data: { feeds: rows, failed },
      text: lines.length > 0 ? lines.join('\n') : 'No feeds.',
      exitCode: failed > 0 ? exitCodes.failed : exitCodes.done,
    };
  },
};

async function work(
  waiting: CalendarFeed[],
  office: Office,
  results: { feedId: number; channel: string; accommodationId: number; result: ImportResult | undefined }[],
): Promise<void> {
  for (let feed = waiting.shift(); feed; feed = waiting.shift()) {
    const { id: feedId, channel, accommodationId } = feed;
    results.push({
      feedId,
      channel,
      accommodationId,
      result: await importFeed(feedId, office, AbortSignal.timeout(60_000)),
    });
  }
}
