import { z } from 'zod';
import {
  acceptQuarantine,
  addFeed,
  changeFeedUrl,
  listFeeds,
  pauseFeed,
  removeFeed,
} from '#shared/domain/calendars/feeds.ts';
import { channels } from '#shared/domain/calendars/foreign-event.ts';
import { DomainError } from '#shared/domain/errors.ts';
import type { Stores } from '#shared/domain/ports.ts';
import { feedForms, feedCard, type ExportLink } from './channel-view.ts';
import { html } from '../html.ts';
import { emptyState } from './parts.ts';
import { act, get, parseForm, post, refusalOf, type Answer, type ConsoleRequest } from './route.ts';

/** Calendars of other platforms: what we read of them, and the links by which they read ours. */
export const channelRoutes = [
  get('/canales', (request) => showChannels(request)),
  post('/canales', add),
  post('/canales/enlaces', changeLink),
  post('/canales/:id/leer', (request) =>
    onFeed(request, 'feed_reading', async (id, stores) => {
      const feed = await stores.calendars.findFeed(id);
      if (!feed) throw new DomainError('feed_not_found');
      await stores.calendars.updateFeed(id, { nextFetchAt: stores.now });
      stores.nudge({ type: 'import_feed', feedId: id });
    }),
  ),
  post('/canales/:id/pausar', (request) => onFeed(request, 'feed_saved', (id, stores) => pauseFeed(id, true, stores))),
  post('/canales/:id/seguir', (request) => onFeed(request, 'feed_saved', (id, stores) => pauseFeed(id, false, stores))),
  post('/canales/:id/aceptar', (request) =>
    onFeed(request, 'feed_accepted', (id, stores) => acceptQuarantine(id, stores)),
  ),
  post('/canales/:id/quitar', (request) => onFeed(request, 'feed_removed', (id, stores) => removeFeed(id, stores))),
  post('/canales/:id/direccion', (request) =>
    onFeed(request, 'feed_saved', (id, stores) =>
      changeFeedUrl(id, (request.form.get('url') ?? '').trim().slice(0, 2_000), stores, request.desk.calendars),
    ),
  ),
];

async function showChannels(request: ConsoleRequest, problem?: string): Promise<Answer> {
  const { desk, clock, session, form } = request;
  const { feeds, units, links } = await desk.inTransaction(async (stores) => {
    const known = await stores.lodging.listEveryAccommodation();
    const made: ExportLink[] = [];
    for (const { id } of known.filter(({ isActive }) => isActive))
      for (const channel of channels) {
        const found = await stores.calendars.getExport(id, channel);
        made.push({ ...found, url: desk.calendars.makeLink(found) });
      }
    return { feeds: await listFeeds(stores), units: known, links: made };
  });
  const shown = units.filter(({ id, isActive }) => isActive || feeds.some((feed) => feed.accommodationId === id));
  const body = html`
    <h1>Canales</h1>
    <p class="soft">
      Cada unidad se cruza con los otros sitios en los dos sentidos: leemos su calendario, y ellos leen el nuestro con
      un enlace secreto.
    </p>
    ${shown.length === 0 ? emptyState('Todavía no hay unidades.') : undefined}
    <div class="channel-units">
      ${shown.map(
        (unit) =>
          html`<section class="card" id="unidad-${unit.id}">
            <h2>${unit.name}</h2>
            <ul class="feeds" data-live="feeds-${unit.id}">
              ${feeds.filter((feed) => feed.accommodationId === unit.id).map((feed) => feedCard(feed, clock, session.formToken))}
            </ul>
            ${feedForms({
              unit,
              links: links.filter(({ accommodationId }) => accommodationId === unit.id),
              taken: feeds.filter((feed) => feed.accommodationId === unit.id).map(({ channel }) => channel),
              given:
                form.get('unit') === String(unit.id)
                  ? { channel: form.get('channel') ?? '', url: form.get('url') ?? '' }
                  : undefined,
              formToken: session.formToken,
            })}
          </section>`,
      )}
    </div>
  `;
  return {
    page: { title: 'Canales', part: 'canales', body, scripts: ['copy.js'] },
    ...(problem === undefined ? {} : { problem, status: 422 }),
  };
}

const feedFields = z.object({
  unit: z.coerce.number().int().positive(),
  channel: z.enum(channels),
  url: z.string().trim().min(1).max(2_000),
});

async function add(request: ConsoleRequest): Promise<Answer> {
  const given = parseForm(request.form, feedFields);
  if (!given) return showChannels(request, 'invalid_form');
  const { unit: accommodationId, channel, url } = given;
  try {
    await request.desk.inTransaction((stores) =>
      addFeed({ accommodationId, channel, url }, stores, request.desk.calendars),
    );
    return { seeOther: `/console/canales#unidad-${accommodationId}`, done: 'feed_added' };
  } catch (error) {
    return showChannels(request, refusalOf(error));
  }
}

const linkFields = z.object({
  unit: z.coerce.number().int().positive(),
  channel: z.enum(channels),
  change: z.enum(['revoke', 'holds', 'no_holds']),
});

async function changeLink({ desk, form }: ConsoleRequest): Promise<Answer> {
  const given = parseForm(form, linkFields);
  if (!given) return { seeOther: '/console/canales', problem: 'invalid_form' };
  const { unit, channel, change } = given;
  const back = `/console/canales#unidad-${unit}`;
  return act(back, async () => {
    await desk.inTransaction(async (stores) => {
      await stores.lodging.getAccommodation(unit);
      const { version } = await stores.calendars.getExport(unit, channel);
      await stores.calendars.updateExport(
        unit,
        channel,
        change === 'revoke' ? { version: version + 1 } : { includesHolds: change === 'holds' },
      );
    });
    return { seeOther: back, done: change === 'revoke' ? 'link_revoked' : 'feed_saved' };
  });
}

async function onFeed(
  { desk, params }: ConsoleRequest,
  done: string,
  work: (id: number, stores: Stores) => Promise<unknown>,
): Promise<Answer> {
  return act('/console/canales', async () => {
    const id = Number(params['id']);
    if (!Number.isInteger(id) || id < 1 || id > 2_147_483_647) throw new DomainError('feed_not_found');
    await desk.inTransaction((stores) => work(id, stores));
    return { seeOther: '/console/canales', done };
  });
}
