import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Names one life of one process (pid, moment of its start, boot), so that a reused pid is told apart; undefined when it is dead or a zombie. */
export function processStamp(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      return `${pid} ${fields[19]} ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
    } catch {
      return undefined;
    }
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    return started ? `${pid} ${started}` : undefined;
  } catch {
    return undefined;
  }
}

/** Is the process that wrote this stamp still the one with its pid? */
export function isStampAlive(stamp: string): boolean {
  const pid = Number.parseInt(stamp, 10);
  return Number.isInteger(pid) && pid > 0 && processStamp(pid) === stamp;
}

/**
 * Takes the lock file at `path` and returns its release, or undefined while a living process holds it; never waits.
 * The lock of a process that died (kill -9, power cut) counts as free.
 */
export async function takeLock(path: string): Promise<(() => Promise<void>) | undefined> {
  const stamp = processStamp(process.pid) ?? String(process.pid);
  const mine = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  // Written aside and linked into place: whoever sees the lock also sees its whole content.
  await writeFile(mine, stamp);
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await link(mine, path);
        return async () => rm(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = await readFile(path, 'utf8').catch(() => undefined);
      if (holder === undefined) continue;
      if (isStampAlive(holder)) return undefined;
      // Move the stale lock away first: of two who find it stale, only one moves the very file that was judged.
      const aside = `${mine}.stale`;
      try {
        await rename(path, aside);
      } catch {
        continue;
      }
      if ((await readFile(aside, 'utf8')) !== holder) await link(aside, path).catch(() => undefined);
      await rm(aside, { force: true });
    }
    return undefined;
  } finally {
    await rm(mine, { force: true });
  }
}
