import type { Stay } from '../stay.ts';
import { maxDaysAhead, maxNights } from '../stay.ts';
import { choiceIds } from './choice-ids.ts';
import type { Say } from './compose.ts';
import type { ConversationState } from './conversation.ts';
import { findOffers, findStayProblem, judgeUnit } from './find-offers.ts';
import { formatDate, formatNights, formatPeople } from './format.ts';
import { without } from './merge-slots.ts';
import { sayAlternatives, sayOffers, sayTooMany, sayWindow } from './say-offers.ts';
import { findOwnBooking, sayOwnBooking, saySummary } from './say-summary.ts';
import { findUnit, stayWords, type Step, type Talk } from './talk.ts';

/**
 * The next step of a booking from what is known: the question that is missing, what is free, or the summary. `isReminder`
 * asks it again in short, after a question in between.
 */
export async function askNext(talk: Talk, state: ConversationState, isReminder = false): Promise<Step> {
  const { checkIn, checkOut, party, window } = state;
  if (talk.look.accommodations.length === 0) return sayNothingToOffer(talk, state);
  // Nobody, or children without an adult.
  if (party !== undefined && party.adults < 1)
    return askParty(
      talk,
      without(state, 'party'),
      party.total < 1 ? talk.words.problems.notAParty : talk.words.unclearParty,
    );
  if (checkIn !== undefined && checkOut !== undefined) return withStay(talk, state, { checkIn, checkOut }, isReminder);
  if (party !== undefined && party.total > largestCapacity(talk)) return sayTooMany(talk, state, party, null);
  if (checkIn !== undefined) return askCheckOut(talk, state, checkIn);
  if (window !== undefined) return party === undefined ? askParty(talk, state) : sayWindow(talk, state, party);
  if (checkOut !== undefined || state.nights !== undefined) return askCheckIn(talk, state);
  return { state: { ...state, expecting: 'dates' }, before: [], say: { text: talk.words.askDates } };
}

/** A lodging without units (all closed, or not set up yet): only a person can help. */
function sayNothingToOffer({ words }: Talk, state: ConversationState): Step {
  const buttons = [{ id: choiceIds.menu('human'), title: words.talkToPerson }];
  return { state, before: [], say: { text: words.windowNone, buttons } };
}

function largestCapacity({ look }: Talk): number {
  return Math.max(0, ...look.accommodations.map((unit) => unit.capacity));
}

function askCheckIn(talk: Talk, state: ConversationState): Step {
  const { look, language, words } = talk;
  const until = state.checkOut === undefined ? null : formatDate(state.checkOut, look.today, language);
  const nights = state.nights === undefined ? null : formatNights(state.nights, language);
  return { state: { ...state, expecting: 'checkIn' }, before: [], say: { text: words.askCheckIn({ until, nights }) } };
}

function askCheckOut(talk: Talk, state: ConversationState, checkIn: string): Step {
  const { look, language, words } = talk;
  if (checkIn < look.today)
    return refuseDates(talk, state, words.problems.past(formatDate(checkIn, look.today, language)));
  const buttons = [1, 2, 3].map((count) => ({ id: choiceIds.nights(count), title: formatNights(count, language) }));
  const text = words.askCheckOut(formatDate(checkIn, look.today, language));
  return { state: { ...state, expecting: 'checkOut' }, before: [], say: { text, buttons } };
}

/** How many people: buttons for the usual sizes, and any other number in words. */
export function askParty(talk: Talk, state: ConversationState, text = talk.words.askParty): Step {
  const { words, language } = talk;
  const largest = largestCapacity(talk);
  const counts = [2, 4].filter((count) => count <= largest);
  const buttons = counts.map((count) => ({ id: choiceIds.guests(count), title: formatPeople(count, language) }));
  const say: Say =
    buttons.length === 0
      ? { text }
      : { text, buttons: [...buttons, { id: choiceIds.change('guests'), title: words.otherNumber }] };
  return { state: { ...state, expecting: 'guests' }, before: [], say };
}

/** Dates that cannot be: named, forgotten, asked again. */
function refuseDates(talk: Talk, state: ConversationState, text: string, say: Partial<Say> = {}): Step {
  const base = without(
    state,
    'checkIn',
    'checkOut',
    'nights',
    'window',
    'summary',
    'offered',
    'offeredStays',
    'proposed',
  );
  return { state: { ...base, expecting: 'dates' }, before: [], say: { text, ...say } };
}

