import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeVoiceNote } from '#shared/integrations/ffmpeg/encode-voice-note.ts';
import { FfmpegError } from '#shared/integrations/ffmpeg/run-ffmpeg.ts';
import { sniffContainer } from '#shared/integrations/ffmpeg/sniff-container.ts';
import { readOggComment } from '#shared/integrations/openai/ogg-comment.ts';

/** The notes that a newcomer can send without a microphone; made for this project, their words in the Ogg comment. */
export const readyNoteNames = ['fechas', 'finde', 'consulta', 'confirmo', 'silencio'] as const;
export type ReadyNoteName = (typeof readyNoteNames)[number];

const notesDir = join(import.meta.dirname, 'notes');

export function readReadyNote(name: ReadyNoteName): Promise<Buffer> {
  return readFile(join(notesDir, `${name}.ogg`));
}

/** The ready-made notes in their order, with what is said in each; empty for the one without a sound. */
export function listReadyNotes(): Promise<{ name: ReadyNoteName; words: string }[]> {
  return Promise.all(
    readyNoteNames.map(async (name) => ({
      name,
      words: readOggComment(await readReadyNote(name), 'transcript') ?? '',
    })),
  );
}

/** Longer than what is listened to, so that a newcomer can hear that said, too. */
const maxSeconds = 300;

/**
 * What a browser recorded (WebM, MP4 or Ogg) as WhatsApp sends voice notes. `words`, where the service is simulated, is what
 * was said. Rejects with FfmpegError.
 */
export async function makeVoiceNote(recording: Buffer, words: string | undefined, dir: string): Promise<Buffer> {
  // ffmpeg would follow a playlist to other files.
  if (!sniffContainer(recording)) throw new FfmpegError('unreadable', 'no audio');
  await mkdir(dir, { recursive: true });
  const path = join(dir, randomUUID());
  try {
    await writeFile(path, recording, { mode: 0o600 });
    return await encodeVoiceNote(path, { maxSeconds, ...(words === undefined ? {} : { transcript: words }) });
  } finally {
    await rm(path, { force: true });
  }
}
