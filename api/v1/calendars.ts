import { z } from 'zod';
import { blockNights, unblockNights } from '#shared/domain/calendars/blocks.ts';
import { listConflicts, resolveConflict, type ConflictView } from '#shared/domain/calendars/conflicts.ts';
import {
  acceptQuarantine,
  addFeed,
  changeFeedUrl,
  listFeeds,
  pauseFeed,
  removeFeed,
  type FeedView,
} from '#shared/domain/calendars/feeds.ts';
import { channels } from '#shared/domain/calendars/foreign-event.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import type { ManualBlock } from '#shared/domain/calendars/ports.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { route } from './route.ts';
import {
  accommodationId,
  accommodationIdText,
  calendarDate,
  cents,
  idParams,
  instant,
  nullableInstant,
} from './schemas.ts';

const channel = z.enum(channels);
const feedParams = z.object({ id: z.coerce.number().pipe(z.int().positive().max(2_147_483_647)) });
const feedUrl = z.string().trim().min(1).max(2_000);

const feed = z
  .object({
    id: z.int(),
    accommodationId,
    channel,
    /** Its host alone: the address is a secret. */
    url: z.string(),
    state: z.enum(['active', 'paused', 'quarantined', 'failing', 'new']),
    failure: z.string().nullable(),
    failures: z.int(),
    lastGoodAt: nullableInstant,
    ageSeconds: z.int(),
    nextFetchAt: instant,
    /** Bookings kept although the feed no longer has them. */
    quarantinedEvents: z.int(),
  })
  .meta({ id: 'Feed' });

function toFeed(view: FeedView): z.input<typeof feed> {
  return { ...view, lastGoodAt: view.lastGoodAt?.toISOString() ?? null, nextFetchAt: view.nextFetchAt.toISOString() };
}

const block = z
  .object({
    id: z.string(),
    accommodationId,
    from: calendarDate,
    to: calendarDate,
    reason: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'Block' });

function toBlock({ nights, createdAt, ...rest }: ManualBlock): z.input<typeof block> {
  return { ...rest, from: nights.checkIn, to: nights.checkOut, createdAt: createdAt.toISOString() };
}

export const moveSchema = z
  .object({
    accommodation: z.object({ id: accommodationId, name: z.string() }),
    checkIn: calendarDate,
    checkOut: calendarDate,
    totalCents: cents,
    differenceCents: cents,
  })
  .meta({ id: 'Move' });

/** A move as the API tells it. */
export function toMove(move: ConflictView['moves'][number]): z.input<typeof moveSchema> {
  const { accommodationId: id, unit: name, stay, totalCents, differenceCents } = move;
  return { accommodation: { id, name }, ...stay, totalCents, differenceCents };
}

const conflict = z
  .object({
    id: z.string(),
    accommodationId,
    reservationCode: z.string(),
    channel,
    checkIn: calendarDate,
    checkOut: calendarDate,
    foreignFrom: calendarDate,
    foreignTo: calendarDate,
    state: z.enum(['open', 'resolved']),
    resolution: z.string().nullable(),
    openedAt: instant,
    resolvedAt: nullableInstant,
    /** Where our stay could go now. */
    moves: z.array(moveSchema),
  })
  .meta({ id: 'Conflict' });

function toConflict(view: ConflictView): z.input<typeof conflict> {
  const {
    stay,
    foreignNights,
    code,
    openedAt,
    resolvedAt,
    moves,
    id,
    accommodationId: unit,
    channel: from,
    state,
    resolution,
  } = view;
  return {
    id,
    accommodationId: unit,
    reservationCode: code,
    channel: from,
    checkIn: stay.checkIn,
    checkOut: stay.checkOut,
    foreignFrom: foreignNights.checkIn,
    foreignTo: foreignNights.checkOut,
    state,
    resolution,
    openedAt: openedAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    moves: moves.map(toMove),
  };
}

const exported = z
  .object({
    accommodationId,
    channel,
    url: z.string(),
    version: z.int(),
    includesHolds: z.boolean(),
    servedAt: nullableInstant,
  })
  .meta({ id: 'Export' });

const filter = z.strictObject({ accommodationId: accommodationIdText.optional() });
const nothing = z.strictObject({});

