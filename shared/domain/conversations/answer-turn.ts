import type { Language } from './understanding.ts';
import { askNext, askParty } from './ask-next.ts';
import { choiceIds } from './choice-ids.ts';
import { compose, type Say } from './compose.ts';
import type { Act, ConversationState, Look } from './conversation.ts';
import type { Turn } from './turn.ts';
import { formatDate } from './format.ts';
import { findOffers } from './find-offers.ts';
import { act, made, type Main, type Progress } from './main-answer.ts';
import { without } from './merge-slots.ts';
import type { OutboundMessage } from './message.ts';
import { saysPaid } from './pick-unit.ts';
import { askGiveBack, findCredit } from './say-credit.ts';
import { refuseProposed, sayProblem, sayProposed, sayUnclearDates } from './say-doubts.ts';
import { sayOwnBooking } from './say-summary.ts';
import { shareOut } from './several-units.ts';
import { createTalk, findUnit, moneyWords, partyWords, stayWords, type Step, type Talk } from './talk.ts';
import { askCancel, sayBookings } from './tell-bookings.ts';
import { tellFacts } from './tell-facts.ts';
import { tryHold } from './try-hold.ts';
import { isTalkingOfStay, type Wish } from './wishes.ts';

type Answer = { state: ConversationState; act: Act | null; replies: OutboundMessage[] };
/** After so many turns in a row without progress a person takes over. */
const patience = 3;

/** Answers a turn: what was asked in between first, then the one thing that moves the booking on. */
export async function answerTurn(turn: Turn, language: Language, look: Look): Promise<Answer> {
  const talk = createTalk(look, language);
  const aside = await tellAsides(talk, turn);
  const main = await decideMain(talk, turn, aside.isAnswer);
  const turns = main.progress === 'none' ? (turn.before.turnsWithoutProgress ?? 0) + 1 : 0;
  if (main.progress === 'none' && turns >= patience && !turn.isLate && main.act === null)
    return {
      state: { ...main.state, turnsWithoutProgress: 0 },
      act: { type: 'hand_over', reason: 'no_progress' },
      replies: compose(aside.paragraphs, null, aside.images),
    };
  const replies = compose([...aside.paragraphs, ...main.before], main.say, aside.images);
  if (turn.isLate) return { state: turn.before, act: main.act?.type === 'hand_over' ? main.act : null, replies };
  const counted =
    main.progress === 'neutral'
      ? { ...main.state, ...keepCount(turn.before) }
      : { ...main.state, turnsWithoutProgress: turns };
  return { state: counted, act: main.act, replies };
}

function keepCount({ turnsWithoutProgress }: ConversationState): ConversationState {
  return turnsWithoutProgress === undefined ? {} : { turnsWithoutProgress };
}

/** Everything that is answered beside the booking itself: greetings, pictures received, facts. */
async function tellAsides(
  talk: Talk,
  turn: Turn,
): Promise<{ paragraphs: string[]; images: OutboundMessage[]; isAnswer: boolean }> {
  const { words } = talk;
  const paragraphs: string[] = [];
  const images: OutboundMessage[] = [];
  let isAnswer = false;
  if (turn.isLate) paragraphs.push(words.lateMessage);
  if (turn.wishes.some(({ type }) => type === 'start_over')) paragraphs.push(words.startedOver);
  else if (has(turn, 'greeting') && turn.wishes.length > 1 && !isTalkingOfStay(turn.before))
    paragraphs.push(words.hello);
  for (const wish of unique(turn.wishes)) {
    if (wish.type === 'media')
      paragraphs.push(wish.voiceProblem ? words.voiceProblems[wish.voiceProblem] : words.media[wish.kind]);
    if (wish.type === 'topic' && wish.topic === 'payment' && saysPaid(wish.text)) {
      const own = await tellPaid(talk);
      paragraphs.push(...own);
      isAnswer ||= own.length > 0;
      if (own.length > 0) continue;
    }
    if (wish.type === 'topic') {
      const told = tellFacts(talk, wish, turn.state.accommodationId);
      paragraphs.push(...told.paragraphs);
      images.push(...told.images);
      if (wish.topic === 'payment') paragraphs.push(...(await tellHolds(talk)));
      isAnswer = true;
    }
    // "Quería saber" in a burst whose other messages say what.
    if (wish.type === 'help' && !has(turn, 'search', 'topic', 'confirm')) {
      paragraphs.push(words.help);
      isAnswer = true;
    }
  }
  if (turn.isReadBack) paragraphs.push(...readBack(talk, turn.state));
  return { paragraphs, images, isAnswer };
}

function unique(wishes: readonly Wish[]): Wish[] {
  const seen = new Set<string>();
  return wishes.filter((wish) => {
    const key = JSON.stringify(wish);
    return !seen.has(key) && seen.add(key);
  });
}

