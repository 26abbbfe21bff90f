import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The command lines of running ffmpegs that mention these words (a path), each with its process id in front. */
export async function ffmpegsOn(words: string): Promise<string[]> {
  return (await commandLines()).filter((line) => line.includes(words) && /^\d+ (\S*\/)?ffmpeg /.test(line));
}

async function commandLines(): Promise<string[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
    return stdout.split('\n').map((line) => line.trim());
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return `${pid} ${line.replaceAll('\0', ' ')}`;
    }),
  );
  return lines;
}
