import { createHmac } from 'node:crypto';
import { isFeedChannel, type FeedChannel } from '#shared/domain/calendars/foreign-event.ts';
import { isSameSecret } from '#shared/observability/same-secret.ts';

/** What a link to an export is for; raising the version of its accommodation and channel revokes the link. */
export type CalendarLink = { accommodationId: number; channel: FeedChannel; version: number };

/** The secret part of an export's address: `<accommodation>-<channel>-<HMAC of both and the version>`. */
export function makeCalendarToken(secret: string, { accommodationId, channel, version }: CalendarLink): string {
  const mac = createHmac('sha256', secret)
    .update(`posada calendar:${accommodationId}:${channel}:${version}`)
    .digest('base64url');
  return `${accommodationId}-${channel}-${mac}`;
}

/** Whose export a token names, before it is known to be right; undefined when it has no such form. */
export function parseCalendarToken(token: string): { accommodationId: number; channel: FeedChannel } | undefined {
  const match = /^([1-9]\d{0,8})-([a-z]+)-([\w-]{43})$/.exec(token);
  const channel = match?.[2] ?? '';
  return match && isFeedChannel(channel) ? { accommodationId: Number(match[1]), channel } : undefined;
}

/** Constant time. */
export function isCalendarToken(token: string, secret: string, link: CalendarLink): boolean {
  return isSameSecret(token, makeCalendarToken(secret, link));
}

/** Marks the UIDs of this installation's events, so that they are known when a channel sends them back; another Posada's are not. */
export function makeUidDomain(secret: string): string {
  return `${createHmac('sha256', secret).update('posada uid').digest('hex').slice(0, 12)}.posada`;
}
