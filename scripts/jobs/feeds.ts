import { text as readAll } from 'node:stream/consumers';
import {
  addFeed,
  changeFeedUrl,
  listFeeds,
  pauseFeed,
  removeFeed,
  type FeedView,
} from '#shared/domain/calendars/feeds.ts';
import { channels, isFeedChannel, type FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { Misuse, required, type Command, type CommandResult } from './command.ts';
import { findAccommodation } from './find-accommodation.ts';
import type { Office } from './office.ts';

/** The foreign calendars: what there is, and their whole life. Addresses are secrets: `-` reads one from standard input. */
export const command: Command = {
  usage:
    '[list [accommodation]] | add <accommodation> <channel> <url|-> | url <feed> <url|-> | pause <feed> | resume <feed> | remove <feed>',
  summary: `foreign calendars per unit and channel (${channels.join(', ')})`,
  needs: 'office',
  async run({ args }, office) {
    const [verb = 'list'] = args;
    switch (verb) {
      case 'list':
        return office.inTransaction(async (stores) => {
          const unit = args[1] === undefined ? undefined : await findAccommodation(args[1], stores);
          return showFeeds(await listFeeds(stores, unit?.id), stores);
        });
      case 'add':
        return add(args, office);
      case 'url': {
        const [id, url] = [toFeedId(args[1]), await readUrl(args, 2)];
        return office.inTransaction(async (stores) =>
          showFeeds([await changeFeedUrl(id, url, stores, office.calendars)], stores),
        );
      }
      case 'pause':
      case 'resume':
        return office.inTransaction(async (stores) =>
          showFeeds([await pauseFeed(toFeedId(args[1]), verb === 'pause', stores)], stores),
        );
      case 'remove':
        await office.inTransaction((stores) => removeFeed(toFeedId(args[1]), stores));
        return { data: { removed: toFeedId(args[1]) }, text: 'Removed; what it blocked is free.' };
      default:
        throw new Misuse(`unknown verb "${verb}"`);
    }
  },
};

async function add(args: readonly string[], office: Office): Promise<CommandResult> {
  const named = required(args, 1, 'accommodation');
  const channel = toChannel(required(args, 2, 'channel'));
  const url = await readUrl(args, 3);
  return office.inTransaction(async (stores) => {
    const { id: accommodationId } = await findAccommodation(named, stores);
    return showFeeds([await addFeed({ accommodationId, channel, url }, stores, office.calendars)], stores);
  });
}

async function readUrl(args: readonly string[], index: number): Promise<string> {
  const given = required(args, index, 'url');
  return given === '-' ? (await readAll(process.stdin)).trim() : given;
}

/** A channel by its name, or a Misuse that names them all. */
export function toChannel(name: string): FeedChannel {
  if (!isFeedChannel(name)) throw new Misuse(`"${name}" is no channel: choose among ${channels.join(', ')}`);
  return name;
}

/** The number of a feed, or a Misuse. */
export function toFeedId(given: string | undefined): number {
  const id = Number(given);
  if (!Number.isInteger(id) || id < 1) throw new Misuse('<feed> is the number of a feed (see `feeds`)');
  return id;
}

async function showFeeds(views: readonly FeedView[], stores: Stores): Promise<CommandResult> {
  const feeds = [];
  for (const view of views)
    feeds.push({ ...view, accommodation: (await stores.lodging.getAccommodation(view.accommodationId)).name });
  const lines = feeds.map(({ id, accommodation, channel, state, ageSeconds, failure, url, quarantinedEvents }) =>
    [
      `${String(id).padStart(4)}  ${accommodation}  ${channel}  ${state}`,
      `read ${Math.round(ageSeconds / 60)} min ago`,
      ...(failure ? [`last trouble: ${failure}`] : []),
      ...(quarantinedEvents > 0 ? [`${quarantinedEvents} bookings in quarantine`] : []),
      url,
    ].join('  '),
  );
  return { data: { feeds }, text: lines.length > 0 ? lines.join('\n') : 'No feeds.' };
}
