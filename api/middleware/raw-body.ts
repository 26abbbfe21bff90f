import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { HttpProblem } from '../problem.ts';

/** After 413 the rest of the body is read and thrown away up to this many bytes, so that the caller can read the answer. */
const drainBytes = 16_000_000;

/** The body as `readRawBody` reads it, into `ctx.state.rawBody`. */
export function rawBody(maxBytes: number): Middleware {
  return async (ctx, next) => {
    ctx.state.rawBody = await readRawBody(ctx, maxBytes);
    await next();
  };
}

/** The bytes that `rawBody` read. */
export function rawBodyOf(ctx: Context): Buffer {
  const bytes: unknown = ctx.state.rawBody;
  if (!Buffer.isBuffer(bytes)) throw new Error('the route has no rawBody middleware');
  return bytes;
}

/**
 * Reads the body as the bytes that came, for whoever verifies a signature over them. 413 above `maxBytes`, 415 for a compressed
 * body (its signature would be over other bytes), 400 when the caller hung up.
 */
export function readRawBody(ctx: Context, maxBytes: number): Promise<Buffer> {
  const { req } = ctx;
  const encoding = req.headers['content-encoding']?.trim().toLowerCase() ?? '';
  return new Promise((resolve, reject) => {
    if (encoding !== '' && encoding !== 'identity') return reject(new HttpProblem(415, 'unsupported_encoding'));
    if (Number(req.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge(req));
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      req.off('data', onData);
      reject(tooLarge(req));
    };
    req.on('data', onData);
    req.on('end', () => {
      if (req.complete) resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    req.on('error', () => reject(hungUp()));
    req.on('close', () => req.complete || reject(hungUp()));
  });
}

function hungUp(): HttpProblem {
  return new HttpProblem(400, 'body_incomplete');
}

function tooLarge(request: IncomingMessage): HttpProblem {
  drain(request);
  return new HttpProblem(413, 'body_too_large', { headers: { Connection: 'close' } });
}

function drain(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > drainBytes) request.destroy();
  });
}
