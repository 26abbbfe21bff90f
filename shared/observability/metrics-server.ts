import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSameSecret } from './same-secret.ts';
import type { Metrics } from './metrics.ts';

export type MetricsServer = { readonly port: number; close(): Promise<void> };

/**
 * A worker process's own page: `/livez` (200 while `isAlive`, else 503) and `/metrics` (bearer token when one is set). Rejects
 * when the port is taken. Port 0 takes a free one.
 */
export async function startMetricsServer(options: {
  port: number;
  metrics: Metrics;
  metricsToken?: string | undefined;
  isAlive: () => boolean;
}): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' || (path !== '/livez' && path !== '/metrics'))
      return answer(response, 404, 'not found');
    if (path === '/livez') return options.isAlive() ? answer(response, 200, 'ok') : answer(response, 503, 'not alive');
    if (options.metricsToken && !isSameSecret(request.headers.authorization ?? '', `Bearer ${options.metricsToken}`))
      return answer(response, 401, 'unauthorized');
    options.metrics.render().then(
      (text) => answer(response, 200, text, options.metrics.contentType),
      () => answer(response, 500, 'failed'),
    );
  });
  server.listen(options.port);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
