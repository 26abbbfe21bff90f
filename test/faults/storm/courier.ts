import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '#shared/integrations/simulator-kit/http.ts';

/** A way for webhooks that loses their order, doubles some, and loses some answers, so that the sender sends again. */
export type Courier = { url: string; setTarget(url: string): void; close(): Promise<void> };

/** Shares of all webhooks. */
const late = 0.1;
const doubled = 0.08;
const answerLost = 0.04;
const latestMs = 800;

/** Starts a courier; it refuses with 502 while nobody takes what it brings. */
export async function startCourier(random: () => number): Promise<Courier> {
  let target = '';
  const bring = async (path: string, headers: Record<string, string>, body: Buffer): Promise<number> => {
    const response = await fetch(`${target}${path}`, { method: 'POST', headers, body: new Uint8Array(body) });
    await response.arrayBuffer();
    return response.status;
  };
  const server = createServer((request, response) => {
    void (async () => {
      const headers: Record<string, string> = {};
      for (const name of ['content-type', 'x-hub-signature-256', 'x-signature', 'x-request-id']) {
        const value = request.headers[name];
        if (typeof value === 'string') headers[name] = value;
      }
      try {
        const body = await readBody(request);
        if (random() < late) await sleep(random() * latestMs);
        const first = bring(request.url ?? '/', headers, body);
        const second = random() < doubled ? bring(request.url ?? '/', headers, body) : undefined;
        const [{ value: status = 502 }] = (await Promise.allSettled([first, second])) as [{ value?: number }, unknown];
        response.writeHead(random() < answerLost ? 502 : status).end();
      } catch {
        response.writeHead(502).end();
      }
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setTarget: (url) => void (target = url),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
