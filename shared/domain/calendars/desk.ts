import type { AccommodationId } from '../lodging/accommodation.ts';
import type { CalendarSource } from './feed.ts';
import type { FeedChannel } from './foreign-event.ts';
import type { ExportedEvent } from './ports.ts';

/** An export's link: for whom, and which version of it is the one that counts. */
export type ExportLink = { accommodationId: AccommodationId; channel: FeedChannel; version: number };

/** What the integration does for the domain about iCalendar. */
export type CalendarDesk = CalendarSource & {
  /** Checks and seals an address; `host` is all of it that may be shown. Throws `invalid_feed_url`. */
  sealUrl(text: string): { sealedUrl: string; host: string };
  /** Did we give an event this UID? */
  isOurUid(uid: string): boolean;
  makeLink(link: ExportLink): string;
  /** Whose link a token claims to be. */
  parseToken(token: string): Pick<ExportLink, 'accommodationId' | 'channel'> | undefined;
  /** Is it the link of that version? In constant time. */
  isToken(token: string, link: ExportLink): boolean;
  /** The export's text, the same while nothing changes. */
  write(name: string, events: readonly ExportedEvent[]): string;
};
