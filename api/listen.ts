import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Listening = {
  readonly port: number;
  /** Takes no more connections, lets requests in flight end for 5 s at most, then cuts what is left (open event streams). */
  close: (deadline?: AbortSignal) => Promise<void>;
};

const closePatienceMs = 5_000;

/** How long a caller may take; the defaults are for a server that anybody may reach. */
export type Patience = { headersMs: number; requestMs: number; checkMs: number };
const defaultPatience: Patience = { headersMs: 10_000, requestMs: 30_000, checkMs: 5_000 };

/** Listens; slow headers and bodies are cut with a 408. Rejects when the port is taken. */
export async function listen(listener: RequestListener, port: number, patience = defaultPatience): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      keepAliveTimeout: 65_000, // longer than nginx keeps its upstream connections
      connectionsCheckingInterval: patience.checkMs,
      maxHeaderSize: 16_384,
    },
    listener,
  );
  server.maxHeadersCount = 100;
  server.listen(port);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: (deadline) => closeServer(server, deadline) };
}

async function closeServer(server: Server, deadline?: AbortSignal): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = (): void => server.closeAllConnections();
  const timer = setTimeout(cut, closePatienceMs);
  deadline?.addEventListener('abort', cut, { once: true });
  await closed;
  clearTimeout(timer);
}
