import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTestFolder } from './services.ts';
import { findOrInstall } from './tools.ts';

export type NoteKind = 'speech' | 'silence' | 'noise';
export type NoteFormat =
  | 'ogg'
  | 'ogg-stereo'
  | 'm4a'
  | 'm4a-head-last'
  | 'mp4-video'
  | 'mp3'
  | 'mp3-cover'
  | 'aac'
  | 'wav'
  | 'webm'
  | 'webm-live'
  | 'flac'
  | 'amr'
  | 'amr-wb';

export type NoteOptions = {
  /** Default 3. */
  seconds?: number;
  /** `speech` is a voice-like hum with pauses between its syllables. Default `speech`. */
  kind?: NoteKind;
  /** Default `ogg`, as WhatsApp sends them. */
  format?: NoteFormat;
  /** Goes into the Ogg comment, where the speech simulator finds it. */
  transcript?: string;
};

/** The lavfi source of each kind. */
const sources: Record<NoteKind, (seconds: number) => string> = {
  speech: (seconds) =>
    `aevalsrc='0.4*sin(2*PI*140*t)*(0.6+0.4*sin(2*PI*2.3*t))*gt(sin(2*PI*4*t),-0.6)+0.2*sin(2*PI*900*t)*gt(sin(2*PI*3*t),0.2)':s=48000:d=${seconds}`,
  silence: (seconds) => `anullsrc=r=48000:cl=mono:d=${seconds}`,
  noise: (seconds) => `anoisesrc=r=48000:a=0.2:d=${seconds}:seed=7`,
};

const opus = ['-c:a', 'libopus', '-b:a', '24k', '-ar', '48000'];
/** A red picture for every second, as a second input. */
const pictures = ['-f', 'lavfi', '-i', 'color=c=red:s=320x240:r=1:d=3', '-map', '0:a', '-map', '1:v'];
const encodings: Record<Exclude<NoteFormat, 'amr' | 'amr-wb'>, { args: string[]; ending: string }> = {
  ogg: { args: opus, ending: 'ogg' },
  'ogg-stereo': { args: [...opus, '-ac', '2'], ending: 'ogg' },
  m4a: { args: ['-c:a', 'aac', '-b:a', '48k', '-movflags', '+faststart'], ending: 'm4a' },
  'm4a-head-last': { args: ['-c:a', 'aac', '-b:a', '48k'], ending: 'm4a' },
  'mp4-video': { args: [...pictures, '-c:a', 'aac', '-c:v', 'mpeg4'], ending: 'mp4' },
  mp3: { args: ['-c:a', 'libmp3lame', '-b:a', '48k'], ending: 'mp3' },
  'mp3-cover': {
    args: [...pictures, '-c:a', 'libmp3lame', '-c:v', 'mjpeg', '-frames:v', '1', '-disposition:v', 'attached_pic'],
    ending: 'mp3',
  },
  aac: { args: ['-c:a', 'aac', '-b:a', '48k', '-f', 'adts'], ending: 'aac' },
  wav: { args: ['-c:a', 'pcm_s16le', '-ar', '44100'], ending: 'wav' },
  webm: { args: opus, ending: 'webm' },
  // As a browser's MediaRecorder writes it: no length in its head.
  'webm-live': { args: [...opus, '-live', '1'], ending: 'webm' },
  flac: { args: ['-c:a', 'flac'], ending: 'flac' },
};

const made = new Map<string, Promise<Buffer>>();

/** The bytes of a note, made by the real ffmpeg (found, else installed); the same options give the same buffer. */
export function makeNote(options: NoteOptions = {}): Promise<Buffer> {
  const key = JSON.stringify(options);
  const note = made.get(key) ?? make(options);
  made.set(key, note);
  return note;
}

async function make({ seconds = 3, kind = 'speech', format = 'ogg', transcript }: NoteOptions): Promise<Buffer> {
  if (format === 'amr' || format === 'amr-wb') return makeAmr(format, seconds);
  const ffmpeg = await findOrInstall('ffmpeg');
  const { args, ending } = encodings[format];
  const path = join(await makeTestFolder('notes'), `note.${ending}`);
  const comment = transcript === undefined ? [] : ['-metadata', `transcript=${transcript}`];
  const input = ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', sources[kind](seconds)];
  await promisify(execFile)(ffmpeg, [
    ...input,
    ...args,
    ...(args.includes('-ac') ? [] : ['-ac', '1']),
    ...comment,
    path,
  ]);
  const bytes = await readFile(path);
  await rm(path);
  return bytes;
}

/** The head of an AMR file, the first byte of each of its frames (20 ms), and their length. */
const amr = {
  amr: { magic: '#!AMR\n', mode: 0x3c, bytes: 32 }, // 12.2 kbit/s
  'amr-wb': { magic: '#!AMR-WB\n', mode: 0x14, bytes: 33 }, // 12.65 kbit/s
} as const;

/** Debian's ffmpeg reads AMR and does not write it: frames with a fixed murmur in them. */
function makeAmr(format: keyof typeof amr, seconds: number): Buffer {
  const { magic, mode, bytes: length } = amr[format];
  let state = 7;
  const frame = (): Buffer => {
    const bytes = Buffer.alloc(length);
    bytes[0] = mode;
    for (let index = 1; index < length; index++) {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      bytes[index] = state >> 16;
    }
    return bytes;
  };
  return Buffer.concat([Buffer.from(magic), ...Array.from({ length: Math.round(seconds * 50) }, frame)]);
}

/** Seventeen megabytes that begin like a voice note. */
export async function makeHugeNote(): Promise<Buffer> {
  return Buffer.concat([await makeNote(), randomBytes(17 * 1024 * 1024)]);
}
