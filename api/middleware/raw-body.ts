import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';

/** After 413 the rest of the body is read and thrown away up to this many bytes, so that the caller can read the answer. */
const drainBytes = 16_000_000;

/**
 * Reads the body as the bytes that came, for whoever verifies a signature over them, into `ctx.state.rawBody` (a Buffer).
 * 413 above `maxBytes`, 415 for a compressed body (its signature would be over other bytes), 400 when the caller hung up;
 * `onRefused` is told the code, to count it.
 */
export function rawBody(maxBytes: number, onRefused: (code: string) => void = () => {}): Middleware {
  return async (ctx, next) => {
    ctx.state.rawBody = await readBody(ctx, maxBytes).catch((error: unknown) => {
      if (error instanceof HttpProblem) onRefused(error.code);
      throw error;
    });
    await next();
  };
}

/** The bytes that `rawBody` read. */
export function rawBodyOf(ctx: Context): Buffer {
  const bytes: unknown = ctx.state.rawBody;
  if (!Buffer.isBuffer(bytes)) throw new Error('the route has no rawBody middleware');
  return bytes;
}

async function readBody(ctx: Context, maxBytes: number): Promise<Buffer> {
  const encoding = ctx.get('Content-Encoding').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') throw new HttpProblem(415, 'unsupported_encoding');
  if (Number(ctx.get('Content-Length') || 0) > maxBytes) throw tooLarge(ctx);
  return readBytes(ctx, maxBytes);
}

async function readBytes(ctx: Context, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const { req } = ctx;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      req.off('data', onData);
      reject(tooLarge(ctx));
    };
    let isOver = false;
    const onEnd = (): void => {
      isOver = true;
      if (req.complete) resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
      else reject(hungUp());
    };
    req.on('data', onData);
    req.once('end', onEnd);
    req.once('error', () => reject(hungUp()));
    req.once('close', () => isOver || reject(hungUp()));
  });
}

function hungUp(): HttpProblem {
  return new HttpProblem(400, 'body_incomplete');
}

function tooLarge(ctx: Context): HttpProblem {
  drain(ctx.req);
  return new HttpProblem(413, 'body_too_large', { headers: { Connection: 'close' } });
}

function drain(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > drainBytes) request.destroy();
  });
}
