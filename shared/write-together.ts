import type { Writable } from 'node:stream';

/**
 * What is written to this stream in one turn of the loop leaves in one packet: each write of its own is a system call, and gives
 * the processor away to who reads it. To be called before a write.
 */
export function writeTogether(stream: Writable): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}
