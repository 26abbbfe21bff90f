import { addressOfHost, isAllowedAddress } from './guard-address.ts';

/** Why an address cannot be a feed's. */
export type FeedUrlProblem = 'not_a_url' | 'scheme' | 'credentials' | 'too_long' | 'private_address';

const longestUrl = 2_048;

/**
 * The address of a feed as it is fetched: http or https (webcal is https), without credentials or fragment, not written as a
 * private address. What a name resolves to is checked at each fetch.
 */
export function parseFeedUrl(text: string, allowLoopback: boolean): { url: URL } | { problem: FeedUrlProblem } {
  const trimmed = text.trim();
  if (trimmed.length > longestUrl) return { problem: 'too_long' };
  const url = URL.parse(trimmed.replace(/^webcals?:/i, 'https:'));
  if (!url) return { problem: 'not_a_url' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { problem: 'scheme' };
  if (url.username !== '' || url.password !== '') return { problem: 'credentials' };
  if (url.hostname === '') return { problem: 'not_a_url' };
  const address = addressOfHost(url.hostname);
  const isLocalName = /(?:^|\.)localhost\.?$/i.test(url.hostname);
  if (address === undefined ? isLocalName && !allowLoopback : !isAllowedAddress(address, allowLoopback))
    return { problem: 'private_address' };
  url.hash = '';
  return { url };
}

/**
 * May this address lead to loopback? `allowLoopback` (ALLOW_PRIVATE_FEEDS): any may, for tests. `sandboxFeedsUrl`: what begins so
 * is one of the sandbox's own platforms; undefined where there is no sandbox, as in production.
 */
export function mayBeLoopback(
  text: string,
  { allowLoopback, sandboxFeedsUrl }: { allowLoopback: boolean; sandboxFeedsUrl?: string | undefined },
): boolean {
  const isOwn = sandboxFeedsUrl !== undefined && URL.parse(text.trim())?.href.startsWith(sandboxFeedsUrl) === true;
  return allowLoopback || isOwn;
}
