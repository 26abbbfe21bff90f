import { OpenAI, toFile } from 'openai';
import { SpeechError, toSpeechError } from './errors.ts';

/** A file to be heard; the service goes by its name, so `note.ogg` and not `.oga` or `.opus`. */
export type SpeechFile = { name: string; type: string; bytes: Buffer };

export type SpeechRequest = {
  /** As the guest sent it; undefined when its kind is none that the service takes: the WAV goes at once then. */
  original: SpeechFile | undefined;
  /** 16 kHz, mono; sent when the original is refused. */
  wav: Buffer;
  /** ISO 639-1. */
  language: string;
  /** Words that may come up: names of units, words of the trade. */
  keywords: readonly string[];
  signal?: AbortSignal;
};

export type SpeechClient = {
  /** The words of a note, perhaps none. Rejects with SpeechError, or with the signal's reason. Nothing is retried but as WAV. */
  transcribe(request: SpeechRequest): Promise<string>;
  /** Resolves when the service answers and takes our key; rejects with SpeechError. Costs nothing. */
  ping(signal?: AbortSignal): Promise<void>;
};

export type SpeechClientSettings = {
  /** Servers of one's own mostly want none. */
  apiKey: string | undefined;
  /** Such as `https://api.openai.com/v1`. */
  baseUrl: string;
  model: string;
  /** For one request. Default 20,000. */
  timeoutMs?: number;
};

/** Speech to text at OpenAI or any server that speaks like it. */
export function createSpeechClient(settings: SpeechClientSettings): SpeechClient {
  const { model, timeoutMs = 20_000 } = settings;
  const openai = new OpenAI({
    apiKey: settings.apiKey ?? 'none',
    baseURL: settings.baseUrl,
    organization: null,
    project: null,
    timeout: timeoutMs,
    maxRetries: 0, // the note's row counts the tries
    logLevel: 'off',
  });

  async function hear(file: SpeechFile, { language, keywords, signal }: SpeechRequest): Promise<string> {
    const answer: unknown = await openai.audio.transcriptions.create(
      {
        file: await toFile(file.bytes, file.name, { type: file.type }),
        model,
        language,
        response_format: 'json',
        ...hints(model, keywords),
      },
      signal ? { signal } : {},
    );
    const { text } = (answer ?? {}) as { text?: unknown };
    if (typeof text === 'string') return text.trim();
    // whisper.cpp says with a 200 that it cannot read a file.
    throw new SpeechError('refused_audio', { detail: 'an answer without a text' });
  }

  async function guarded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw toSpeechError(error);
    }
  }

  return {
    async transcribe(request) {
      const wav: SpeechFile = { name: 'note.wav', type: 'audio/wav', bytes: request.wav };
      return guarded(request.signal, async () => {
        if (!request.original) return hear(wav, request);
        try {
          return await hear(request.original, request);
        } catch (error) {
          if (toSpeechError(error).kind !== 'refused_audio') throw error;
          return hear(wav, request);
        }
      });
    },
    async ping(signal) {
      await guarded(signal, async () => {
        // Some servers of one's own have no list of models: that they answer is enough.
        await openai.models.list(signal ? { signal } : {}).catch((error: unknown) => {
          const { kind, status } = toSpeechError(error);
          if (kind !== 'refused_audio' && status !== 404 && status !== 405) throw error;
        });
      });
    },
  };
}

/** Keywords where the model has them; the older Whisper models take words as the beginning of the transcript. */
function hints(model: string, keywords: readonly string[]): { keywords: string[] } | { prompt: string } | object {
  if (keywords.length === 0) return {};
  return model.startsWith('gpt-transcribe') ? { keywords: [...keywords] } : { prompt: `${keywords.join(', ')}.` };
}

/** The client of what the environment names; undefined when it is OpenAI itself and there is no key. */
export function openSpeech(openai: {
  apiKey: string | undefined;
  baseUrl: string;
  transcriptionModel: string;
}): SpeechClient | undefined {
  if (openai.apiKey === undefined && new URL(openai.baseUrl).hostname === 'api.openai.com') return undefined;
  return createSpeechClient({ apiKey: openai.apiKey, baseUrl: openai.baseUrl, model: openai.transcriptionModel });
}
