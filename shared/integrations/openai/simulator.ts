import type { RequestListener, ServerResponse } from 'node:http';
import { createFaults, playFault } from '../simulator-kit/faults.ts';
import type { FaultSwitches } from '../simulator-kit/faults.ts';
import { createSimulatedServer, readRequest, sendJson } from '../simulator-kit/http.ts';
import type { Listening, SimulatedAnswer, SimulatedRequest } from '../simulator-kit/http.ts';
import { readOggComment } from './ogg-comment.ts';

export type SpeechSimulatorOptions = {
  /** Asked for as bearer token; undefined takes anybody. */
  apiKey?: string;
  /** Where `handler` is mounted, such as `/sandbox/openai`; taken off the paths. */
  prefix?: string;
};

/** A file that was sent to be transcribed, and how. */
export type HeardFile = {
  fileName: string;
  bytes: Buffer;
  model: string;
  language: string | undefined;
  prompt: string | undefined;
  keywords: string[];
};

/**
 * A speech to text that hears nothing: it reads the transcript in the Ogg comment (`transcript`, `comment` or `description`)
 * and answers an empty text for any other file, unless it was told what to say.
 */
export type SpeechSimulator = FaultSwitches & {
  /** Mountable under `prefix`; the base URL is this with `/v1`. */
  handler: RequestListener;
  listen(port?: number, host?: string): Promise<Listening>;
  close(): Promise<void>;
  /** Every file from now on is heard as these words; undefined goes back to the comments. */
  say(text: string | undefined): void;
  /** Everything it was sent and did not fail, oldest first. */
  heard(): readonly HeardFile[];
};

/** File names that the real service takes; the same bytes named `.oga` or `.opus` are refused there too. */
const takenNames = /\.(flac|mp3|mp4|mpeg|mpga|m4a|ogg|wav|webm)$/i;

export function createSpeechSimulator(options: SpeechSimulatorOptions = {}): SpeechSimulator {
  const { apiKey, prefix = '' } = options;
  const faults = createFaults();
  const held = new Set<ServerResponse>();
  const files: HeardFile[] = [];
  let words: string | undefined;

  async function transcribe(request: SimulatedRequest): Promise<SimulatedAnswer> {
    const form = await readForm(request);
    const file = form?.get('file');
    if (!form || !(file instanceof File)) return refuse(400, 'missing_file');
    if (!takenNames.test(file.name)) return refuse(400, 'unsupported_format');
    const model = textOf(form.get('model'));
    if (model === undefined || model === '') return refuse(400, 'missing_model');
    const bytes = Buffer.from(await file.arrayBuffer());
    if (bytes.length === 0) return refuse(400, 'empty_file');
    files.push({
      fileName: file.name,
      bytes,
      model,
      language: textOf(form.get('language')),
      prompt: textOf(form.get('prompt')),
      keywords: [...form.entries()].flatMap(([key, value]) =>
        key.startsWith('keywords') && typeof value === 'string' ? [value] : [],
      ),
    });
    const text = words ?? readOggComment(bytes, 'transcript', 'comment', 'description') ?? '';
    return { status: 200, body: { text, usage: { type: 'duration', seconds: 1 } } };
  }

  async function answer(request: SimulatedRequest, response: ServerResponse): Promise<SimulatedAnswer | undefined> {
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`)
      return refuse(401, 'invalid_api_key');
    const path = request.path.replace(/^\/v1(?=\/)/, '');
    if (request.method === 'GET' && path === '/models') return { status: 200, body: { object: 'list', data: [] } };
    if (request.method !== 'POST' || path !== '/audio/transcriptions') return refuse(404, 'unknown_url');
    const fault = faults.take(request);
    if (fault === undefined) return transcribe(request);
    return playFault(fault, response, {
      act: () => transcribe(request),
      toError: (status, code) => refuse(status, String(code)).body,
      held,
    });
  }

  const handler: RequestListener = (incoming, response) => {
    readRequest(incoming, prefix)
      .then((request) => answer(request, response))
      .then((found) => found && sendJson(response, found.status, found.body, found.headers))
      .catch((error: unknown) => sendJson(response, 400, { error: { message: String(error) } }));
  };
  const server = createSimulatedServer(handler);
  return {
    failNext: faults.failNext,
    failAlways: faults.failAlways,
    handler,
    listen: (port, host) => server.listen(port, host),
    async close() {
      for (const response of held) response.destroy();
      await server.close();
    },
    say(text) {
      words = text;
    },
    heard: () => files,
  };
}

function refuse(status: number, code: string): SimulatedAnswer {
  return { status, body: { error: { message: code, type: 'invalid_request_error', param: null, code } } };
}

async function readForm({ headers, body }: SimulatedRequest): Promise<FormData | undefined> {
  const type = headers['content-type'];
  if (type === undefined || !type.startsWith('multipart/form-data')) return undefined;
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => undefined);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
