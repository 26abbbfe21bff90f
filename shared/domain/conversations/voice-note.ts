import type { Language } from './conversation.ts';
import type { InboundMessage } from './message.ts';
import type { VoiceProblem } from './voice.ts';

/** A voice note that this worker may hear now. `attempts` (this one counted) is the mark by which it is still ours. */
export type ClaimedNote = {
  id: string;
  conversationId: string;
  payload: InboundMessage;
  attempts: number;
  /** Seconds since it was recorded. */
  ageSeconds: number;
  /** Below the media folder; null while nothing was downloaded. */
  mediaPath: string | null;
  language: Language;
  /** Nobody has answered this guest yet, so that the language is a guess. */
  isNewGuest: boolean;
  /** A person has the chat: the note is transcribed, and we show no sign of life. */
  isPaused: boolean;
};
type NoteMark = Pick<ClaimedNote, 'id' | 'attempts'>;

export type NoteClaim =
  | { type: 'claimed'; note: ClaimedNote }
  /** It has its words, or there is no such note. */
  | { type: 'none' }
  /** Somebody has it, or its next try is not due: come again after that many milliseconds. */
  | { type: 'later'; waitMs: number };

/** Voice notes on their way to words, and what is kept of them. */
export type VoiceNoteStore = {
  /** Takes an untranscribed note for `leaseMs` (to be kept by `keep`); a dead worker's note is free again after that. */
  claim(messageId: string, leaseMs: number): Promise<NoteClaim>;
  /** Prolongs the lease; false when the note is no longer ours, and no more work should go into it. */
  keep(note: NoteMark, leaseMs: number): Promise<boolean>;
  /** Where its bytes are, below the media folder. */
  recordMedia(note: NoteMark, media: { path: string; sha256: string }): Promise<void>;
  /** To be answered now: by its words, or by what is wrong with it; false when it was no longer ours. */
  finish(note: NoteMark, result: { text: string } | { problem: VoiceProblem }): Promise<boolean>;
  /** Not now: the next try is due after that many milliseconds. `isUncounted` takes this one back (we were stopped). */
  postpone(note: NoteMark, waitMs: number, options?: { isUncounted?: boolean }): Promise<void>;
  /** Due (or with a dead lease) for more than that many seconds, the longest first. */
  listUntranscribed(overdueSeconds: number, limit: number): Promise<string[]>;
  /** Messages with bytes that were recorded more than that many days ago, the oldest first. */
  listOldMedia(days: number, limit: number): Promise<{ messageId: string; path: string }[]>;
  /** The bytes of these messages are gone. */
  forgetMedia(messageIds: readonly string[]): Promise<void>;
};
