import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTestFolder } from './services.ts';
import { findOrInstall } from './tools.ts';

export type NoteKind = 'speech' | 'silence' | 'noise';
export type NoteFormat = 'ogg' | 'm4a' | 'm4a-head-last' | 'mp3' | 'aac' | 'wav' | 'webm' | 'flac' | 'amr';

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

const encodings: Record<Exclude<NoteFormat, 'amr'>, { args: string[]; ending: string }> = {
  ogg: { args: ['-c:a', 'libopus', '-b:a', '24k', '-ar', '48000'], ending: 'ogg' },
  m4a: { args: ['-c:a', 'aac', '-b:a', '48k', '-movflags', '+faststart'], ending: 'm4a' },
  'm4a-head-last': { args: ['-c:a', 'aac', '-b:a', '48k'], ending: 'm4a' },
  mp3: { args: ['-c:a', 'libmp3lame', '-b:a', '48k'], ending: 'mp3' },
  aac: { args: ['-c:a', 'aac', '-b:a', '48k', '-f', 'adts'], ending: 'aac' },
  wav: { args: ['-c:a', 'pcm_s16le', '-ar', '44100'], ending: 'wav' },
  webm: { args: ['-c:a', 'libopus', '-b:a', '24k', '-ar', '48000'], ending: 'webm' },
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
  if (format === 'amr') return makeAmr(seconds);
  const ffmpeg = await findOrInstall('ffmpeg');
  const { args, ending } = encodings[format];
  const path = join(await makeTestFolder('notes'), `note.${ending}`);
  const comment = transcript === undefined ? [] : ['-metadata', `transcript=${transcript}`];
  const input = ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', sources[kind](seconds), '-ac', '1'];
  await promisify(execFile)(ffmpeg, [...input, ...comment, ...args, path]);
  const bytes = await readFile(path);
  await rm(path);
  return bytes;
}

/** Debian's ffmpeg reads AMR and does not write it: frames of 12.2 kbit/s (20 ms, 32 bytes) with a fixed murmur in them. */
function makeAmr(seconds: number): Buffer {
  let state = 7;
  const frame = (): Buffer => {
    const bytes = Buffer.alloc(32);
    bytes[0] = 0x3c;
    for (let index = 1; index < 32; index++) {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      bytes[index] = state >> 16;
    }
    return bytes;
  };
  return Buffer.concat([Buffer.from('#!AMR\n'), ...Array.from({ length: Math.round(seconds * 50) }, frame)]);
}

/** Seventeen megabytes that begin like a voice note. */
export async function makeHugeNote(): Promise<Buffer> {
  return Buffer.concat([await makeNote(), randomBytes(17 * 1024 * 1024)]);
}
