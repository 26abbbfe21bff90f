import http from 'node:http';
import https from 'node:https';

/** What the Graph API answered; `text` is the whole body. */
export type GraphAnswer = { status: number; retryAfter: string | undefined; text: string };

export type GraphRequest = {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
};

/** One request; rejects with the system's error, or an AbortError. */
export type GraphCall = (url: string, request: GraphRequest) => Promise<GraphAnswer>;

/** A connection that nobody needed for so long may have been closed at the other end without our knowing yet, in milliseconds. */
const idleMs = 4_000;

/**
 * Calls over connections that are kept. By node:http, since `fetch` takes twice the processor's time, and each message that we send
 * is two calls. Follows no redirect.
 */
export function createGraphCall(): GraphCall {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, timeout: idleMs }),
    'https:': new https.Agent({ keepAlive: true, timeout: idleMs }),
  };
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const { protocol } = new URL(url);
      const isSecure = protocol === 'https:';
      const request = (isSecure ? https : http).request(url, {
        method,
        agent: agents[isSecure ? 'https:' : 'http:'],
        signal,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      request.on('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      request.end(body);
    });
}
