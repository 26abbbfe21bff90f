import type { Say } from './compose.ts';
import type { Act, ConversationState } from './conversation.ts';
import type { Step } from './talk.ts';

/** How a turn went: something new came of it, nothing did, or it was mere politeness that counts neither way. */
export type Progress = 'made' | 'none' | 'neutral';
/** The one thing that an answer comes to, besides what is said in passing. */
export type Main = { state: ConversationState; before: string[]; say: Say | null; act: Act | null; progress: Progress };

/** Nothing is said yet: the act's outcome will tell. */
export function act(state: ConversationState, wanted: Act): Main {
  return { state, before: [], say: null, act: wanted, progress: 'made' };
}
/** Said, and the conversation has moved on by it. */
export function made(step: Step): Main {
  return { ...step, act: null, progress: 'made' };
}
