import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A way to a server that can freeze (nothing is forwarded, nothing refused) or be cut (connections end, new ones refused). */
export type TcpProxy = {
  /** The same URL, through the proxy. */
  through: (url: string) => string;
  freeze: () => void;
  cut: () => Promise<void>;
  restore: () => Promise<void>;
  /** New connections go to another server: the one behind it was restarted elsewhere. */
  retarget: (url: string) => void;
  close: () => Promise<void>;
};

/** Starts a proxy on 127.0.0.1 before the server of this URL. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  let target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((inbound) => {
    const outbound = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(from);
      if (isFrozen) from.pause();
      from.on('data', (chunk) => void to.write(chunk));
      if (isFrozen) from.pause();
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    through: (url) => {
      const via = new URL(url);
      via.host = `127.0.0.1:${port}`;
      return via.href;
    },
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    cut: stop,
    retarget: (url) => void (target = new URL(url)),
    restore: async () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen(port);
    },
    close: stop,
  };
}
