import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';

/** Event streams (server-sent) that tell a page its whole state whenever it has become another. */
export type StateStreams = {
  /** Answers the request with a stream of `read()`: now, and after each change that makes a difference. */
  open(ctx: Context, read: () => unknown): void;
  /** Something may have changed. */
  touch(): void;
  close(): void;
};

/** Several changes within this time are told once. */
const gatherMs = 25;
/** Keeps proxies from cutting a silent stream. */
const beatMs = 20_000;

/** No stream yet; `close` ends all of them, which a server that wants to stop needs. */
export function createStateStreams(): StateStreams {
  const tellers = new Map<ServerResponse, () => void>();
  let isClosed = false;
  let waiting: NodeJS.Timeout | undefined;
  const beat = setInterval(() => {
    for (const response of tellers.keys()) response.write(': \n\n');
  }, beatMs).unref();

  return {
    open(ctx, read) {
      ctx.respond = false;
      const { res } = ctx;
      res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      if (isClosed) {
        res.end();
        return;
      }
      let told = '';
      const tell = (): void => {
        const data = JSON.stringify(read());
        if (data === told) return;
        told = data;
        res.write(`event: state\ndata: ${data}\n\n`);
      };
      res.write('retry: 1000\n\n');
      tell();
      tellers.set(res, tell);
      res.on('close', () => tellers.delete(res));
    },
    touch() {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        for (const tell of tellers.values()) tell();
      }, gatherMs).unref();
    },
    close() {
      isClosed = true;
      clearInterval(beat);
      clearTimeout(waiting);
      for (const response of tellers.keys()) response.end();
      tellers.clear();
    },
  };
}
