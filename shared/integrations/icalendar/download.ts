import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { mayBeLoopback, parseFeedUrl } from './feed-url.ts';
import { createGuardedLookup, isAllowedAddress, RefusedAddress } from './guard-address.ts';

export type Download =
  | { type: 'not_modified' }
  | { type: 'body'; bytes: Buffer; etag: string | null; lastModified: string | null }
  | { type: 'failed'; reason: string; retryAfterMs: number | null };

export type DownloadOptions = {
  etag: string | null;
  lastModified: string | null;
  /** ALLOW_PRIVATE_FEEDS: loopback too, for tests. */
  allowLoopback: boolean;
  /** The sandbox's own platforms, which lie on loopback; nothing that they redirect to does. */
  sandboxFeedsUrl?: string | undefined;
  /** Resolves names; the test's own where it plays a rebinding server. */
  lookup?: LookupFunction;
  maxBytes?: number;
  timeoutMs?: number;
};

const mostRedirects = 5;

/**
 * Fetches an address that an owner gave us: every hop checked, connected only to addresses that were checked, at most 5 MB
 * before and after unpacking, 15 s and 5 redirects in all. Trouble is a reason and never names the address; throws only when
 * `signal` aborts for another reason than time.
 */
export async function download(address: string, options: DownloadOptions, signal: AbortSignal): Promise<Download> {
  const { maxBytes = 5_000_000, timeoutMs = 15_000 } = options;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    let target = address;
    for (let hops = 0; ; hops += 1) {
      const allowLoopback = mayBeLoopback(target, options);
      const parsed = parseFeedUrl(target, allowLoopback);
      if ('problem' in parsed) return failed(parsed.problem === 'private_address' ? 'refused_address' : 'bad_address');
      const response = await ask(parsed.url, { ...options, allowLoopback }, limit);
      const next = redirectOf(response, parsed.url);
      if (next === undefined) return await read(response, maxBytes, limit);
      response.destroy();
      if (next === null) return failed('bad_redirect');
      if (hops === mostRedirects) return failed('too_many_redirects');
      target = next;
    }
  } catch (error) {
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason;
    return failed(limit.aborted ? 'timeout' : reasonOf(error));
  }
}

function failed(reason: string, retryAfterMs: number | null = null): Download {
  return { type: 'failed', reason, retryAfterMs };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}

function ask(url: URL, options: DownloadOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const settings: RequestOptions = {
      // A connection of its own: none that an earlier, unchecked look-up opened.
      agent: false,
      lookup: options.lookup ?? createGuardedLookup(options.allowLoopback),
      signal,
      headers: {
        Accept: 'text/calendar, text/plain;q=0.5, */*;q=0.1',
        'Accept-Encoding': 'gzip',
        'User-Agent': 'Posada (calendar import)',
        ...(options.etag ? { 'If-None-Match': options.etag } : {}),
        ...(options.lastModified ? { 'If-Modified-Since': options.lastModified } : {}),
      },
    };
    const request = url.protocol === 'https:' ? httpsRequest(url, settings) : httpRequest(url, settings);
    request.on('response', (response) => {
      const remote = response.socket.remoteAddress;
      if (remote !== undefined && isAllowedAddress(remote, options.allowLoopback)) return resolve(response);
      response.destroy();
      reject(new RefusedAddress());
    });
    request.on('error', reject);
    request.end();
  });
}

/** Where a redirect leads; undefined when it is none, null when it leads nowhere. */
function redirectOf(response: IncomingMessage, from: URL): string | null | undefined {
  const status = response.statusCode ?? 0;
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const { location } = response.headers;
  return (location && URL.parse(location, from.href)?.href) || null;
}

async function read(response: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Download> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.destroy();
    return status === 304 ? { type: 'not_modified' } : failed(`http_${status}`, retryAfterOf(response));
  }
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
    response.destroy();
    return failed('too_large');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpack(response, maxBytes)) {
      signal.throwIfAborted();
      size += (chunk as Buffer).length;
      if (size > maxBytes) return failed('too_large');
      chunks.push(chunk as Buffer);
    }
  } finally {
    response.destroy();
  }
  const { etag = null, 'last-modified': lastModified = null } = response.headers;
  return { type: 'body', bytes: Buffer.concat(chunks), etag, lastModified };
}

/** The body unpacked as its header says; it is counted on both sides, for a small bomb is large inside. */
function unpack(response: IncomingMessage, maxBytes: number): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return response;
  const unpacker =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : encoding === 'deflate'
          ? createInflate()
          : undefined;
  if (!unpacker) throw Object.assign(new Error('unknown encoding'), { code: 'unknown_encoding' });
  let packed = 0;
  response.on('data', (chunk: Buffer) => {
    packed += chunk.length;
    if (packed > maxBytes) response.destroy(Object.assign(new Error('too large'), { code: 'too_large' }));
  });
  response.on('error', (error) => unpacker.destroy(error));
  return response.pipe(unpacker);
}

function retryAfterOf(response: IncomingMessage): number | null {
  const value = response.headers['retry-after'];
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** A short stable word for what a socket, a resolver or an unpacker says. */
function reasonOf(error: unknown): string {
  const { code = '', name = '' } = error as { code?: string; name?: string };
  if (code === 'refused_address' || code === 'too_large' || code === 'unknown_encoding') return code;
  if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') return 'bad_encoding';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown_host';
  if (/CERT|SSL|TLS/.test(code)) return 'bad_certificate';
  if (code.startsWith('HPE_') || code === 'ERR_INVALID_HTTP_TOKEN') return 'bad_answer';
  return name === 'TimeoutError' ? 'timeout' : 'unreachable';
}
