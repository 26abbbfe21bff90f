import type { ConversationState } from './conversation.ts';
import { without } from './merge-slots.ts';
import type { Reading } from './wishes.ts';

/** What is to be changed is forgotten and asked again; the rest stays. */
export function readChange(state: ConversationState, what: 'dates' | 'guests' | 'unit' | null): Reading {
  const shown = ['summary', 'offered', 'offeredStays', 'proposed'] as const;
  switch (what) {
    case null:
      return { state, wishes: [{ type: 'change' }], mentionedSlots: false };
    case 'dates':
      return {
        state: without(state, 'checkIn', 'checkOut', 'nights', 'window', ...shown),
        wishes: [{ type: 'search' }],
        mentionedSlots: false,
      };
    case 'guests':
      return {
        state: without(state, 'party', ...shown),
        wishes: [{ type: 'ask_party_number' }],
        mentionedSlots: false,
      };
    case 'unit':
      return {
        state: without(state, 'accommodationId', ...shown),
        wishes: [{ type: 'search' }],
        mentionedSlots: false,
      };
  }
}
