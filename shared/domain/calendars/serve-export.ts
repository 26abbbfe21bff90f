import type { AccommodationId } from '../lodging/accommodation.ts';
import type { Stores } from '../ports.ts';
import type { CalendarDesk } from './desk.ts';
import type { FeedChannel } from './foreign-event.ts';

/**
 * The export that a token is for, as a channel's text; undefined when the token is wrong, revoked or of a unit that is no longer
 * let. `isFetch`: the channel reads it now, which is what later tells its echoes from its own stays.
 */
export async function serveExport(
  token: string,
  { isFetch }: { isFetch: boolean },
  stores: Stores,
  desk: CalendarDesk,
): Promise<string | undefined> {
  const named = desk.parseToken(token);
  if (!named) return undefined;
  const of = await stores.calendars.getExport(named.accommodationId, named.channel);
  if (!desk.isToken(token, of)) return undefined;
  const unit = (await stores.lodging.listAccommodations()).find(({ id }) => id === of.accommodationId);
  if (!unit) return undefined;
  const events = await stores.calendars.listExportedEvents(of, stores.today);
  if (isFetch) {
    const served = { at: stores.now, nights: events.map(({ nights }) => nights) };
    await stores.calendars.updateExport(of.accommodationId, of.channel, { served });
  }
  return desk.write(unit.name, events);
}

/**
 * The link of a unit's export to a channel. `revoke`: a new one, the old is 404 from now on. `includesHolds`: may unpaid holds be
 * told too (platforms poll every 1–12 hours, a hold lives 30 minutes)? Undefined leaves it. Throws `accommodation_not_found`.
 */
export async function getExportLink(
  request: {
    accommodationId: AccommodationId;
    channel: FeedChannel;
    revoke?: boolean;
    includesHolds?: boolean | undefined;
  },
  stores: Stores,
  desk: Pick<CalendarDesk, 'makeLink'>,
): Promise<{ url: string; version: number; includesHolds: boolean }> {
  const { accommodationId, channel, revoke = false, includesHolds } = request;
  await stores.lodging.getAccommodation(accommodationId);
  const before = await stores.calendars.getExport(accommodationId, channel);
  if (revoke || includesHolds !== undefined)
    await stores.calendars.updateExport(accommodationId, channel, {
      ...(revoke ? { version: before.version + 1 } : {}),
      ...(includesHolds === undefined ? {} : { includesHolds }),
    });
  const of = await stores.calendars.getExport(accommodationId, channel);
  return { url: desk.makeLink(of), version: of.version, includesHolds: of.includesHolds };
}
