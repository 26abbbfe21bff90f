import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/**
 * Why a file of a guest's could not be had: `gone` (404 or 410, twice) · `too_large` · `auth` (our token) · `refused` (the
 * address is not Meta's, or another 4xx) · `rate_limited` · `temporary` (network, time-out, 5xx).
 */
export type MediaFailure = 'gone' | 'too_large' | 'auth' | 'refused' | 'rate_limited' | 'temporary';

/** A failed download. The message is the kind and a status: never an address, which carries a signature. */
export class MediaError extends Error {
  readonly kind: MediaFailure;
  readonly retryAfterMs: number | undefined;
  constructor(kind: MediaFailure, detail = '', retryAfterMs?: number) {
    super(`WhatsApp media: ${kind}${detail === '' ? '' : ` (${detail})`}`);
    this.name = 'MediaError';
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What was written: the size, and the hash in hexadecimal. */
export type DownloadedMedia = { bytes: number; sha256: string; mimeType: string | undefined };

export type MediaClient = {
  /**
   * Writes the file behind a webhook's media id to `path` (overwritten). The address is asked anew once when it is gone (404,
   * 410) or what came is not the size that was told. Rejects with MediaError, or with the signal's reason.
   */
  download(
    mediaId: string,
    path: string,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<DownloadedMedia>;
};

export type MediaClientSettings = {
  /** With the version, such as `https://graph.facebook.com/v26.0`. */
  apiUrl: string;
  accessToken: string;
  /** For one request, its body included. Default 10,000. */
  timeoutMs?: number;
  /** Before an address that is gone is asked anew. Default 1,000. */
  askAgainAfterMs?: number;
};

const told = z.looseObject({
  url: z.url(),
  mime_type: z.string().optional().catch(undefined),
  file_size: z.coerce.number().nonnegative().optional().catch(undefined),
});
const mostRedirects = 3;

/** The client of Graph's media. The token goes to the host of `apiUrl` and to Meta's media hosts (https), nowhere else. */
export function createMediaClient(settings: MediaClientSettings): MediaClient {
  const { accessToken, timeoutMs = 10_000, askAgainAfterMs = 1_000 } = settings;
  const apiUrl = settings.apiUrl.replace(/\/+$/, '');
  const api = new URL(apiUrl);

  function isAllowed(url: URL): boolean {
    if (url.origin === api.origin) return true;
    const isMeta = /(^|\.)(fbsbx\.com|whatsapp\.net)$/.test(url.hostname);
    return isMeta && url.protocol === 'https:' && url.port === '' && url.username === '';
  }

  async function get(address: string, signal: AbortSignal): Promise<Response> {
    let url = new URL(address);
    for (let hops = 0; hops <= mostRedirects; hops++) {
      if (!isAllowed(url)) throw new MediaError('refused', 'not an address of WhatsApp');
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${accessToken}` },
        redirect: 'manual',
        signal,
      });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        if (response.ok) return response;
        await response.body?.cancel();
        throw refusal(response);
      }
      await response.body?.cancel();
      url = new URL(location, url);
    }
    throw new MediaError('refused', 'too many redirects');
  }

  async function fetchOnce(id: string, path: string, maxBytes: number, outer?: AbortSignal): Promise<Fetched> {
    const ask = AbortSignal.timeout(timeoutMs);
    const lookup = await get(`${apiUrl}/${encodeURIComponent(id)}`, outer ? AbortSignal.any([ask, outer]) : ask);
    const parsed = told.safeParse(await lookup.json().catch(() => undefined));
    if (!parsed.success) throw new MediaError('temporary', 'an answer without an address');
    const { url, file_size: size, mime_type: mimeType } = parsed.data;
    if (size !== undefined && size > maxBytes) throw new MediaError('too_large');
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = outer ? AbortSignal.any([limit, outer]) : limit;
    const response = await get(url, signal);
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
      await response.body?.cancel();
      throw new MediaError('too_large');
    }
    const written = await write(response, path, maxBytes, signal);
    return { ...written, mimeType, isWhole: size === undefined || size === written.bytes };
  }

  return {
    async download(mediaId, path, { maxBytes, signal }) {
      for (let isLast = false; ; isLast = true) {
        try {
          const { isWhole, ...media } = await fetchOnce(mediaId, path, maxBytes, signal);
          if (isWhole || isLast) return media;
        } catch (error) {
          signal?.throwIfAborted();
          const failure = error instanceof MediaError ? error : new MediaError('temporary', codeOf(error));
          if (failure.kind !== 'gone' || isLast) throw failure;
          await sleep(askAgainAfterMs, undefined, signal ? { signal } : {});
        }
      }
    },
  };
}

type Fetched = DownloadedMedia & { isWhole: boolean };

/** To disk as it comes, hashed and counted on the way: a big file costs neither memory nor a long turn of the event loop. */
async function write(
  response: Response,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) return done(new MediaError('too_large'));
      hash.update(chunk);
      return done(null, chunk);
    },
  });
  await pipeline(response.body ?? [], count, createWriteStream(path, { mode: 0o600 }), { signal });
  return { bytes, sha256: hash.digest('hex') };
}

function refusal({ status, headers }: Response): MediaError {
  const detail = `status ${status}`;
  if (status === 404 || status === 410) return new MediaError('gone', detail);
  if (status === 401 || status === 403) return new MediaError('auth', detail);
  if (status === 429)
    return new MediaError('rate_limited', detail, Number(headers.get('retry-after') ?? 0) * 1_000 || undefined);
  return new MediaError(status >= 500 || status === 408 ? 'temporary' : 'refused', detail);
}

/** `ECONNRESET`, `TimeoutError`, …: never the message. */
function codeOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  if (cause instanceof Error) return codeOf(cause);
  return typeof name === 'string' ? name : 'network error';
}
