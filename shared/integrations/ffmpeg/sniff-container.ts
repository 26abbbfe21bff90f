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
  if (text(0, 3) === 'ID3') return 'mp3';
  const [first = 0, second = 0] = bytes;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  // The two layer bits are zero in ADTS (AAC), never in MPEG audio.
  return (second & 0x06) === 0 ? 'aac' : 'mp3';
}
