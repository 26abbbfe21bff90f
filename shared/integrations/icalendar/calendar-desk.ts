import type { CalendarDesk } from '#shared/domain/calendars/desk.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { isCalendarToken, makeCalendarToken, makeUidDomain, parseCalendarToken } from './calendar-token.ts';
import { download } from './download.ts';
import { mayBeLoopback, parseFeedUrl } from './feed-url.ts';
import { readCalendar } from './read-calendar.ts';
import { createSealer } from './seal-text.ts';
import { writeCalendar } from './write-calendar.ts';

export type CalendarDeskOptions = {
  icalTokenSecret: string;
  dataEncryptionKey: string;
  timezone: string;
  allowPrivateFeeds: boolean;
  /** Where the sandbox's platforms have their feeds, on loopback; undefined without a sandbox. */
  sandboxFeedsUrl?: string | undefined;
  /** Where the outside reaches us; links to exports begin with it. */
  publicUrl: string;
  /** How long a server may take. Default 15,000. */
  fetchTimeoutMs?: number;
};

/** Everything that the domain needs done about iCalendar: fetch and read, seal addresses, make and check links, write exports. */
export function createCalendarDesk(options: CalendarDeskOptions): CalendarDesk {
  const { icalTokenSecret: secret, timezone: timeZone, sandboxFeedsUrl } = options;
  const loopback = { allowLoopback: options.allowPrivateFeeds, sandboxFeedsUrl };
  const sealer = createSealer(options.dataEncryptionKey);
  const limits = options.fetchTimeoutMs === undefined ? {} : { timeoutMs: options.fetchTimeoutMs };
  const uidDomain = makeUidDomain(secret);
  return {
    sealUrl(text) {
      const parsed = parseFeedUrl(text, mayBeLoopback(text, loopback));
      if ('problem' in parsed) throw new DomainError('invalid_feed_url', { reason: parsed.problem });
      return { sealedUrl: sealer.seal(parsed.url.href), host: parsed.url.host };
    },

    async fetchCalendar({ sealedUrl, etag, lastModified, channel }, window, signal) {
      const address = sealer.open(sealedUrl);
      if (address === undefined) return { type: 'failed', reason: 'sealed_with_another_key', retryAfterMs: null };
      const downloaded = await download(address, { etag, lastModified, ...loopback, ...limits }, signal);
      if (downloaded.type !== 'body') return downloaded;
      const { bytes, ...headers } = downloaded;
      return {
        type: 'calendar',
        reading: readCalendar(bytes, { timeZone, channel, window }),
        etag: headers.etag,
        lastModified: headers.lastModified,
      };
    },

    isOurUid: (uid) => uid.endsWith(`@${uidDomain}`),
    makeLink: (link) => `${options.publicUrl}/calendars/${makeCalendarToken(secret, link)}.ics`,
    parseToken: parseCalendarToken,
    isToken: (token, link) => isCalendarToken(token, secret, link),
    write: (name, events) => writeCalendar({ name, uidDomain, events }),
  };
}
