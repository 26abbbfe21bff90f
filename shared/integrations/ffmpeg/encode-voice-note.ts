import { createCommand, runFfmpeg } from './run-ffmpeg.ts';

export type VoiceNoteOptions = {
  /** Said in the note; goes into the Ogg comment `transcript`, where the speech simulator reads it. */
  transcript?: string;
  /** Seconds kept from the start. Default 600. */
  maxSeconds?: number;
  signal?: AbortSignal;
};

/**
 * A recording (a file of ours) as WhatsApp sends voice notes: Ogg/Opus, mono, 24 kbit/s. For the sandbox and for tests: what
 * guests send is converted the other way. Rejects with FfmpegError.
 */
export async function encodeVoiceNote(path: string, options: VoiceNoteOptions = {}): Promise<Buffer> {
  const command = createCommand(path)
    .inputOptions('-nostdin', '-hide_banner', '-nostats', '-v', 'error', '-protocol_whitelist', 'file,pipe')
    .outputOptions('-map', '0:a:0', '-map_metadata', '-1', '-t', String(options.maxSeconds ?? 600))
    .audioChannels(1)
    .audioFrequency(48_000)
    .audioCodec('libopus')
    .outputOptions('-b:a', '24k', '-application', 'voip')
    .format('ogg');
  if (options.transcript !== undefined) command.outputOptions('-metadata', `transcript=${options.transcript}`);
  return (await runFfmpeg(command, { timeLimitMs: 60_000, signal: options.signal })).bytes;
}