/** Who says that the payment is made wants to know what happens next, not how to pay. */
async function tellPaid(talk: Talk): Promise<string[]> {
  const own = await talk.look.bookings();
  if (own.some(({ reservation }) => reservation.status === 'held')) return [talk.words.paymentAwaited];
  return own.map((booking) => sayOwnBooking(talk, booking).say.text);
}

/** Who asks how to pay and has a hold wants its link. */
async function tellHolds(talk: Talk): Promise<string[]> {
  const held = (await talk.look.bookings()).filter(({ reservation }) => reservation.status === 'held');
  return held.map((booking) => sayOwnBooking(talk, booking).say.text);
}

/** "Entendí: del 10 al 14 de enero, 4 personas." — what a voice note said is read back before anything is held. */
function readBack(talk: Talk, { checkIn, checkOut, party, accommodationId }: ConversationState): string[] {
  const { words, look, language } = talk;
  const date = (day: string): string => formatDate(day, look.today, language);
  const dates =
    checkIn !== undefined && checkOut !== undefined
      ? [stayWords(talk, { checkIn, checkOut })]
      : [
          ...(checkIn === undefined ? [] : [words.arrivingOn(date(checkIn))]),
          ...(checkOut === undefined ? [] : [words.leavingOn(date(checkOut))]),
        ];
  const unit = findUnit(talk, accommodationId);
  const parts = [
    ...dates,
    ...(party === undefined ? [] : [partyWords(talk, party)]),
    ...(unit === undefined ? [] : [unit.name]),
  ];
  return parts.length === 0 ? [] : [words.understood(parts.join(', '))];
}

function has(turn: Turn, ...types: Wish['type'][]): boolean {
  return turn.wishes.some(({ type }) => types.includes(type));
}
function last<T extends Wish['type']>(turn: Turn, type: T): Extract<Wish, { type: T }> | undefined {
  return turn.wishes.findLast((wish): wish is Extract<Wish, { type: T }> => wish.type === type);
}

/** The one thing that a turn comes to; what weighs most goes first. */
async function decideMain(talk: Talk, turn: Turn, isAnswered: boolean): Promise<Main> {
  const { look, words } = talk;
  const { state } = turn;
  if (has(turn, 'human')) return act(state, { type: 'hand_over', reason: 'asked' });
  const confirm = last(turn, 'confirm');
  if (confirm !== undefined) return tryHold(talk, turn, confirm.shown);
  const cancelYes = last(turn, 'cancel_yes');
  if (cancelYes !== undefined) {
    const wanted = cancelYes.reservationId ?? state.cancelling;
    const own = await look.bookings();
    const isOurs = own.some(({ reservation }) => reservation.id === wanted);
    // A button of an older question: what it costs may have changed since, so it is asked again.
    if (wanted !== undefined && wanted === state.cancelling && isOurs && !turn.isLate)
      return act(state, { type: 'cancel', reservationId: wanted });
    return made(askCancel(talk, state, own, { reservationId: wanted ?? null, text: '' }));
  }
  if (has(turn, 'cancel_no')) return keepBooking(talk, state);
  const giveBack = last(turn, 'give_back');
  if (giveBack !== undefined) return act(state, { type: 'give_back', offerId: giveBack.offerId });
  const cancel = last(turn, 'cancel');
  const bookings = cancel === undefined ? [] : await look.bookings();
  // "¿Se puede cancelar?" of somebody who has not booked asks for the policy, which is answered beside.
  const isPolicy = bookings.length === 0 && turn.wishes.some((w) => w.type === 'topic' && w.topic === 'policies');
  const credit = cancel === undefined || bookings.length > 0 ? null : await findCredit(talk);
  if (credit !== null) return made(askGiveBack(talk, state, credit));
  if (cancel !== undefined && !isPolicy) {
    const step = askCancel(talk, state, bookings, cancel);
    return { ...step, act: null, progress: isAnswered ? 'made' : progressOf(turn.before, step.state) };
  }
  if (has(turn, 'bookings')) return made(sayBookings(talk, state, await look.bookings()));
  const problem = last(turn, 'problem');
  if (problem !== undefined) return sayProblem(talk, state, problem.problem);
  if (has(turn, 'unclear_dates')) {
    const refused = refuseProposed(talk, state);
    return refused === null ? sayUnclearDates(talk, state) : { ...(await refused), act: null, progress: 'none' };
  }
  if (has(turn, 'unclear_party')) return { ...askParty(talk, state, words.unclearParty), act: null, progress: 'none' };
  if (has(turn, 'later')) return sayLater(talk, state);
  if (has(turn, 'haggle')) {
    const haggled = await sayCheapest(talk, turn);
    if (haggled !== null) return haggled;
  }
  if (has(turn, 'change')) return askChange(talk, turn, isAnswered);
  if (has(turn, 'ask_party_number'))
    return made({ state: { ...state, expecting: 'guests' }, before: [], say: { text: words.askPartyNumber } });
  if (has(turn, 'search', 'which_unit')) return search(talk, turn, isAnswered);
  return answerTheRest(talk, turn, isAnswered);
}

