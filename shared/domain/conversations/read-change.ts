import type { ConversationState } from './conversation.ts';
import { without } from './merge-slots.ts';
import type { Reading } from './wishes.ts';

/** The stay that other dates are wanted for. */
function givenUp({ checkIn, checkOut }: ConversationState): Pick<ConversationState, 'lastStay'> {
  return checkIn === undefined || checkOut === undefined ? {} : { lastStay: { checkIn, checkOut } };
}

/** What is to be changed is forgotten and asked again; the rest stays. */
export function readChange(state: ConversationState, what: 'dates' | 'guests' | 'unit' | null): Reading {
  const shown = ['summary', 'offered', 'offeredStays', 'proposed'] as const;
  switch (what) {
    case null:
      return { state, wishes: [{ type: 'change' }], mentionedSlots: false };
    case 'dates':
      return {
        state: { ...without(state, 'checkIn', 'checkOut', 'nights', 'window', ...shown), ...givenUp(state) },
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
