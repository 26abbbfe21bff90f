import type { Understanding } from './understanding.ts';
import { addDays } from '../stay.ts';
import type { ConversationState, Look } from './conversation.ts';
import { setStay, setWindow, withSlots, without } from './merge-slots.ts';
import {
  findNamedUnits,
  findOnlyNamed,
  findOrdinal,
  foldWords,
  wantsAnother,
  wantsCheapest,
  wantsLargest,
  whatToChange,
} from './pick-unit.ts';
import { readChange } from './read-change.ts';
import { haggles } from './small-talk.ts';

/** Were units or a summary shown last? Then names and ordinals choose among them. */
export function isChoosing({ expecting }: ConversationState): boolean {
  return expecting === 'choice' || expecting === 'confirmation';
}

/** "la segunda", "the last one": which of the units or dates shown last is meant. */
export function pickOrdinal(state: ConversationState, text: string, look: Look): ConversationState | null {
  const { expecting, offered = [], offeredStays = [] } = state;
  if (!isChoosing(state) && expecting !== 'dates') return null;
  if (findNamedUnits(text, look.accommodations).length > 0) return null;
  if (offered.length > 0) {
    const id = offered[findOrdinal(text, offered.length) ?? -1];
    return id === undefined ? null : withSlots(state, { accommodationId: id });
  }
  // "El primero" and "el 2" are days; "la primera" is one of the dates shown.
  const stay = isDayOfMonth(text) ? undefined : offeredStays[findOrdinal(text, offeredStays.length) ?? -1];
  return stay === undefined ? null : setStay(state, stay.checkIn, stay.checkOut);
}

function isDayOfMonth(text: string): boolean {
  return /\d|\b(primero|primeiro|the first)\b/.test(foldWords(text));
}

/** "La Lenga", "el depto" after a list: nothing but a name is a choice. */
export function pickOnlyName(state: ConversationState, text: string, look: Look): ConversationState | null {
  const { offered = [], summary } = state;
  if (!isChoosing(state) || (offered.length === 0 && summary === undefined)) return null;
  const shown = look.accommodations.filter((unit) => offered.length === 0 || offered.includes(unit.id));
  const id = findOnlyNamed(text, shown);
  return id === undefined ? null : withSlots(state, { accommodationId: id });
}

/** "la más barata", "la más grande", "otra cabaña", "otras fechas" while things are shown; null when none of these. */
export function preferAmongShown(
  state: ConversationState,
  text: string,
  look: Look,
  isNo: boolean,
): ConversationState | null {
  const { offered = [] } = state;
  if (!isChoosing(state) || (offered.length === 0 && state.summary === undefined)) return null;
  if (offered.length > 0 && !isNo && wantsCheapest(text) && !haggles(text))
    return withSlots(state, { accommodationId: offered[0]! });
  if (offered.length > 0 && !isNo && wantsLargest(text)) {
    const units = look.accommodations.filter((unit) => offered.includes(unit.id));
    const largest = units.toSorted((a, b) => b.capacity - a.capacity)[0];
    return largest === undefined ? null : withSlots(state, { accommodationId: largest.id });
  }
  if (!wantsAnother(text)) return null;
  const what = whatToChange(text);
  return what === null ? without(state, 'accommodationId', 'summary') : readChange(state, what).state;
}

const moreNights =
  /\b(?:(\d{1,2}|un|una|uma?|one|dos|dois|duas|two|tres|three) (?:noches?|dias?|noites?|diarias?|nights?|days?) (mas|mais|more|extra|menos|less)|(?:otra|outra|another) (?:noche|noite|night)|(?:mais|one more) (?:uma )?(?:noite|night|diaria))\b/;