/** Did a turn bring anything new? What was shown when does not count. */
function progressOf(before: ConversationState, after: ConversationState): Progress {
  const essence = (state: ConversationState): string => {
    const { turnsWithoutProgress: _turns, summary, ...rest } = state;
    const shown = summary === undefined ? null : { ...summary, shownAt: null };
    return JSON.stringify(Object.entries({ ...rest, shown }).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  return essence(before) === essence(after) ? 'none' : 'made';
}

async function search(talk: Talk, turn: Turn, isAnswered: boolean): Promise<Main> {
  const state = shareOut(turn.state);
  const { proposed, checkIn, checkOut, party, several: shared } = state;
  const isNewShare = shared?.whole !== undefined && state !== turn.state;
  const several = isNewShare
    ? [
        talk.words.sharedOut({
          units: shared.left,
          party: partyWords(talk, shared.whole!),
          share: partyWords(talk, party!),
        }),
      ]
    : has(turn, 'several_units')
      ? [talk.words.oneAtATime]
      : [];
  if (proposed !== undefined && (checkIn === undefined || checkOut === undefined))
    return { ...sayProposed(talk, state, proposed), act: null, progress: progressOf(turn.before, state) };
  const isRepeated = isAnswered && progressOf(turn.before, state) === 'none';
  const step = await askNext(talk, state, isRepeated);
  const progress = isAnswered ? 'made' : progressOf(turn.before, step.state);
  const isMissing = ['guests', 'dates', 'checkIn', 'checkOut'].includes(step.state.expecting ?? '');
  const asksPrice = turn.wishes.some((wish) => wish.type === 'search' && wish.asksPrice);
  const price = asksPrice && isMissing && step.state.offeredStays === undefined ? [talk.words.forThePrice] : [];
  return { ...step, before: [...several, ...step.before, ...price], act: null, progress };
}

/** "Te aviso": nothing is asked; what was shown stays, and a summary is put again so that a yes finds it. */
async function sayLater(talk: Talk, state: ConversationState): Promise<Main> {
  if (state.summary !== undefined) return { ...(await remind(talk, state)), act: null, progress: 'neutral' };
  return { state, before: [], say: { text: talk.words.later }, act: null, progress: 'neutral' };
}

/** "Muy caro", "¿algo más barato?": the cheapest of these dates by its name, and what else can be done; null without dates. */
async function sayCheapest(talk: Talk, { state }: Turn): Promise<Main | null> {
  const { checkIn, checkOut, party } = state;
  if (checkIn === undefined || checkOut === undefined || party === undefined) return null;
  const { units } = await findOffers(talk.look, { checkIn, checkOut }, party);
  const cheapest = units[0];
  if (cheapest === undefined) return null;
  const total = moneyWords(talk, cheapest.quote.totalCents, cheapest.quote.currency);
  const said = talk.words.cheapest({ unit: cheapest.accommodation.name, total });
  const step = await remind(talk, state);
  return { ...step, before: [said, ...step.before], act: null, progress: 'made' };
}

async function answerTheRest(talk: Talk, turn: Turn, isAnswered: boolean): Promise<Main> {
  const { words, look } = talk;
  const { state } = turn;
  const quiet = (say: Say | null, progress: Progress): Main => ({ state, before: [], say, act: null, progress });
  const isOpen = isTalkingOfStay(state) || state.expecting !== undefined;
  if (has(turn, 'several_units') && !isOpen) return search(talk, turn, isAnswered);
  if (isAnswered) {
    if (isOpen) return { ...(await remind(talk, state)), act: null, progress: 'made' };
    if (has(turn, 'help')) return quiet(menu(talk, ''), 'made');
    // Who has booked asks about the stay, not for another one.
    return quiet((await look.bookings()).length > 0 ? null : { text: words.shallILook }, 'made');
  }
  if (has(turn, 'unknown')) {
    const count = turn.before.turnsWithoutProgress ?? 0;
    const hint = count > 0 ? [words.offerPerson] : [];
    if (!isOpen) return { ...quiet({ text: [words.unknown, ...hint].join('\n\n') }, 'none') };
    const step = await remind(talk, state);
    return { ...step, before: [words.notUnderstood, ...hint, ...step.before], act: null, progress: 'none' };
  }
  if (has(turn, 'media')) {
    if (!isOpen) return quiet(null, 'none');
    return { ...(await remind(talk, state)), act: null, progress: 'none' };
  }
  if (has(turn, 'start_over'))
    return made({ state: { ...state, expecting: 'dates' }, before: [], say: { text: words.askDates } });
  if (has(turn, 'greeting')) {
    if (!isTalkingOfStay(state)) return welcome(talk, state);
    const step = await remind(talk, state);
    return { ...step, before: [words.hello, ...step.before], act: null, progress: 'neutral' };
  }
  if (has(turn, 'goodbye')) return quiet({ text: words.goodbye }, 'neutral');
  if (has(turn, 'thanks') && state.summary !== undefined && state.expecting === 'confirmation') {
    const step = await remind(talk, state);
    return { ...step, before: [words.thanks, ...step.before], act: null, progress: 'neutral' };
  }
  if (has(turn, 'thanks')) return quiet({ text: words.thanks }, 'neutral');
  return sayOkay(talk, state);
}

/** Minutes in which a second greeting is no new beginning. */
const welcomeMinutes = 60;

/** The welcome with its menu; to who only keeps greeting, what to write and a person instead of the same again. */
function welcome(talk: Talk, state: ConversationState): Main {
  const { words, look } = talk;
  const since = state.welcomedAt === undefined ? Infinity : look.now.getTime() - Date.parse(state.welcomedAt);
  if (since < welcomeMinutes * 60_000) {
    const buttons = [
      { id: choiceIds.menu('availability'), title: words.menuAvailability },
      { id: choiceIds.menu('human'), title: words.talkToPerson },
    ];
    return { state, before: [], say: { text: words.helloAgain, buttons }, act: null, progress: 'neutral' };
  }
  const next = { ...state, welcomedAt: look.now.toISOString() };
  const say = menu(talk, words.welcome(look.lodging.name));
  return { state: next, before: [], say, act: null, progress: 'neutral' };
}

function menu({ words }: Talk, text: string): Say {
  return {
    text: text === '' ? '👇' : text,
    buttons: [
      { id: choiceIds.menu('availability'), title: words.menuAvailability },
      { id: choiceIds.menu('bookings'), title: words.menuBookings },
      ...(text === ''
        ? [{ id: choiceIds.menu('human'), title: words.talkToPerson }]
        : [{ id: choiceIds.menu('help'), title: words.menuHelp }]),
    ],
  };
}

/** The pending question once more, gently and in short. */
async function remind(talk: Talk, state: ConversationState): Promise<Step> {
  if (state.expecting === 'cancel_confirmation' || state.expecting === 'cancel_which')
    return askCancel(talk, state, await talk.look.bookings(), { reservationId: state.cancelling ?? null, text: '' });
  if (state.proposed !== undefined) return sayProposed(talk, state, state.proposed);
  return askNext(talk, state, true);
}

/** A yes or a no to nothing: with a hold waiting for its deposit, that is what matters. */
async function sayOkay(talk: Talk, state: ConversationState): Promise<Main> {
  if (isTalkingOfStay(state) || state.expecting !== undefined)
    return { ...(await remind(talk, state)), act: null, progress: 'none' };
  const held = (await talk.look.bookings()).find(({ reservation }) => reservation.status === 'held');
  const text = held === undefined ? talk.words.okay : sayOwnBooking(talk, held).say.text;
  return { state, before: [], say: { text }, act: null, progress: 'neutral' };
}

/** What to change, when the guest did not say; of a booking already made a person changes it. */
async function askChange(talk: Talk, turn: Turn, isAnswered: boolean): Promise<Main> {
  const { words, look } = talk;
  const { state } = turn;
  if (!isTalkingOfStay(turn.before) && (await look.bookings()).length > 0) {
    const buttons = [
      { id: choiceIds.menu('human'), title: words.talkToPerson },
      { id: choiceIds.menu('availability'), title: words.menuAvailability },
    ];
    return made({ state: turn.before, before: [], say: { text: words.changeBooked, buttons } });
  }
  if (!isTalkingOfStay(turn.before)) return search(talk, turn, isAnswered);
  const buttons = [
    { id: choiceIds.change('dates'), title: words.changeDates },
    { id: choiceIds.change('guests'), title: words.changeParty },
    { id: choiceIds.change('unit'), title: words.changeUnit },
  ];
  // The summary goes: a yes after "what to change?" must not hold it.
  const next: ConversationState = { ...without(state, 'summary'), expecting: 'choice' };
  return made({ state: next, before: [], say: { text: words.askWhatToChange, buttons } });
}

async function keepBooking(talk: Talk, state: ConversationState): Promise<Main> {
  const next = without(state, 'cancelling', 'expecting');
  const kept = (await talk.look.bookings()).find(({ reservation }) => reservation.id === state.cancelling);
  const text =
    kept === undefined
      ? talk.words.okay
      : talk.words.kept({ unit: kept.accommodation.name, stay: stayWords(talk, kept.reservation) });
  return made({ state: next, before: [], say: { text } });
}
