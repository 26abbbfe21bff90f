import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process of the house, kept alive as a supervisor would: it is started again whenever it ends. */
export type Member = {
  name: string;
  /** Starts it; with `skewMs` its clock is wrong from now on until it is started again. */
  start(skewMs?: number): void;
  /** SIGKILL; it is started again by itself. */
  kill(skewMs?: number): Promise<void>;
  /** SIGSTOP for so long. */
  freeze(ms: number): Promise<void>;
  /** SIGTERM, and for good. */
  close(): Promise<void>;
};

const restartMs = 300;
/** Whoever ends a play in the middle ends its processes too. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

const skewClock = new URL('skew-clock.ts', import.meta.url).pathname;

/** `variables` are read anew at every start. */
export function createMember(
  name: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Member {
  let child: ChildProcess | undefined;
  let skew = 0;
  let isClosed = false;
  const isAlive = (one: ChildProcess | undefined): one is ChildProcess =>
    one !== undefined && one.exitCode === null && one.signalCode === null;

  const member: Member = {
    name,
    start(skewMs = 0) {
      skew = skewMs;
      const started = spawn(process.execPath, [...(skew === 0 ? [] : ['--import', skewClock]), ...args], {
        env: { ...variables, SKEW_MS: String(skew) },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      child = started;
      running.add(started);
      started.once('exit', () => {
        running.delete(started);
        if (!isClosed && child === started) setTimeout(() => !isClosed && member.start(skew), restartMs).unref();
      });
    },
    async kill(skewMs = 0) {
      skew = skewMs;
      if (!isAlive(child)) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async freeze(ms) {
      const frozen = child;
      if (!isAlive(frozen)) return;
      frozen.kill('SIGSTOP');
      await sleep(ms);
      frozen.kill('SIGCONT');
    },
    async close() {
      isClosed = true;
      const last = child;
      if (!isAlive(last)) return;
      const ended = once(last, 'exit');
      last.kill('SIGTERM');
      const force = setTimeout(() => last.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(force);
    },
  };
  return member;
}
