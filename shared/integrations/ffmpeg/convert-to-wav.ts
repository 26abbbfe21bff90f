import { createCommand, FfmpegError, runFfmpeg } from './run-ffmpeg.ts';
import type { AudioContainer } from './sniff-container.ts';

/** What a note sounds like, and what it is as WAV (16 kHz, mono, signed 16 bit). */
export type Loudness = { maxDb: number; meanDb: number };
export type ConvertedAudio = Loudness & { wav: Buffer; durationS: number };

export type ConvertOptions = {
  container: AudioContainer;
  /** Decoding ends there: a longer note comes back as exactly so long. */
  maxSeconds: number;
  signal?: AbortSignal;
  /** Default 30,000. */
  timeLimitMs?: number;
};

/** ffmpeg's own name of the reader; the first of the names it goes by. */
const readers: Record<AudioContainer, string> = {
  ogg: 'ogg',
  m4a: 'mov',
  mp3: 'mp3',
  aac: 'aac',
  amr: 'amr',
  wav: 'wav',
  webm: 'matroska',
  flac: 'flac',
};

const sampleRate = 16_000;
const bytesPerSecond = sampleRate * 2;

/**
 * Decodes the first audio stream of a file of ours to WAV in memory and measures its loudness on the way. Rejects with
 * FfmpegError; a file without a single sample is `unreadable`. Nothing is written.
 */
export async function convertToWav(path: string, options: ConvertOptions): Promise<ConvertedAudio> {
  const command = createCommand(path)
    .inputOptions('-nostdin', '-hide_banner', '-nostats', '-v', 'info')
    .inputOptions('-protocol_whitelist', 'file,pipe', '-f', readers[options.container])
    .outputOptions('-map', '0:a:0', '-map_metadata', '-1', '-t', String(options.maxSeconds))
    .audioFilters('volumedetect')
    .audioChannels(1)
    .audioFrequency(sampleRate)
    .audioCodec('pcm_s16le')
    .format('s16le');
  const { bytes, stderr } = await runFfmpeg(command, {
    timeLimitMs: options.timeLimitMs ?? 30_000,
    signal: options.signal,
  });
  if (bytes.length === 0) throw new FfmpegError('unreadable', 'no sound in it');
  return { wav: withWavHeader(bytes), durationS: bytes.length / bytesPerSecond, ...readLoudness(stderr) };
}

/** What `volumedetect` printed last; silence for digital zero, which it leaves out. */
function readLoudness(stderr: string): Loudness {
  const last = (name: string): number => {
    const found = [...stderr.matchAll(new RegExp(`^\\[Parsed_volumedetect_.*\\] ${name}: (-?[\\d.]+) dB`, 'gm'))].at(
      -1,
    );
    return found ? Number(found[1]) : -91;
  };
  return { maxDb: last('max_volume'), meanDb: last('mean_volume') };
}

/** ffmpeg cannot write the length into the head of a file that goes through a pipe; we know it. */
function withWavHeader(samples: Buffer): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // mono
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(bytesPerSecond, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
