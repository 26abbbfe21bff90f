import { open } from 'node:fs/promises';

/** What a guest's audio may come in; anything else is not opened. */
export type AudioContainer = 'ogg' | 'm4a' | 'mp3' | 'aac' | 'amr' | 'wav' | 'webm' | 'flac';

/**
 * The container of a file by its first bytes (16 suffice), whatever it calls itself; undefined for what is no audio that we
 * know. So ffmpeg is told which reader to use: guessing, it would follow a playlist or a script to other files and hosts.
 */
export function sniffContainer(head: Uint8Array): AudioContainer | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = (from: number, to: number): string => bytes.toString('latin1', from, to);
  if (text(0, 4) === 'OggS') return 'ogg';
  if (text(4, 8) === 'ftyp') return 'm4a';
  if (text(0, 5) === '#!AMR') return 'amr';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WAVE') return 'wav';
  if (text(0, 4) === 'fLaC') return 'flac';
  if (text(0, 4) === '\x1A\x45\xDF\xA3') return 'webm';
  if (skipId3(bytes) > 0) return 'mp3';
  const [first = 0, second = 0] = bytes;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  // The two layer bits are zero in ADTS (AAC), never in MPEG audio.
  return (second & 0x06) === 0 ? 'aac' : 'mp3';
}

/** Bytes before the audio: an ID3v2 tag (titles, pictures) whose head this is; 0 without one. */
function skipId3(head: Buffer): number {
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return 0;
  // Four times seven bits.
  return 10 + [6, 7, 8, 9].reduce((size, at) => size * 128 + (head[at]! & 0x7f), 0);
}

const headLength = 16;

/** The container of a file; what comes behind an ID3 tag decides between MP3 and AAC. Rejects when it cannot be read. */
export async function sniffFile(path: string): Promise<AudioContainer | undefined> {
  const file = await open(path);
  try {
    const readAt = async (position: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, position);
      return buffer.subarray(0, bytesRead);
    };
    const head = await readAt(0);
    const behind = sniffContainer(head) === 'mp3' ? sniffContainer(await readAt(skipId3(head))) : undefined;
    return behind === 'aac' ? 'aac' : sniffContainer(head);
  } finally {
    await file.close();
  }
}
