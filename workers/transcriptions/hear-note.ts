import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  acceptTranscript,
  guessLanguage,
  judgeSound,
  listKeywords,
  voiceLimits,
  type VoiceProblem,
} from '#shared/domain/conversations/voice.ts';
import type { ClaimedNote } from '#shared/domain/conversations/voice-note.ts';
import type { ConvertedAudio } from '#shared/integrations/ffmpeg/convert-to-wav.ts';
import { FfmpegError } from '#shared/integrations/ffmpeg/run-ffmpeg.ts';
import { sniffFile, type AudioContainer } from '#shared/integrations/ffmpeg/sniff-container.ts';
import { SpeechError } from '#shared/integrations/openai/errors.ts';
import type { SpeechFile } from '#shared/integrations/openai/speech-client.ts';
import { MediaError } from '#shared/integrations/whatsapp/media.ts';
import type { WorkerDeps } from '../deps.ts';

/** What came of listening. `tellsOwner`: somebody should look at our side, or listen to the note. */
export type Heard = { text: string } | { problem: VoiceProblem; tellsOwner: boolean };

type Fault = Extract<Heard, { problem: VoiceProblem }>;
type NoteFile = { path: string; container: AudioContainer };

/**
 * Downloads a note, looks at what it is, decodes it, and only when there is something to hear asks the speech service. What is
 * wrong with the note, or with us for longer, is a result; trouble that passes is thrown, to be tried again.
 */
export async function hearNote(note: ClaimedNote, deps: WorkerDeps, signal: AbortSignal): Promise<Heard> {
  try {
    const file = await timed('download', deps, () => fetchFile(note, deps, signal));
    if (!file) return fault('unreadable');
    const maxSeconds = voiceLimits.seconds + 1;
    const audio = await timed('convert', deps, () =>
      deps.convertToWav(file.path, { container: file.container, maxSeconds, signal }),
    );
    const problem = judgeSound(audio);
    if (problem) return fault(problem);
    const text = await timed('transcribe', deps, () => transcribe(note, file, audio, deps, signal));
    const accepted = acceptTranscript(text, audio.durationS);
    return accepted === null ? fault('unclear') : { text: accepted };
  } catch (error) {
    const found = toFault(error);
    if (!found || signal.aborted) throw error;
    deps.log.warn({ err: error, messageId: note.id, problem: found.problem }, 'voice note given up');
    return found;
  }
}

function fault(problem: VoiceProblem, tellsOwner = false): Fault {
  return { problem, tellsOwner };
}

/** What an error says for good; undefined for trouble that may pass. */
function toFault(error: unknown): Fault | undefined {
  if (error instanceof MediaError) {
    if (error.kind === 'too_large') return fault('too_large');
    if (error.kind === 'gone' || error.kind === 'refused') return fault('not_received', true);
    return error.kind === 'auth' ? fault('unavailable', true) : undefined;
  }
  if (error instanceof FfmpegError) {
    if (error.kind === 'unreadable') return fault('unreadable');
    return error.kind === 'missing' ? fault('unavailable', true) : undefined;
  }
  if (!(error instanceof SpeechError)) return undefined;
  if (error.kind === 'refused_audio') return fault('unreadable');
  return error.kind === 'not_allowed' ? fault('unavailable', true) : undefined;
}

async function timed<T>(
  stage: 'download' | 'convert' | 'transcribe',
  deps: WorkerDeps,
  work: () => Promise<T>,
): Promise<T> {
  const stop = deps.metrics.transcriptionStage.startTimer({ stage });
  try {
    return await work();
  } finally {
    stop();
  }
}

/**
 * The note's bytes under a name of ours (its row's id), as an earlier try left them or downloaded now; undefined when they are
 * no audio. They stay there until they are too old.
 */
async function fetchFile(note: ClaimedNote, deps: WorkerDeps, signal: AbortSignal): Promise<NoteFile | undefined> {
  const folder = deps.env.mediaDir;
  if (note.mediaPath) {
    const path = join(folder, note.mediaPath);
    const container = await sniffFile(path).catch(() => undefined);
    if (container) return { path, container };
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const part = join(folder, `${note.id}.part`);
  try {
    const mediaId = note.payload.media?.id ?? '';
    const { sha256 } = await deps.media.download(mediaId, part, { maxBytes: voiceLimits.bytes, signal });
    const container = await sniffFile(part);
    const name = `${note.id}.${container ?? 'bin'}`;
    await rename(part, join(folder, name));
    await deps.inTransaction((stores) => stores.voiceNotes.recordMedia(note, { path: name, sha256 }));
    return container && { path: join(folder, name), container };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Names that speech services take as they are; the others go as WAV at once. */
const sendable: Partial<Record<AudioContainer, { name: string; type: string }>> = {
  ogg: { name: 'note.ogg', type: 'audio/ogg' },
  m4a: { name: 'note.m4a', type: 'audio/mp4' },
  mp3: { name: 'note.mp3', type: 'audio/mpeg' },
  webm: { name: 'note.webm', type: 'audio/webm' },
};

async function transcribe(
  note: ClaimedNote,
  file: NoteFile,
  { wav }: ConvertedAudio,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<string> {
  if (!deps.speech) throw new SpeechError('not_allowed', { detail: 'no service is set up' });
  const language = guessLanguage(
    note.language,
    note.isNewGuest,
    note.payload.contact.waId ?? note.payload.contact.phone,
  );
  const kind = sendable[file.container];
  const original: SpeechFile | undefined = kind && { ...kind, bytes: await readFile(file.path) };
  const keywords = listKeywords(language, await listOwnNames(deps));
  return deps.speech.transcribe({ original, wav, language, keywords, signal });
}

/** What this lodging and its units are called. */
function listOwnNames(deps: WorkerDeps): Promise<string[]> {
  return deps.inTransaction(async ({ lodging }) => {
    const { name } = await lodging.getLodging();
    return [name, ...(await lodging.listAccommodations()).map((unit) => unit.name)];
  });
}
