import type { DateProblem, Intent, Understanding } from '#shared/nlu/understanding.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import { addDays } from '../stay.ts';
import { parseChoice, type Choice } from './choice-ids.ts';
import type { ConversationState, GuestMessage, Look, Summary } from './conversation.ts';
import { mergeSlots, setNights, setStay, withSlots, without, type SlotProblem } from './merge-slots.ts';
import {
  findNamedUnits,
  findOrdinal,
  foldWords,
  saysBookIt,
  wantsAnother,
  wantsCheapest,
  wantsLargest,
  whatToChange,
} from './pick-unit.ts';

export type Topic = 'amenities' | 'location' | 'photos' | 'checkin_info' | 'pets' | 'policies' | 'payment';
export type MediaKind = 'audio' | 'image' | 'video' | 'document' | 'location' | 'contacts' | 'other';

/** What a guest wants with a message, besides what it says about dates, party and unit. */
export type Wish =
  | { type: 'human' }
  /** `shown`: what the tapped button had shown; null for a typed or spoken yes. */
  | { type: 'confirm'; shown: Summary | null }
  | { type: 'cancel_yes'; reservationId: ReservationId | null }
  | { type: 'cancel_no' }
  | { type: 'cancel'; reservationId: ReservationId | null; text: string }
  | { type: 'bookings' }
  /** `text`: the guest's own words, so that the answer can be as narrow as the question. */
  | { type: 'topic'; topic: Topic; accommodationId: AccommodationId | null; text: string }
  | { type: 'help' }
  | { type: 'start_over' }
  /** Availability, price, or anything that moves the booking on. */
  | { type: 'search' }
  | { type: 'change' }
  | { type: 'ask_party_number' }
  | { type: 'several_units' }
  | { type: 'which_unit'; accommodationIds: AccommodationId[] }
  | { type: 'problem'; problem: DateProblem | SlotProblem }
  | { type: 'unclear_dates' }
  | { type: 'unclear_party' }
  | { type: 'greeting' }
  | { type: 'thanks' }
  | { type: 'yes' }
  | { type: 'no' }
  | { type: 'media'; kind: MediaKind }
  | { type: 'unknown' };

export type Reading = {
  state: ConversationState;
  wishes: Wish[];
  /** Something about dates, party or unit was said (even if nothing changed by it). */
  mentionedSlots: boolean;
};

const silentTypes = new Set(['sticker', 'reaction', 'system', 'echo', 'revoke']);
const mediaKinds: Record<string, MediaKind> = {
  audio: 'audio',
  image: 'image',
  video: 'video',
  document: 'document',
  location: 'location',
  contacts: 'contacts',
};

/** A sticker, a reaction or an event: nobody expects an answer. */
export function isSilent(message: GuestMessage): boolean {
  return silentTypes.has(message.type);
}

/** One message laid over the state: the new state and what is wanted. Pure; nothing is looked up but the units' names. */
export function readMessage(state: ConversationState, message: GuestMessage, look: Look): Reading {
  if (isSilent(message)) return { state, wishes: [], mentionedSlots: false };
  const choice = message.choiceId === null ? null : parseChoice(message.choiceId);
  if (choice !== null) return readChoice(state, choice);
  const text = message.text?.trim() ?? '';
  const kind = mediaKinds[message.type];
  if (text === '') return { state, wishes: [{ type: 'media', kind: kind ?? 'other' }], mentionedSlots: false };
  const reading = readText(state, text, message.understanding, look);
  // A caption that says nothing to us: the picture itself is what wants an answer.
  const saysNothing = reading.wishes.every((wish) => wish.type === 'unknown') && !reading.mentionedSlots;
  if (kind !== undefined && kind !== 'audio' && saysNothing) return { ...reading, wishes: [{ type: 'media', kind }] };
  return reading;
}

