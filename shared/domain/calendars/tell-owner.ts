import type { Stores } from '../ports.ts';
import type { CalendarFeed } from './feed.ts';

/** What the owner hears about a feed; never its address. */
export async function tellOwnerOfFeed(
  type: 'calendar_quarantine' | 'calendar_unreachable' | 'calendar_echo_stays',
  feed: Pick<CalendarFeed, 'id' | 'accommodationId' | 'channel'>,
  stores: Stores,
  data: Record<string, unknown>,
): Promise<void> {
  const { name: unit } = await stores.lodging.getAccommodation(feed.accommodationId);
  await stores.outbox.addOwnerNotice({
    type,
    data: { feedId: feed.id, accommodationId: feed.accommodationId, unit, channel: feed.channel, ...data },
  });
}
