import { addDays } from '../stay.ts';
import type { Intent, Understanding } from './understanding.ts';
import type { ConversationState, Look } from './conversation.ts';
import { setStay, withSlots, without } from './merge-slots.ts';
import { foldWords, ordersCancel, saysBookIt, saysTheOther } from './pick-unit.ts';
import { isPlainYes, isThumb } from './plain-yes.ts';
import type { Wish } from './wishes.ts';

/** A text on its way to its wishes: the state before it and with its slots, and what was understood. */
export type TextContext = {
  before: ConversationState;
  state: ConversationState;
  text: string;
  said: Understanding;
  intents: ReadonlySet<Intent>;
  mentionedSlots: boolean;
  look: Look;
};

/** A yes or a no to what was asked last; null when the message is neither, or asks for something else besides. */
export function readYesAndNo({
  before,
  state,
  text,
  intents,
  mentionedSlots,
  look,
}: TextContext): { state: ConversationState; wishes: Wish[] } | null {
  const saysYes = (intents.has('yes') || saysBookIt(text) || isThumb(text)) && !intents.has('change');
  const isYes = saysYes && !intents.has('no') && isPlainYes(text, mentionedSlots ? null : shownWords(before, look));
  const isNo = intents.has('no') && !intents.has('yes');
  if (before.expecting === 'cancel_confirmation') {
    const orders = !mentionedSlots && ordersCancel(text);
    if (isNo) return { state, wishes: [{ type: 'cancel_no' }] };
    if ((isYes && !mentionedSlots) || orders) return { state, wishes: [{ type: 'cancel_yes', reservationId: null }] };
    return null;
  }
  if (intents.has('cancel')) return null;
  if (isYes && before.proposed !== undefined && state.proposed !== undefined) {
    const { checkIn, checkOut } = before.proposed;
    const accepted =
      checkOut === undefined ? withSlots(without(state, 'checkOut'), { checkIn }) : setStay(state, checkIn, checkOut);
    return { state: accepted, wishes: [{ type: 'search' }] };
  }
  if (before.proposed?.checkOut !== undefined && !mentionedSlots && saysTheOther(text)) {
    const { checkIn, checkOut } = before.proposed;
    const proposed = { checkIn: addDays(checkIn, 7), checkOut: addDays(checkOut, 7) };
    return { state: { ...state, proposed }, wishes: [{ type: 'unclear_dates' }] };
  }
  if (isNo && before.proposed !== undefined && !mentionedSlots)
    return { state: without(state, 'proposed', 'checkIn', 'checkOut'), wishes: [{ type: 'search' }] };
  // Whatever changed a slot has removed the summary, so a yes can only mean what is still shown.
  if (before.expecting === 'confirmation' && state.summary !== undefined) {
    if (isYes) return { state, wishes: [{ type: 'confirm', shown: null }] };
    // "No tengo Mercado Pago" asks; it turns nothing down.
    const asks = (['payment', 'amenities', 'location', 'checkin_info', 'pets', 'policies'] as const).some((topic) =>
      intents.has(topic),
    );
    if (isNo && !mentionedSlots && !asks) return { state, wishes: [{ type: 'change' }] };
  }
  if (before.expecting === 'choice' && isYes && state.offered?.length === 1 && !mentionedSlots)
    return { state: withSlots(state, { accommodationId: state.offered[0]! }), wishes: [{ type: 'search' }] };
  return null;
}

/** What a yes to a summary may repeat: the unit's name and the numbers of its dates and party. */
function shownWords({ summary }: ConversationState, look: Look): string[] {
  if (summary === undefined) return [];
  const unit = look.accommodations.find(({ id }) => id === summary.accommodationId);
  const { checkIn, checkOut } = summary.stay;
  const days = [checkIn, checkOut].map((date) => String(Number(date.slice(8))));
  return [...foldWords(unit?.name ?? '').split(' '), ...days, String(summary.party.total)];
}
