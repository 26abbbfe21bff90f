import { constants, setPriority } from 'node:os';
import { Writable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';

/** Why ffmpeg gave nothing: it is not on this machine, took too long, or could not read what it was given. */
export type FfmpegFailure = 'missing' | 'timeout' | 'unreadable';

/** ffmpeg failed. The message is the kind and an exit code or signal: what ffmpeg prints may quote a file's own words. */
export class FfmpegError extends Error {
  readonly kind: FfmpegFailure;
  constructor(kind: FfmpegFailure, detail = '') {
    super(`ffmpeg: ${kind}${detail === '' ? '' : ` (${detail})`}`);
    this.name = 'FfmpegError';
    this.kind = kind;
  }
}

export type FfmpegOutput = { bytes: Buffer; stderr: string };

type Ring = { get(): string };
type OnEnd = (error: Error | null, stdout?: Ring, stderr?: Ring) => void;
type Spawn = (...args: unknown[]) => void;

// By its name, found on the PATH at each start: fluent-ffmpeg would remember for ever that there was none.
ffmpeg.setFfmpegPath('ffmpeg');

/** A new command that reads a file, or bytes from a pipe; options are argument lists, no shell is involved. */
export function createCommand(input: Parameters<typeof ffmpeg>[0]): ffmpeg.FfmpegCommand {
  const command = ffmpeg(input as string);
  // fluent-ffmpeg 2.1 throws in an event (which ends the process) when the program cannot be started: it has no output then.
  const inner = command as unknown as { _spawnFfmpeg: Spawn };
  const spawn = inner._spawnFfmpeg.bind(command);
  inner._spawnFfmpeg = (...args) => {
    const onEnd = args.at(-1) as OnEnd;
    spawn(...args.slice(0, -1), ((error, out = emptyRing, err = emptyRing) => onEnd(error, out, err)) satisfies OnEnd);
  };
  return command;
}

const emptyRing: Ring = { get: () => '' };

/**
 * Runs a command with its output into a pipe: an ffmpeg whose process died cannot write any more and ends, and there are no
 * files to clean up. Rejects with FfmpegError, or with the signal's reason after the child is gone. `timeLimitMs` is wall time;
 * the same in seconds of CPU is told to ffmpeg, which would hold even without us.
 */
export async function runFfmpeg(
  command: ffmpeg.FfmpegCommand,
  { timeLimitMs, signal }: { timeLimitMs: number; signal?: AbortSignal | undefined },
): Promise<FfmpegOutput> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeLimitMs);
  const stop = signal ? AbortSignal.any([signal, limit]) : limit;
  const kill = (): void => void command.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  // Aborted while fluent-ffmpeg still asked what ffmpeg can do: there was nothing to kill yet.
  command.once('start', () => (stop.aborted ? kill() : giveWay(command)));
  try {
    return await collect(command, Math.ceil(timeLimitMs / 1_000));
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (limit.aborted) throw new FfmpegError('timeout');
    throw toFfmpegError(error);
  } finally {
    stop.removeEventListener('abort', kill);
  }
}

/** Who waits for a text is served before who waits for a note: decoding takes what processor time is left. */
function giveWay(command: ffmpeg.FfmpegCommand): void {
  const { ffmpegProc } = command as unknown as { ffmpegProc?: { pid?: number } };
  try {
    if (ffmpegProc?.pid !== undefined) setPriority(ffmpegProc.pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It ended already, or the machine forbids it: decoded as fast as anything else.
  }
}

function collect(command: ffmpeg.FfmpegCommand, cpuSeconds: number): Promise<FfmpegOutput> {
  const chunks: Buffer[] = [];
  // Without a 'close' event: fluent-ffmpeg takes one that comes before the exit code for a failure.
  const sink = new Writable({
    autoDestroy: false,
    emitClose: false,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const finished = new Promise((resolve) => sink.once('finish', resolve));
  return new Promise((resolve, reject) => {
    command.once('error', reject);
    command.once('end', (_stdout: string | null, stderr: string | null) => {
      void finished.then(() => resolve({ bytes: Buffer.concat(chunks), stderr: stderr ?? '' }));
    });
    command.outputOptions('-timelimit', String(cpuSeconds)).output(sink, { end: true }).run();
  });
}

function toFfmpegError(error: unknown): FfmpegError {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === 'ENOENT' || code === 'EACCES' || /Cannot find ffmpeg/.test(message ?? ''))
    return new FfmpegError('missing');
  const detail = /exited with code \d+|signal \w+|format \w+ is not available/.exec(message ?? '')?.[0];
  return new FfmpegError('unreadable', detail);
}
