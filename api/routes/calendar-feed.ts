import { createHash } from 'node:crypto';
import type { Middleware } from 'koa';
import { serveExport } from '#shared/domain/calendars/serve-export.ts';
import type { Desk } from '../desk.ts';
import { HttpProblem, unavailable } from '../problem.ts';

/**
 * A unit's calendar for one channel, as iCalendar with a strong ETag; 304 while nothing has changed, 404 for a wrong or revoked
 * token, 503 while the database is not open. A HEAD does not count as the channel's fetch.
 */
export function calendarFeed(desk: () => Pick<Desk, 'inTransaction' | 'calendars'> | undefined): Middleware {
  return async (ctx) => {
    const open = desk();
    if (!open) throw unavailable('starting');
    const token = String((ctx.params as { token?: string }).token ?? '');
    const text = await open.inTransaction((stores) =>
      serveExport(token, { isFetch: ctx.method === 'GET' }, stores, open.calendars),
    );
    if (text === undefined) throw new HttpProblem(404, 'not_found');
    ctx.status = 200;
    const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
    ctx.set('ETag', etag);
    // Asked again at every poll: nights may be sold at any moment.
    ctx.set('Cache-Control', 'private, no-cache');
    // By hand: Koa's `fresh` gives no 304 to a client that says no-cache, and some platforms always do.
    if (
      ctx
        .get('If-None-Match')
        .split(',')
        .some((known) => known.trim().replace(/^W\//, '') === etag)
    ) {
      ctx.status = 304;
      return;
    }
    ctx.set('Content-Type', 'text/calendar; charset=utf-8');
    ctx.set('Content-Disposition', 'inline; filename="calendar.ics"');
    ctx.body = text;
  };
}
