import type { ConversationState, Party } from './conversation.ts';
import { isSameParty, withSlots, without } from './merge-slots.ts';

/** More at once is a group, which a person looks after. */
export const mostUnits = 6;

/** How many units the guest wants; one again when so few were asked for. */
export function wantUnits(state: ConversationState, units: number): ConversationState {
  if (units < 2) {
    const { whole, share } = state.several ?? {};
    const one = without(state, 'several');
    return whole !== undefined && isSameParty(state.party, share) ? withSlots(one, { party: whole }) : one;
  }
  return state.several?.left === units ? state : { ...state, several: { left: Math.min(units, mostUnits) } };
}

/**
 * "Dos cabañas para 6": units are booked one by one, each for its share of the party. A party that is said anew is shared out
 * anew. The state is the same object when there is nothing to do.
 */
export function shareOut(state: ConversationState): ConversationState {
  const { several, party } = state;
  if (several === undefined || party === undefined) return state;
  const { left } = several;
  if (several.share !== undefined && isSameParty(several.share, party)) return state;
  if (party.adults < left) return without(state, 'several');
  const adults = Math.ceil(party.adults / left);
  const children = Math.ceil(party.children / left);
  const share = { adults, children, total: adults + children };
  const changed = without(state, 'summary', 'offered', 'offeredStays');
  return { ...changed, party: share, several: { left, whole: party, share } };
}

/** After one unit is held: the same dates for those who still have none; null when everybody has. */
export function afterOneUnit(state: ConversationState, held: Party): ConversationState | null {
  const { several, checkIn, checkOut } = state;
  if (several?.whole === undefined || several.left < 2 || checkIn === undefined || checkOut === undefined) return null;
  const adults = several.whole.adults - held.adults;
  const children = Math.max(0, several.whole.children - held.children);
  if (adults < 1) return null;
  const left = several.left - 1;
  const rest: Party = { adults, children, total: adults + children };
  const next: ConversationState = { checkIn, checkOut, party: rest };
  return left < 2 ? next : shareOut({ ...next, several: { left } });
}
