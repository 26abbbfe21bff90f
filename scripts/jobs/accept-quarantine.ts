import { acceptQuarantine } from '#shared/domain/calendars/feeds.ts';
import type { Command } from './command.ts';
import { toFeedId } from './feeds.ts';

/** What a feed in quarantine no longer has is believed to be cancelled, now. */
export const command: Command = {
  usage: '<feed>',
  summary: 'believe that the bookings missing from a feed are cancelled',
  needs: 'office',
  async run({ args }, office) {
    const feedId = toFeedId(args[0]);
    const { freed } = await office.inTransaction((stores) => acceptQuarantine(feedId, stores));
    return { data: { feedId, freed }, text: `${freed} events freed` };
  },
};
