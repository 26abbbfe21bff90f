import type { Intent, Language } from './understanding.ts';
import type { CalendarDate } from '../stay.ts';

/**
 * What a language model may say that a guest wants: questions and wishes that move nothing. Yes, no, cancel, change, start
 * over and a person are never taken from a model: a hostile or broken one could act with them.
 */
export const modelIntents = [
  'greeting',
  'availability',
  'price',
  'book',
  'my_bookings',
  'payment',
  'amenities',
  'location',
  'photos',
  'checkin_info',
  'pets',
  'policies',
  'thanks',
  'help',
] as const satisfies readonly Intent[];

/** A model's reading of one text, by schema but not yet believed: `applyModelAnswer` checks it against the text. */
export type ModelAnswer = {
  intent: (typeof modelIntents)[number] | null;
  checkIn: CalendarDate | null;
  checkOut: CalendarDate | null;
  nights: number | null;
  adults: number | null;
  children: number | null;
};

/** How a question to the model ended; only `answered` has an answer. */
export type ModelOutcome = 'answered' | 'unreadable' | 'refused' | 'late' | 'failed' | 'resting';

export type ModelReader = {
  /** Reads a text by itself: no tools, no history, nobody's data. Never rejects; `tokens` is what it cost. */
  read(
    text: string,
    about: { today: CalendarDate; language: Language },
    signal?: AbortSignal,
  ): Promise<{ answer: ModelAnswer | null; outcome: ModelOutcome; tokens: number }>;
};

/** What one contact may cost in 24 hours. */
export const modelBudget = { calls: 20, tokens: 20_000 } as const;
/** Longer texts are not shown to a model. */
export const longestModelText = 1_000;

export type ModelCallStore = {
  /** Notes a call and gives its id; null when the contact's budget is spent. */
  begin(contactId: string, budget: { calls: number; tokens: number }): Promise<string | null>;
  finish(id: string, tokens: number): Promise<void>;
};
