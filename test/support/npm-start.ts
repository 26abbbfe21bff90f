import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { compileCache } from './compile-cache.ts';
import { eventually } from './eventually.ts';

/** `npm start` as a process of its own; `said` is all that it wrote. */
export type Started = { child: ChildProcess; said: () => string };

/** Starts it with nothing but these variables; resolves when it is ready. */
export async function start(variables: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    env: { ...compileCache, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await eventually(() => expect(text).to.include('Posada is ready'), { timeoutMs: 40_000 });
  return { child, said: () => text };
}

/** Stops as an operator would; resolves with the exit code. */
export async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await exited) as [number | null];
  return code;
}

/** The lines of errors in what a process wrote, each with what stands under it. */
export function troublesIn(said: string): string[] {
  return said.split(/^(?=\[)/m).filter((entry) => /FATAL|ERROR/.test(entry));
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
