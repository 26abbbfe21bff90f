import { mayConfirm } from '../conversations/decide-reply.ts';
import type { ConversationState, GuestMessage } from '../conversations/conversation.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { InTransaction, Stores } from '../ports.ts';
import type { CalendarDesk } from './desk.ts';
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
 * Before a confirmation by a guest: a peek without any lock; when what waits may confirm the summary of a unit whose feeds are
 * stale, they are imported first (≤ 3 s). `peek` gives what waits; it is asked only while some feed is stale.
 */
export async function importBeforeConfirming(
  peek: (stores: Stores) => Promise<{ state: ConversationState; messages: readonly GuestMessage[] } | undefined>,
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  const { calendars, inTransaction } = deps;
  if (!calendars) return;
  const units = await inTransaction(async (stores): Promise<AccommodationId[]> => {
    const stale = await staleUnits(stores);
    const seen = stale.size > 0 ? await peek(stores) : undefined;
    if (!seen) return [];
    const look = { accommodations: await stores.lodging.listAccommodations() };
    const wanted = seen.messages.map((message) => mayConfirm(seen.state, message, look));
    return [...new Set(wanted.filter((unit) => unit !== null))].filter((unit) => stale.has(unit));
  });
  await Promise.all(units.map((unit) => importIfStale(unit, { inTransaction, calendars }, signal)));
}

async function staleUnits({ calendars, now }: Stores): Promise<Set<AccommodationId>> {
  const feeds = await calendars.listFeeds();
  const isStale = (at: Date | null): boolean => at === null || now.getTime() - at.getTime() > staleAfterMs;
  return new Set(
    feeds.filter((feed) => !feed.isPaused && isStale(feed.lastGoodAt)).map((feed) => feed.accommodationId),
  );
}

/** A summary was shown: the feeds of its unit are fetched while the guest reads it, where they are stale. */
export async function nudgeFeedsOf(unit: AccommodationId, stores: Stores): Promise<void> {
  for (const feed of await stores.calendars.listFeeds(unit)) {
    const isStale = feed.lastGoodAt === null || stores.now.getTime() - feed.lastGoodAt.getTime() > staleAfterMs;
    if (!feed.isPaused && isStale) stores.nudge({ type: 'import_feed', feedId: feed.id });
  }
}
