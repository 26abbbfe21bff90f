import { execFile } from 'node:child_process';

/** The version of the ffmpeg on the PATH; undefined when there is none that runs. */
export async function readFfmpegVersion(signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('ffmpeg', ['-version'], { timeout: 5_000, ...(signal ? { signal } : {}) }, (error, stdout) => {
      resolve(error ? undefined : (/^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown'));
    });
  });
}
