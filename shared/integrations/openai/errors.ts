import { APIConnectionError, APIError, APIUserAbortError } from 'openai';

/**
 * Why there is no transcript: `refused_audio` (not even as WAV) · `not_allowed` (key, quota, model: somebody must act) ·
 * `rate_limited` · `temporary` (network, time-out, 5xx, an answer without a text).
 */
export type SpeechFailure = 'refused_audio' | 'not_allowed' | 'rate_limited' | 'temporary';

/** A transcription that failed. The message is the kind, a status and a code: never the key nor what was said. */
export class SpeechError extends Error {
  readonly kind: SpeechFailure;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(kind: SpeechFailure, about: { status?: number; detail?: string; retryAfterMs?: number } = {}) {
    const facts = [about.status === undefined ? '' : `status ${about.status}`, about.detail ?? ''].filter(Boolean);
    super(`speech to text: ${kind}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`);
    this.name = 'SpeechError';
    this.kind = kind;
    this.status = about.status;
    this.retryAfterMs = about.retryAfterMs;
  }
}

const aboutTheAudio: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** What the SDK threw, by its status: some 4xx are about the audio, the others and a spent quota about us. */
export function toSpeechError(error: unknown): SpeechError {
  if (error instanceof SpeechError) return error;
  if (error instanceof APIUserAbortError || error instanceof APIConnectionError)
    return new SpeechError('temporary', { detail: error.constructor.name });
  if (!(error instanceof APIError) || typeof error.status !== 'number')
    return new SpeechError('temporary', { detail: error instanceof Error ? error.name : 'unknown' });
  const status = error.status;
  const detail = typeof error.code === 'string' && /^[\w-]{1,40}$/.test(error.code) ? error.code : '';
  if (status === 429 && error.code === 'insufficient_quota') return new SpeechError('not_allowed', { status, detail });
  if (status === 429) {
    const retryAfterMs = Number((error.headers as Headers | undefined)?.get('retry-after') ?? 0) * 1_000;
    return new SpeechError('rate_limited', { status, detail, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) });
  }
  if (aboutTheAudio.has(status)) return new SpeechError('refused_audio', { status, detail });
  const passes = status >= 500 || status === 408 || status === 409;
  return new SpeechError(passes ? 'temporary' : 'not_allowed', { status, detail });
}
