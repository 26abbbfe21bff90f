import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a simulator listens. */
export type Listening = { url: string; port: number };

/** A request, read: the path without prefix and query, the query, the body's bytes. */
export type SimulatedRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
};

/** What a simulator answers with JSON; undefined in its place means that the response was dealt with. */
export type SimulatedAnswer = { status: number; body: unknown; headers?: Record<string, string> };

/** The whole body; rejects above `maxBytes` (20 MB). */
export async function readBody(request: IncomingMessage, maxBytes = 20 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) throw new Error('body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Reads a request; `prefix` is where the simulator is mounted and is taken off the path when it is there. */
export async function readRequest(request: IncomingMessage, prefix: string): Promise<SimulatedRequest> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const isPrefixed = prefix !== '' && (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
  return {
    method: request.method ?? 'GET',
    path: (isPrefixed ? url.pathname.slice(prefix.length) : url.pathname) || '/',
    query: url.searchParams,
    headers: request.headers,
    body: await readBody(request),
  };
}

/** Answers JSON once; a response that is gone or already answered is left alone. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

/** The JSON of a body; undefined when it is none. */
export function parseJson(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** A server of its own for a handler: `listen` on a free port by default, on loopback; `close` drops every connection. */
export function createSimulatedServer(handler: RequestListener): {
  listen(port?: number, host?: string): Promise<Listening>;
  close(): Promise<void>;
} {
  const server = createServer(handler);
  return {
    async listen(port = 0, host = '127.0.0.1') {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      const { port: taken } = server.address() as AddressInfo;
      return { url: `http://${host}:${taken}`, port: taken };
    },
    async close() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Server-sent events: one `change` line per call, for pages that live along; ended by `close`. */
export function createEventStreams(): {
  open(response: ServerResponse): void;
  push(data: unknown): void;
  close(): void;
} {
  const streams = new Set<ServerResponse>();
  return {
    open(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': open\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
    },
    push(data) {
      for (const stream of streams) stream.write(`data: ${JSON.stringify(data)}\n\n`);
    },
    close() {
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}
