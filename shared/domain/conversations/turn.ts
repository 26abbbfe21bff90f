import type { ConversationState } from './conversation.ts';
import type { Wish } from './wishes.ts';

/** Several messages read as one turn: what is wanted, and what is known after them. */
export type Turn = {
  before: ConversationState;
  state: ConversationState;
  wishes: Wish[];
  isLate: boolean;
  /** A voice note named dates, party or unit: they are read back. */
  isReadBack: boolean;
};
