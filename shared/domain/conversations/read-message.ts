import type { Intent, Understanding } from './understanding.ts';
import { parseChoice, type Choice } from './choice-ids.ts';
import type { ConversationState, GuestMessage, Look } from './conversation.ts';
import { mergeSlots, setNights, setStay, withSlots, without } from './merge-slots.ts';
import { asksRefund, findNamedUnits, rejectsUnit, saysGoodbye, saysPaid, whatToChange } from './pick-unit.ts';
import { asksForPerson, haggles, isLaughter, saysLater } from './small-talk.ts';
import { isThumb } from './plain-yes.ts';
import {
  isChoosing,
  pickOrdinal,
  pickOnlyName,
  preferAmongShown,
  propose,
  readBareAnswer,
  readKnownStay,
  withWeekend,
} from './read-answers.ts';
import { preferWindow } from './prefer-window.ts';
import { readChange } from './read-change.ts';
import { readYesAndNo, type TextContext } from './read-yes-and-no.ts';
import { wantUnits } from './several-units.ts';
import { isTalkingOfStay, type MediaKind, type Reading, type Topic, type Wish } from './wishes.ts';

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
  if (message.type === 'opened') return { state, wishes: [{ type: 'greeting' }], mentionedSlots: false };
  const choice = message.choiceId === null ? null : parseChoice(message.choiceId);
  if (choice !== null) return readChoice(state, choice);
  const text = message.text?.trim() ?? '';
  const kind = mediaKinds[message.type];
  if (text === '') {
    const problem = message.voiceProblem ? { voiceProblem: message.voiceProblem } : {};
    return { state, wishes: [{ type: 'media', kind: kind ?? 'other', ...problem }], mentionedSlots: false };
  }
  const reading = readText(state, text, preferWindow(message.understanding), look);
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
    case 'check_in':
      return done(withSlots(without(state, 'checkOut', 'proposed'), { checkIn: choice.checkIn }), { type: 'search' });
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
    case 'give_back':
      return done(state, { type: 'give_back', offerId: choice.offerId });
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
  const asksPerson = before.expecting !== 'guests' && !isTalkingOfStay(before) && asksForPerson(text);
  if (intents.has('human') || asksPerson)
    return { state, wishes: [...wishes, { type: 'human' }], mentionedSlots: false };

  if (before.expecting === 'cancel_which' && !elsewhere.some((intent) => intents.has(intent)))
    return { state, wishes: [...wishes, { type: 'cancel', reservationId: null, text }], mentionedSlots: false };

  const picked = pickOrdinal(state, text, look) ?? pickOnlyName(state, text, look);
  if (picked !== null) return { state: picked, wishes: [...wishes, { type: 'search' }], mentionedSlots: true };

  const preferred = preferAmongShown(state, text, look, intents.has('no'));
  state = preferred ?? state;
  const knownStay = readKnownStay(state, text, said);
  const answer = readBareAnswer(state, text, said);
  const { state: merged, mentioned: wasSaid, problem } = answer ?? mergeSlots(knownStay ?? state, said);
  const mentioned = wasSaid || knownStay !== null;
  state =
    said.window !== null && merged.window !== undefined
      ? { ...merged, window: withWeekend(merged.window, text) }
      : merged;

  const units = findNamedUnits(text, look.accommodations, isChoosing(before));
  // House rules about animals are the pets' own text.
  const asked = topics.filter(
    (topic) =>
      intents.has(topic) &&
      !(topic === 'policies' && intents.has('pets')) &&
      !(topic === 'payment' && intents.has('policies') && asksRefund(text)),
  ) as Topic[];
  const isOnlyQuestion =
    asked.length > 0 && !mentioned && !['availability', 'price', 'book', 'yes'].some((i) => intents.has(i as Intent));
  const unitId = units.length === 1 && !rejectsUnit(text) ? units[0]! : null;
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
  const context = { before, state, text, said, intents, mentionedSlots, look };
  const decided = readYesAndNo(context) ?? readOrders(context);
  state = decided.state;
  wishes.push(...decided.wishes);
  if (saysGoodbye(text)) wishes.push({ type: 'goodbye' });
  else if (intents.has('greeting')) wishes.push({ type: 'greeting' });
  if (intents.has('thanks')) wishes.push({ type: 'thanks' });
  if (mentionedSlots && !wishes.some((wish) => wish.type === 'search')) wishes.push({ type: 'search' });
  if (said.units !== null && said.units > 1) wishes.push({ type: 'several_units' });
  if (said.units !== null) state = wantUnits(state, said.units);
  const isQuiet = !mentionedSlots && !wishes.some(({ type }) => loud.has(type));
  if (isQuiet && saysLater(text)) return { state, wishes: [{ type: 'later' }], mentionedSlots };
  if (isQuiet && preferred === null && haggles(text)) wishes.push({ type: 'haggle' });
  if (wishes.length === 0 && (isThumb(text) || isLaughter(text))) wishes.push({ type: 'yes' });
  if (wishes.length === 0) wishes.push({ type: 'unknown' });
  return { state, wishes, mentionedSlots };
}

/** What has to be answered before a "te aviso" or "muy caro" counts. */
const loud = new Set<Wish['type']>([
  'human',
  'start_over',
  'confirm',
  'cancel',
  'cancel_yes',
  'cancel_no',
  'bookings',
  'topic',
  'problem',
  'unclear_dates',
  'unclear_party',
]);

/** Everything else that can be wanted, in one message. */
function readOrders({ before, state, text, intents, mentionedSlots }: TextContext): {
  state: ConversationState;
  wishes: Wish[];
} {
  const wishes: Wish[] = [];
  if (intents.has('cancel')) return { state, wishes: [{ type: 'cancel', reservationId: null, text }] };
  if (intents.has('my_bookings') && !saysPaid(text)) wishes.push({ type: 'bookings' });
  if (intents.has('help')) wishes.push({ type: 'help' });
  if (intents.has('price')) wishes.push({ type: 'search', asksPrice: true });
  else if (intents.has('availability') || intents.has('book')) wishes.push({ type: 'search' });
  // Slots beside it change the stay that is talked of; with none, a booking is meant.
  if (intents.has('change') && mentionedSlots && !isTalkingOfStay(before)) wishes.push({ type: 'change' });
  if (intents.has('change') && !mentionedSlots) {
    const change = readChange(state, isTalkingOfStay(state) ? whatToChange(text) : null);
    return { state: change.state, wishes: [...wishes, ...change.wishes] };
  }
  const isQuiet = wishes.length === 0 && !mentionedSlots;
  if (intents.has('yes') && isQuiet) wishes.push({ type: 'yes' });
  if (intents.has('no') && isQuiet) wishes.push({ type: 'no' });
  return { state, wishes };
}