function readChoice(state: ConversationState, choice: Choice): Reading {
  const done = (next: ConversationState, ...wishes: Wish[]): Reading => ({
    state: next,
    wishes,
    mentionedSlots: false,
  });
  switch (choice.type) {
    case 'unit': {
      const { accommodationId, party, stay } = choice;
      return done(withSlots(setStay(state, stay.checkIn, stay.checkOut), { accommodationId, party }), {
        type: 'search',
      });
    }
    case 'dates': {
      const next = setStay(state, choice.stay.checkIn, choice.stay.checkOut);
      return done(choice.party === null ? next : withSlots(next, { party: choice.party }), { type: 'search' });
    }
    case 'guests': {
      const party = { adults: choice.count, children: 0, total: choice.count };
      return done(withSlots(state, { party }), { type: 'search' });
    }
    case 'nights':
      return done(setNights(state, choice.count), { type: 'search' });
    case 'confirm':
      return done(state, { type: 'confirm', shown: choice.shown });
    case 'cancel':
      return done(state, { type: 'cancel', reservationId: choice.reservationId, text: '' });
    case 'cancel_yes':
      return done(state, { type: 'cancel_yes', reservationId: choice.reservationId });
    case 'cancel_no':
      return done(state, { type: 'cancel_no' });
    case 'change':
      return readChange(state, choice.what);
    case 'menu':
      return done(state, menuWishes[choice.item]);
  }
}

const menuWishes: Record<'availability' | 'bookings' | 'help' | 'human', Wish> = {
  availability: { type: 'search' },
  bookings: { type: 'bookings' },
  help: { type: 'help' },
  human: { type: 'human' },
};

