import { connect, type Socket } from 'node:net';

export type HttpLoad = {
  port: number;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  connections: number;
  durationMs: number;
};

/** `perSecond` counts answers of 200 only. */
export type HttpLoadResult = { perSecond: number; latenciesMs: number[]; statuses: Record<string, number> };

/**
 * Closed-loop load over raw sockets: the same bytes again and again on each connection, the next as soon as the answer is in.
 * Costs a fraction of what node:http would, so that on two cores the server is what is measured. Answers must have a
 * Content-Length or no body.
 */
export async function loadHttp({
  port,
  path,
  headers,
  body,
  connections,
  durationMs,
}: HttpLoad): Promise<HttpLoadResult> {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const request = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
  const startedAt = performance.now();
  const until = startedAt + durationMs;
  const results = await Promise.all(Array.from({ length: connections }, () => runConnection(port, request, until)));
  const seconds = (performance.now() - startedAt) / 1000;
  const latenciesMs = results.flatMap((result) => result.latenciesMs);
  const statuses: Record<string, number> = {};
  for (const status of results.flatMap((result) => result.statuses)) statuses[status] = (statuses[status] ?? 0) + 1;
  return { perSecond: (statuses['200'] ?? 0) / seconds, latenciesMs, statuses };
}

function runConnection(
  port: number,
  request: Buffer,
  until: number,
): Promise<{ latenciesMs: number[]; statuses: string[] }> {
  const latenciesMs: number[] = [];
  const statuses: string[] = [];
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let sentAt = 0;
    let received = '';
    const send = (): void => {
      sentAt = performance.now();
      if (sentAt >= until) {
        socket.end();
        return resolve({ latenciesMs, statuses });
      }
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
      if (received.length < headEnd + 4 + length) return;
      latenciesMs.push(performance.now() - sentAt);
      statuses.push(received.slice(9, 12));
      received = '';
      send();
    });
  });
}
