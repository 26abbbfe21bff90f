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

/** Listens with the limits of a server that anybody may reach: slow headers and bodies are cut. Rejects when the port is taken. */
export async function listen(listener: RequestListener, port: number): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 65_000, // longer than nginx keeps its upstream connections
      connectionsCheckingInterval: 5_000,
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