function withStay(talk: Talk, state: ConversationState, stay: Stay, isReminder: boolean): Promise<Step> | Step {
  const { look, language, words } = talk;
  const date = (day: string): string => formatDate(day, look.today, language);
  switch (findStayProblem(stay, look)) {
    case 'reversed':
      return refuseDates(
        talk,
        state,
        words.problems.datesReversed({ checkIn: date(stay.checkIn), checkOut: date(stay.checkOut) }),
      );
    case 'past':
      return refuseDates(talk, state, words.problems.past(date(stay.checkIn)));
    case 'too_far_ahead':
      return refuseDates(talk, state, words.problems.tooFarAhead(Math.round(maxDaysAhead / 30)));
    case 'stay_too_long':
      return refuseDates(talk, state, words.problems.tooLong(maxNights));
    case null:
      return withGoodStay(talk, state, stay, isReminder);
  }
}

async function withGoodStay(talk: Talk, state: ConversationState, stay: Stay, isReminder: boolean): Promise<Step> {
  const { look, words } = talk;
  const { party } = state;
  if (party === undefined) {
    const late = look.accommodations.map((unit) => judgeUnit(unit, stay, { adults: 1, children: 0, total: 1 }, look));
    if (late.length > 0 && late.every((error) => error?.code === 'too_late_today')) return sayTooLate(talk, state);
    return askParty(talk, state, isReminder ? words.askParty : words.askPartyFor(stayWords(talk, stay)));
  }
  if (party.total > largestCapacity(talk)) return sayTooMany(talk, state, party, stay);
  const search = { stay, party };
  const unit = findUnit(talk, state.accommodationId);
  const offers = await findOffers(look, stay, party);
  if (unit !== undefined) {
    if (offers.units.some(({ accommodation }) => accommodation.id === unit.id))
      return saySummary(talk, state, unit, search, isReminder && state.summary !== undefined);
    const own = await findOwnBooking(talk, unit.id, stay);
    if (own !== undefined) return sayOwnBooking(talk, own);
    const error = judgeUnit(unit, stay, party, look);
    if (error?.code === 'too_many_guests') {
      const reason = words.unitTooSmall({ name: unit.name, capacity: unit.capacity });
      const rest = without(state, 'accommodationId');
      if (offers.units.length > 0) return prefixed([reason], sayOffers(talk, rest, search, offers.units, false));
      return prefixed([reason], await sayAlternatives(talk, rest, search, { offers }));
    }
    if (error?.code === 'too_late_today') return sayTooLate(talk, state);
    const reason =
      error?.code === 'stay_too_short'
        ? words.problems.minNightsOfUnit({
            unit: unit.name,
            nights: Number(error.data.minNights),
            stay: stayWords(talk, stay),
          })
        : words.unitTaken({ unit: unit.name, stay: stayWords(talk, stay) });
    return sayAlternatives(talk, state, search, { offers, unitId: unit.id, reason });
  }
  if (offers.units.length > 0)
    return sayOffers(talk, state, search, offers.units, isReminder && state.offered !== undefined);
  if (offers.refused.length > 0 && offers.refused.every(({ error }) => error.code === 'too_late_today'))
    return sayTooLate(talk, state);
  return prefixed(await noteOwnBooking(talk, stay), await sayAlternatives(talk, state, search, { offers }));
}

function prefixed(before: readonly string[], step: Step): Step {
  return { ...step, before: [...before, ...step.before] };
}

/** Nothing is free, maybe because the guest already has it: said before anything else. */
async function noteOwnBooking(talk: Talk, stay: Stay): Promise<string[]> {
  const own = (await talk.look.bookings()).find(
    ({ reservation }) => reservation.checkIn === stay.checkIn && reservation.checkOut === stay.checkOut,
  );
  return own === undefined ? [] : [sayOwnBooking(talk, own).say.text];
}

/** Tonight is too late for every unit: the hour is named, and a person may still say yes. */
function sayTooLate(talk: Talk, state: ConversationState): Step {
  const { words, look } = talk;
  const hour = Math.max(...look.accommodations.map((unit) => unit.lastArrivalHour));
  return refuseDates(talk, state, words.problems.tooLateToday(hour), {
    buttons: [
      { id: choiceIds.menu('human'), title: words.talkToPerson },
      { id: choiceIds.change('dates'), title: words.otherDates },
    ],
  });
}
