import type { Party, SlotName, Understanding } from './understanding.ts';
import { addDays, daysBetween, isCalendarDate, maxNights, type CalendarDate } from '../stay.ts';
import type { ConversationState } from './conversation.ts';

export type SlotProblem = { type: 'reversed'; checkIn: CalendarDate; checkOut: CalendarDate };
export type Merged = { state: ConversationState; mentioned: boolean; problem: SlotProblem | null };

/**
 * What a message said about dates and party, laid over what is known. Ambiguous slots are left out (the conversation asks).
 * A new check-in keeps the departure that was said, unless the stay was given by nights or would become empty.
 */
export function mergeSlots(state: ConversationState, said: Understanding): Merged {
  const unsure = new Set<SlotName>(said.ambiguous);
  const datesUsable = said.dateProblem === null && !unsure.has('checkIn') && !unsure.has('checkOut');
  const party = unsure.has('guests') || said.guests === null ? null : completeParty(state.party, said.guests);
  const withParty = party === null ? state : withSlots(state, { party });
  if (!datesUsable) return { state: withParty, mentioned: party !== null, problem: null };
  const dates = mergeDates(withParty, said);
  return { ...dates, mentioned: dates.mentioned || party !== null };
}

/** "Y un nene" after "somos 2": children alone join the adults that are known. */
function completeParty(known: Party | undefined, said: Party): Party {
  if (said.adults > 0 || said.children === 0 || known === undefined) return said;
  return { adults: known.adults, children: said.children, total: known.adults + said.children };
}

function mergeDates(state: ConversationState, said: Understanding): Merged {
  const { checkIn, checkOut, nights, window } = said;
  if (checkIn !== null && checkOut !== null) return merged(setStay(state, checkIn, checkOut));
  if (
    checkIn !== null &&
    state.expecting === 'checkOut' &&
    isLaterThanKnown(state, checkIn) &&
    !said.intents.includes('change')
  )
    return merged(setStay(state, state.checkIn!, checkIn));
  if (checkIn !== null) return merged(setCheckIn(state, checkIn, nights));
  if (checkOut !== null) return setCheckOut(state, checkOut, nights);
  if (window !== null) return merged(setWindow(nights === null ? state : { ...state, nights }, window));
  if (nights !== null) return merged(setNights(state, nights));
  return { state, mentioned: false, problem: null };
}

/** Dates that were said take the place of doubtful ones. */
function merged(state: ConversationState): Merged {
  return { state: without(state, 'proposed'), mentioned: true, problem: null };
}

function isLaterThanKnown(state: ConversationState, date: CalendarDate): boolean {
  return state.checkIn !== undefined && state.checkOut === undefined && date > state.checkIn;
}

export function setStay(state: ConversationState, checkIn: CalendarDate, checkOut: CalendarDate): ConversationState {
  return withSlots(without(state, 'nights', 'window', 'proposed'), { checkIn, checkOut });
}

function setCheckIn(state: ConversationState, checkIn: CalendarDate, saidNights: number | null): ConversationState {
  const nights = saidNights ?? state.nights;
  const base = without(state, 'window');
  if (nights !== undefined) return withSlots({ ...base, nights }, { checkIn, checkOut: addDays(checkIn, nights) });
  if (state.checkOut !== undefined && state.checkOut > checkIn)
    return withSlots(base, { checkIn, checkOut: state.checkOut });
  return withSlots(without(base, 'checkOut'), { checkIn });
}

function setCheckOut(state: ConversationState, checkOut: CalendarDate, saidNights: number | null): Merged {
  const base = without(state, 'window');
  if (saidNights !== null)
    return merged(withSlots({ ...base, nights: saidNights }, { checkIn: addDays(checkOut, -saidNights), checkOut }));
  if (state.checkIn === undefined) {
    const checkIn = state.nights === undefined ? undefined : addDays(checkOut, -state.nights);
    return merged(withSlots(base, { checkOut, ...(checkIn === undefined ? {} : { checkIn }) }));
  }
  const meant = sameDayBefore(state.checkIn, checkOut);
  if (meant <= state.checkIn)
    return { state, mentioned: true, problem: { type: 'reversed', checkIn: state.checkIn, checkOut: meant } };
  return merged(withSlots(without(base, 'nights'), { checkIn: state.checkIn, checkOut }));
}

/**
 * "Hasta el 8 de enero" after a check-in on the 10th is read as next year's by who looks for the next one to come; nobody
 * stays that long, so the day of the same year is meant and named.
 */
function sameDayBefore(checkIn: CalendarDate, checkOut: CalendarDate): CalendarDate {
  const yearEarlier = `${Number(checkOut.slice(0, 4)) - 1}${checkOut.slice(4)}`;
  const isFar = daysBetween(checkIn, checkOut) > maxNights;
  return isFar && isCalendarDate(yearEarlier) && yearEarlier <= checkIn ? yearEarlier : checkOut;
}

export function setNights(state: ConversationState, nights: number): ConversationState {
  const known = { ...state, nights };
  if (state.checkIn !== undefined)
    return withSlots(known, { checkIn: state.checkIn, checkOut: addDays(state.checkIn, nights) });
  if (state.checkOut !== undefined)
    return withSlots(known, { checkIn: addDays(state.checkOut, -nights), checkOut: state.checkOut });
  return known;
}

/** Where free stays are looked for, instead of exact dates; the length that was known stays. */
export function setWindow(
  state: ConversationState,
  window: { from: CalendarDate; to: CalendarDate },
): ConversationState {
  const base = without(state, 'checkIn', 'checkOut', 'summary', 'offered', 'offeredStays', 'proposed');
  // A stay that was known by its dates keeps its length.
  const length =
    state.checkIn !== undefined && state.checkOut !== undefined
      ? daysBetween(state.checkIn, state.checkOut)
      : undefined;
  const nights = state.nights ?? length;
  return { ...base, window, ...(nights === undefined ? {} : { nights }) };
}

/** The state with these slots; where one really changes, what was shown before no longer holds. */
export function withSlots(
  state: ConversationState,
  slots: { checkIn?: CalendarDate; checkOut?: CalendarDate; party?: Party; accommodationId?: number },
): ConversationState {
  const next = { ...state, ...slots };
  const hasSameDates = next.checkIn === state.checkIn && next.checkOut === state.checkOut;
  if (!hasSameDates) return without(next, 'summary', 'offered', 'offeredStays', 'proposed');
  // Another party leaves open whether doubtful dates were meant.
  if (!isSameParty(next.party, state.party)) return without(next, 'summary', 'offered', 'offeredStays');
  return next.accommodationId === state.accommodationId ? next : without(next, 'summary');
}

export function isSameParty(a: Party | undefined, b: Party | undefined): boolean {
  return a?.adults === b?.adults && a?.children === b?.children;
}

/** The state less some of its fields. */
export function without(state: ConversationState, ...keys: (keyof ConversationState)[]): ConversationState {
  const rest = { ...state };
  for (const key of keys) delete rest[key];
  return rest;
}