const counts: Record<string, number> = { dos: 2, dois: 2, duas: 2, two: 2, tres: 3, three: 3 };
const furtherOn = /\b(?:mas adelante|mais (?:para|pra) frente|later on|later dates?)\b/;
/** How far "más adelante" looks. */
const daysFurtherOn = 30;
const sameDates =
  /\b(mism[ao]s? (fechas?|dias?)|es[ao]s (mism[ao]s )?(fechas|dias)|mesmas? (datas?|dias?)|ness[ae]s (datas|dias)|same (dates?|days?)|those (dates|days))\b/;

/** "Mejor una noche más", "dos noches menos", "mismas fechas": a stay said by the one that is known; null when neither. */
export function readKnownStay(state: ConversationState, text: string, said: Understanding): ConversationState | null {
  if (said.checkIn !== null || said.checkOut !== null || said.window !== null) return null;
  const folded = foldWords(text);
  const { checkIn, checkOut, lastStay } = state;
  if (checkIn === undefined && checkOut === undefined && lastStay !== undefined && sameDates.test(folded))
    return setStay(state, lastStay.checkIn, lastStay.checkOut);
  if (checkOut !== undefined && furtherOn.test(folded))
    return setWindow(state, { from: checkOut, to: addDays(checkOut, daysFurtherOn) });
  const more = moreNights.exec(folded);
  if (more === null || checkIn === undefined || checkOut === undefined) return null;
  const nights = Number(more[1]) || counts[more[1] ?? ''] || 1;
  const end = addDays(checkOut, more[2] === 'menos' || more[2] === 'less' ? -nights : nights);
  return end > checkIn ? setStay(state, checkIn, end) : null;
}

type BareAnswer = { state: ConversationState; mentioned: boolean; problem: null; isProposal?: boolean };

function toParty(state: ConversationState, adults: number): BareAnswer {
  return { state: withSlots(state, { party: { adults, children: 0, total: adults } }), mentioned: true, problem: null };
}

/** A bare number that the understanding left alone ("4", "no, mejor 4"), read by what was asked: a party, or nights shown back first. */
export function readBareAnswer(state: ConversationState, text: string, said: Understanding): BareAnswer | null {
  if (said.guests !== null || said.checkIn !== null || said.checkOut !== null || said.nights !== null) return null;
  const folded = foldWords(text);
  const corrected = /^(?:no )?(?:mejor|al final|perdon|melhor|actually|sorry) (?:somos |para |for )?(\d{1,2})$/.exec(
    folded,
  )?.[1];
  if (corrected !== undefined && state.party !== undefined && isChoosing(state))
    return toParty(state, Number(corrected));
  const number = /^\d{1,2}$/.test(folded) ? Number(folded) : null;
  if (number === null) return null;
  const isDoubtOpen = state.expecting === 'confirmation' && state.proposed !== undefined && state.party === undefined;
  if (state.expecting === 'guests' || isDoubtOpen || (state.expecting === 'choice' && state.offered === undefined))
    return toParty(state, number);
  if (state.expecting === 'checkOut' && state.checkIn !== undefined && number >= 1 && number <= 14) {
    const proposed = { checkIn: state.checkIn, checkOut: addDays(state.checkIn, number) };
    return { state: { ...state, proposed }, mentioned: true, problem: null, isProposal: true };
  }
  return null;
}

export function withWeekend(
  window: NonNullable<ConversationState['window']>,
  text: string,
): NonNullable<ConversationState['window']> {
  const isWeekend = /\b(finde|findes|fin de semana|fines de semana|weekends?|fim de semana|fins de semana|fds)\b/.test(
    foldWords(text),
  );
  return isWeekend ? { ...window, isWeekend } : window;
}

/** Dates that may be meant, to be shown back; a yes takes them. */
export function propose(state: ConversationState, said: Understanding): ConversationState {
  if (said.checkIn === null) return state;
  const checkOut = said.checkOut ?? (said.nights === null ? null : addDays(said.checkIn, said.nights));
  return { ...state, proposed: { checkIn: said.checkIn, ...(checkOut === null ? {} : { checkOut }) } };
}