/** Foreign calendars, what they are told, nights taken by hand, and the cases where two sold the same nights. */
export const calendarRoutes = [
  route({
    method: 'GET',
    path: '/feeds',
    name: 'listFeeds',
    summary: 'Calendars of other platforms that are imported, with how old each is.',
    query: filter,
    answer: z.object({ items: z.array(feed) }),
    handle: ({ query, transact }) =>
      transact(async (stores) => ({ items: (await listFeeds(stores, query.accommodationId)).map(toFeed) })),
  }),
  route({
    method: 'POST',
    path: '/feeds',
    name: 'addFeed',
    summary: 'Imports a calendar from now on; its address is kept sealed and never shown again.',
    body: z.strictObject({ accommodationId, channel, url: feedUrl }),
    status: 201,
    answer: feed,
    problems: ['accommodation_not_found', 'invalid_feed_url', 'feed_exists'],
    handle: ({ body, transact }, { calendars }) =>
      transact(async (stores) => toFeed(await addFeed(body, stores, calendars))),
  }),
  route({
    method: 'PATCH',
    path: '/feeds/:id',
    name: 'changeFeed',
    summary: 'Another address for a feed, or pauses and resumes it.',
    params: feedParams,
    body: z.strictObject({ url: feedUrl.optional(), isPaused: z.boolean().optional() }),
    answer: feed,
    problems: ['feed_not_found', 'invalid_feed_url', 'nights_busy'],
    handle: ({ params: { id }, body, transact }, { calendars }) =>
      transact(async (stores) => {
        if (body.url !== undefined) await changeFeedUrl(id, body.url, stores, calendars);
        if (body.isPaused !== undefined) await pauseFeed(id, body.isPaused, stores);
        const found = (await listFeeds(stores)).find((view) => view.id === id);
        if (!found) throw new DomainError('feed_not_found');
        return toFeed(found);
      }),
  }),
  route({
    method: 'DELETE',
    path: '/feeds/:id',
    name: 'removeFeed',
    summary: 'Forgets a feed; all that it blocked is free.',
    params: feedParams,
    status: 204,
    problems: ['feed_not_found', 'nights_busy'],
    handle: ({ params: { id }, transact }) => transact((stores) => removeFeed(id, stores)),
  }),
  route({
    method: 'POST',
    path: '/feeds/:id/sync',
    name: 'syncFeed',
    summary: 'Fetches a feed now and says what came of it; trouble of the feed is an answer, not a failure.',
    params: feedParams,
    body: nothing,
    answer: z.object({ result: z.string(), reason: z.string().nullable(), feed }),
    problems: ['feed_not_found'],
    handle: async ({ params: { id }, transact, signal }, desk) => {
      const find = async (): Promise<FeedView> => {
        const views = await desk.inTransaction((stores) => listFeeds(stores));
        const found = views.find((view) => view.id === id);
        if (!found) throw new DomainError('feed_not_found');
        return found;
      };
      await find();
      const result = await importFeed(id, desk, signal);
      const after = await find();
      return transact(() =>
        Promise.resolve({ result: result?.type ?? 'busy', reason: result?.reason ?? null, feed: toFeed(after) }),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/feeds/:id/accept-quarantine',
    name: 'acceptQuarantine',
    summary: 'You believe that the bookings which a feed no longer has are gone: their nights are free now.',
    params: feedParams,
    body: nothing,
    answer: z.object({ freed: z.int() }),
    problems: ['feed_not_found', 'invalid_state', 'nights_busy'],
    handle: ({ params: { id }, transact }) => transact((stores) => acceptQuarantine(id, stores)),
  }),
  route({
    method: 'GET',
    path: '/exports',
    name: 'listExports',
    summary: 'The links that other platforms import, one per unit and channel. A link is a secret.',
    query: filter,
    answer: z.object({ items: z.array(exported) }),
    handle: ({ query, transact }, { calendars }) =>
      transact(async (stores) => {
        const units = await stores.lodging.listAccommodations();
        const items = [];
        for (const unit of units.filter(
          ({ id }) => query.accommodationId === undefined || id === query.accommodationId,
        ))
          for (const name of channels) {
            const found = await stores.calendars.getExport(unit.id, name);
            items.push({ ...found, url: calendars.makeLink(found), servedAt: found.servedAt?.toISOString() ?? null });
          }
        return { items };
      }),
  }),
  route({
    method: 'PATCH',
    path: '/exports',
    name: 'changeExport',
    summary: 'Makes a new link and ends the old one (isRevoked), or tells a channel of live holds too.',
    body: z.strictObject({
      accommodationId,
      channel,
      isRevoked: z.literal(true).optional(),
      includesHolds: z.boolean().optional(),
    }),
    answer: exported,
    problems: ['accommodation_not_found'],
    handle: ({ body, transact }, { calendars }) =>
      transact(async (stores) => {
        const { accommodationId: unit, channel: name, isRevoked, includesHolds } = body;
        await stores.lodging.getAccommodation(unit);
        const { version } = await stores.calendars.getExport(unit, name);
        await stores.calendars.updateExport(unit, name, {
          ...(isRevoked ? { version: version + 1 } : {}),
          ...(includesHolds === undefined ? {} : { includesHolds }),
        });
        const found = await stores.calendars.getExport(unit, name);
        return { ...found, url: calendars.makeLink(found), servedAt: found.servedAt?.toISOString() ?? null };
      }),
  }),
  route({
    method: 'GET',
    path: '/blocks',
    name: 'listBlocks',
    summary: 'Nights taken by hand that are not over.',
    query: filter,
    answer: z.object({ items: z.array(block) }),
    handle: ({ query, transact }) =>
      transact(async (stores) => {
        const blocks = await stores.calendars.listBlocks(stores.today, query.accommodationId);
        return { items: blocks.map(toBlock) };
      }),
  }),
  route({
    method: 'POST',
    path: '/blocks',
    name: 'blockNights',
    summary: 'Takes nights by hand; `to` is the first that is free again. Stays on them stay and are named.',
    body: z.strictObject({
      accommodationId,
      from: calendarDate,
      to: calendarDate,
      reason: z.string().trim().max(200).default(''),
    }),
    status: 201,
    answer: block.extend({ codesOnThem: z.array(z.string()) }),
    problems: [
      'accommodation_not_found',
      'invalid_dates',
      'date_in_past',
      'too_far_ahead',
      'stay_too_long',
      'nights_busy',
    ],
    handle: ({ body: { from, to, ...rest }, transact }) =>
      transact(async (stores) => {
        const made = await blockNights({ ...rest, nights: { checkIn: from, checkOut: to } }, stores);
        return { ...toBlock(made.block), codesOnThem: made.codesOnThem };
      }),
  }),
  route({
    method: 'DELETE',
    path: '/blocks/:id',
    name: 'unblockNights',
    summary: 'Gives the nights of a block back.',
    params: idParams,
    status: 204,
    problems: ['block_not_found', 'nights_busy'],
    handle: ({ params: { id }, transact }) => transact(async (stores) => void (await unblockNights(id, stores))),
  }),
  route({
    method: 'GET',
    path: '/conflicts',
    name: 'listConflicts',
    summary: 'Nights that we and a platform both sold, with where our stay could go.',
    query: z.strictObject({
      state: z.enum(['open', 'all']).default('open'),
      accommodationId: accommodationIdText.optional(),
    }),
    answer: z.object({ items: z.array(conflict) }),
    handle: ({ query: { state, accommodationId: unit }, transact }) =>
      transact(async (stores) => {
        const views = await listConflicts(stores, { state, ...(unit === undefined ? {} : { accommodationId: unit }) });
        return { items: views.map(toConflict) };
      }),
  }),
  route({
    method: 'POST',
    path: '/conflicts/:id/resolve',
    name: 'resolveConflict',
    summary: 'You have dealt with it; a case whose overlap ends resolves by itself.',
    params: idParams,
    body: z.strictObject({ resolution: z.string().trim().max(200).default('settled') }),
    answer: z.object({ id: z.string(), state: z.literal('resolved') }),
    problems: ['conflict_not_found'],
    handle: ({ params: { id }, body: { resolution }, transact }) =>
      transact(async (stores) => {
        await resolveConflict(id, resolution, stores);
        return { id, state: 'resolved' as const };
      }),
  }),
];
