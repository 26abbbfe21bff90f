import { mayConfirm } from '../conversations/decide-reply.ts';
import type { ConversationState, GuestMessage, Look } from '../conversations/conversation.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { InTransaction, Stores } from '../ports.ts';
import type { CalendarDesk } from './desk.ts';
import type { CalendarFeed } from './feed.ts';
import { importIfStale } from './import-feed.ts';
import { staleAfterMs } from './schedule.ts';

/** A process without a desk imports nothing. */
type Deps = { inTransaction: InTransaction; calendars?: CalendarDesk };

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Before a settlement: money that may confirm a stay, or take an expired hold's nights again, first hears what the platforms
 * sold (≤ 3 s, see `importIfStale`). Never throws but for the signal's sake.
 */
export async function importBeforeSettling(
  payment: { status: string; externalReference?: string | undefined },
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  const { calendars, inTransaction } = deps;
  const reference = payment.externalReference ?? '';
  if (!calendars || payment.status !== 'approved' || !uuidPattern.test(reference)) return;
  const unit = await inTransaction(async (stores) => {
    const reservation = await stores.reservations.find(reference);
    const needsNights = reservation?.status === 'held' || reservation?.status === 'expired';
    return needsNights ? reservation.accommodationId : undefined;
  });
  if (unit !== undefined) await importIfStale(unit, { inTransaction, calendars }, signal);
}

/**
 * Before a confirmation by a guest: the units that what waits may confirm and whose feeds are stale. The caller ends its
 * transaction, imports them (`importIfStale`), and looks again at what waits.
 */
export async function findStaleUnits(
  state: ConversationState,
  messages: readonly GuestMessage[],
  look: Pick<Look, 'accommodations'>,
  stores: Stores,
): Promise<AccommodationId[]> {
  const wanted = new Set(messages.flatMap((message) => mayConfirm(state, message, look) ?? []));
  const stale = wanted.size > 0 ? await staleUnits(stores) : new Set();
  return [...wanted].filter((unit) => stale.has(unit));
}

/** A summary was shown: the feeds of its unit are fetched while the guest reads it, where they are stale. */
export async function nudgeFeedsOf(unit: AccommodationId, stores: Stores): Promise<void> {
  const feeds = await stores.calendars.listFeeds(unit);
  for (const feed of feeds.filter((each) => isStale(each, stores.now)))
    stores.nudge({ type: 'import_feed', feedId: feed.id });
}

async function staleUnits({ calendars, now }: Stores): Promise<Set<AccommodationId>> {
  const feeds = await calendars.listFeeds();
  return new Set(feeds.filter((feed) => isStale(feed, now)).map((feed) => feed.accommodationId));
}

function isStale({ isPaused, lastGoodAt }: CalendarFeed, now: Date): boolean {
  return !isPaused && (lastGoodAt === null || now.getTime() - lastGoodAt.getTime() > staleAfterMs);
}
