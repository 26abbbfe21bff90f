import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The bytes of the next request; no two are alike. */
export type NextRequest = () => Buffer;

/** `perSecond` counts answers of 200 only. */
export type HttpLoadResult = { perSecond: number; latenciesMs: number[]; statuses: Record<string, number> };

/**
 * Closed-loop load over raw sockets: on each connection the next request as soon as the answer is in. Costs a fraction of what
 * node:http would, so that on two cores the server is what is measured. Answers must have a Content-Length or no body.
 */
export async function loadHttp(options: {
  port: number;
  next: NextRequest;
  connections: number;
  durationMs: number;
}): Promise<HttpLoadResult> {
  const { port, next, connections, durationMs } = options;
  const startedAt = performance.now();
  const until = startedAt + durationMs;
  const answers = await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await openConnection(port);
      const own: Answer[] = [];
      for (;;) {
        const sentAt = performance.now();
        if (sentAt >= until) break;
        const status = await connection.ask(next());
        own.push({ status, latencyMs: performance.now() - sentAt });
      }
      connection.close();
      return own;
    }),
  );
  return sum(answers.flat(), performance.now() - startedAt);
}

/** Open-loop load: each request leaves when it is due, and its latency runs from then, whatever became of those before it. */
export async function loadHttpAtRate(options: {
  port: number;
  next: NextRequest;
  perSecond: number;
  durationMs: number;
}): Promise<HttpLoadResult> {
  const { port, next, perSecond, durationMs } = options;
  const idle: Connection[] = await Promise.all(Array.from({ length: 16 }, () => openConnection(port)));
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: Math.round((perSecond * durationMs) / 1_000) }, async (_, index) => {
      const dueAt = startedAt + (index * 1_000) / perSecond;
      await sleep(Math.max(0, dueAt - performance.now()));
      const connection = idle.pop() ?? (await openConnection(port));
      const status = await connection.ask(next());
      idle.push(connection);
      return { status, latencyMs: performance.now() - dueAt };
    }),
  );
  for (const connection of idle) connection.close();
  return sum(answers, performance.now() - startedAt);
}

type Answer = { status: string; latencyMs: number };
type Connection = { ask(request: Buffer): Promise<string>; close(): void };

function sum(answers: readonly Answer[], elapsedMs: number): HttpLoadResult {
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    perSecond: (statuses['200'] ?? 0) / (elapsedMs / 1_000),
    latenciesMs: answers.map(({ latencyMs }) => latencyMs),
    statuses,
  };
}

function openConnection(port: number): Promise<Connection> {
  return new Promise((opened, failed) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let answer: ((status: string) => void) | undefined;
    socket.once('error', failed);
    socket.once('connect', () =>
      opened({
        ask(request) {
          socket.write(request);
          return new Promise((answered) => (answer = answered));
        },
        close: () => void socket.end(),
      }),
    );
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
      if (received.length < headEnd + 4 + length) return;
      const status = received.slice(9, 12);
      received = '';
      answer?.(status);
    });
  });
}