/** What is to be changed is forgotten and asked again; the rest stays. */
function readChange(state: ConversationState, what: 'dates' | 'guests' | 'unit' | null): Reading {
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

/** With these a guest who was asked which booking to cancel talks of something else. */
const elsewhere: readonly Intent[] = [
  'availability',
  'price',
  'amenities',
  'location',
  'photos',
  'checkin_info',
  'pets',
  'policies',
  'payment',
  'my_bookings',
  'help',
  'no',
  'thanks',
  'start_over',
];
const topics: readonly Intent[] = ['amenities', 'location', 'photos', 'checkin_info', 'pets', 'policies', 'payment'];

function readText(before: ConversationState, text: string, said: Understanding, look: Look): Reading {
  const intents = new Set<Intent>(said.intents);
  const wishes: Wish[] = [];
  let state = before;
  if (intents.has('start_over')) {
    state = {};
    wishes.push({ type: 'start_over' });
  }
  if (intents.has('human')) return { state, wishes: [...wishes, { type: 'human' }], mentionedSlots: false };

  if (before.expecting === 'cancel_which' && !elsewhere.some((intent) => intents.has(intent)))
    return { state, wishes: [...wishes, { type: 'cancel', reservationId: null, text }], mentionedSlots: false };

  const picked = pickOrdinal(state, text, look);
  if (picked !== null) return { state: picked, wishes: [...wishes, { type: 'search' }], mentionedSlots: true };

  const preferred = preferAmongShown(state, text, look);
  state = preferred ?? state;
  const answer = readBareAnswer(state, text, said);
  const { state: merged, mentioned, problem } = answer ?? mergeSlots(state, said);
  state =
    said.window !== null && merged.window !== undefined
      ? { ...merged, window: withWeekend(merged.window, text) }
      : merged;

  const units = findNamedUnits(text, look.accommodations, isChoosing(before));
  // House rules about animals are the pets' own text.
  const asked = topics.filter(
    (topic) => intents.has(topic) && !(topic === 'policies' && intents.has('pets')),
  ) as Topic[];
  const isOnlyQuestion =
    asked.length > 0 && !mentioned && !['availability', 'price', 'book', 'yes'].some((i) => intents.has(i as Intent));
  const unitId = units.length === 1 ? units[0]! : null;
  if (unitId !== null && !isOnlyQuestion && !intents.has('cancel') && !intents.has('my_bookings'))
    state = withSlots(state, { accommodationId: unitId });
  const mentionedUnit = unitId !== null && !isOnlyQuestion;
  for (const topic of asked) wishes.push({ type: 'topic', topic, accommodationId: unitId, text });
  if (said.hasPet && !asked.includes('pets'))
    wishes.push({ type: 'topic', topic: 'pets', accommodationId: unitId, text });

  if (problem !== null) wishes.push({ type: 'problem', problem });
  if (said.dateProblem !== null) wishes.push({ type: 'problem', problem: said.dateProblem });
  const unsure = said.ambiguous.includes('checkIn') || said.ambiguous.includes('checkOut');
  if (unsure && said.dateProblem === null && answer === null) {
    state = said.checkIn === null ? state : propose(state, said);
    wishes.push({ type: 'unclear_dates' });
  }
  if (answer?.isProposal) wishes.push({ type: 'unclear_dates' });
  if (said.ambiguous.includes('guests') && answer === null) wishes.push({ type: 'unclear_party' });
  if (units.length > 1 && isChoosing(before)) wishes.push({ type: 'which_unit', accommodationIds: units });

  const mentionedSlots = mentioned || mentionedUnit || preferred !== null;
  const context = { before, state, text, said, intents, mentionedSlots };
  const decided = readYesAndNo(context) ?? readOrders(context);
  state = decided.state;
  wishes.push(...decided.wishes);
  if (intents.has('greeting')) wishes.push({ type: 'greeting' });
  if (intents.has('thanks')) wishes.push({ type: 'thanks' });
  if (mentionedSlots && !wishes.some((wish) => wish.type === 'search')) wishes.push({ type: 'search' });
  if (said.units !== null && said.units > 1) wishes.push({ type: 'several_units' });
  if (wishes.length === 0) wishes.push({ type: 'unknown' });
  return { state, wishes, mentionedSlots };
}

function isChoosing({ expecting }: ConversationState): boolean {
  return expecting === 'choice' || expecting === 'confirmation';
}

/** "la segunda", "the last one": which of the units or dates shown last is meant. */
function pickOrdinal(state: ConversationState, text: string, look: Look): ConversationState | null {
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

/** "la más barata", "la más grande", "otra cabaña", "otras fechas" while things are shown; null when none of these. */
function preferAmongShown(state: ConversationState, text: string, look: Look): ConversationState | null {
  const { offered = [] } = state;
  if (!isChoosing(state) || (offered.length === 0 && state.summary === undefined)) return null;
  if (offered.length > 0 && wantsCheapest(text)) return withSlots(state, { accommodationId: offered[0]! });
  if (offered.length > 0 && wantsLargest(text)) {
    const units = look.accommodations.filter((unit) => offered.includes(unit.id));
    const largest = units.toSorted((a, b) => b.capacity - a.capacity)[0];
    return largest === undefined ? null : withSlots(state, { accommodationId: largest.id });
  }
  if (!wantsAnother(text)) return null;
  const what = whatToChange(text);
  return what === null ? without(state, 'accommodationId', 'summary') : readChange(state, what).state;
}

/** A bare number that the understanding left alone, read by what was asked: a party, or nights that are shown back first. */
function readBareAnswer(
  state: ConversationState,
  text: string,
  said: Understanding,
): { state: ConversationState; mentioned: boolean; problem: null; isProposal?: boolean } | null {
  if (said.guests !== null || said.checkIn !== null || said.checkOut !== null || said.nights !== null) return null;
  const number = /^\d{1,2}$/.test(foldWords(text)) ? Number(foldWords(text)) : null;
  if (number === null) return null;
  if (state.expecting === 'guests' || (state.expecting === 'choice' && state.offered === undefined))
    return {
      state: withSlots(state, { party: { adults: number, children: 0, total: number } }),
      mentioned: true,
      problem: null,
    };
  if (state.expecting === 'checkOut' && state.checkIn !== undefined && number >= 1 && number <= 14) {
    const proposed = { checkIn: state.checkIn, checkOut: addDays(state.checkIn, number) };
    return { state: { ...state, proposed }, mentioned: true, problem: null, isProposal: true };
  }
  return null;
}

function withWeekend(
  window: NonNullable<ConversationState['window']>,
  text: string,
): NonNullable<ConversationState['window']> {
  const isWeekend = /\b(finde|findes|fin de semana|fines de semana|weekends?|fim de semana|fins de semana|fds)\b/.test(
    foldWords(text),
  );
  return isWeekend ? { ...window, isWeekend } : window;
}

/** Dates that may be meant, to be shown back; a yes takes them. */
function propose(state: ConversationState, said: Understanding): ConversationState {
  if (said.checkIn === null) return state;
  const checkOut = said.checkOut ?? (said.nights === null ? null : addDays(said.checkIn, said.nights));
  return { ...state, proposed: { checkIn: said.checkIn, ...(checkOut === null ? {} : { checkOut }) } };
}

type TextContext = {
  before: ConversationState;
  state: ConversationState;
  text: string;
  said: Understanding;
  intents: ReadonlySet<Intent>;
  mentionedSlots: boolean;
};

/** A yes or a no to what was asked last; null when the message is neither, or asks for something else besides. */
function readYesAndNo({
  before,
  state,
  text,
  intents,
  mentionedSlots,
}: TextContext): { state: ConversationState; wishes: Wish[] } | null {
  const isYes = intents.has('yes') && !intents.has('no') && !intents.has('change');
  const isNo = intents.has('no') && !intents.has('yes');
  if (before.expecting === 'cancel_confirmation') {
    const orders = /^(si |sim |yes )?(cancel\w*)( la| lo| it)?( ya| please| por favor)?$/.test(foldWords(text));
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
  if (isNo && before.proposed !== undefined && !mentionedSlots)
    return { state: without(state, 'proposed', 'checkIn', 'checkOut'), wishes: [{ type: 'search' }] };
  // Whatever changed a slot has removed the summary, so a yes can only mean what is still shown.
  if (before.expecting === 'confirmation' && state.summary !== undefined) {
    if (isYes || (saysBookIt(text) && !isNo)) return { state, wishes: [{ type: 'confirm', shown: null }] };
    if (isNo && !mentionedSlots) return { state, wishes: [{ type: 'change' }] };
  }
  if (before.expecting === 'choice' && isYes && state.offered?.length === 1 && !mentionedSlots)
    return { state: withSlots(state, { accommodationId: state.offered[0]! }), wishes: [{ type: 'search' }] };
  return null;
}

/** Everything else that can be wanted, in one message. */
function readOrders({ state, text, intents, mentionedSlots }: TextContext): {
  state: ConversationState;
  wishes: Wish[];
} {
  const wishes: Wish[] = [];
  if (intents.has('cancel')) return { state, wishes: [{ type: 'cancel', reservationId: null, text }] };
  if (intents.has('my_bookings')) wishes.push({ type: 'bookings' });
  if (intents.has('help')) wishes.push({ type: 'help' });
  if (intents.has('availability') || intents.has('price') || intents.has('book')) wishes.push({ type: 'search' });
  if (intents.has('change') && !mentionedSlots) {
    const change = readChange(state, isTalkingOfStay(state) ? whatToChange(text) : null);
    return { state: change.state, wishes: [...wishes, ...change.wishes] };
  }
  const isQuiet = wishes.length === 0 && !mentionedSlots;
  if (intents.has('yes') && isQuiet) wishes.push({ type: 'yes' });
  if (intents.has('no') && isQuiet) wishes.push({ type: 'no' });
  return { state, wishes };
}

/** Is a booking under way in this conversation, so that "change" means it? */
export function isTalkingOfStay(state: ConversationState): boolean {
  const { checkIn, checkOut, nights, party, accommodationId, window } = state;
  return [checkIn, checkOut, nights, party, accommodationId, window].some((slot) => slot !== undefined);
}
