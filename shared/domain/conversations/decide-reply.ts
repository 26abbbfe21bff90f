import type { Language, UnderstandOptions } from './understanding.ts';
import type { CalendarDate } from '../stay.ts';
import { answerTurn } from './answer-turn.ts';
import type { ConversationState, Decision, GuestMessage, Look } from './conversation.ts';
import { without } from './merge-slots.ts';
import { isSilent, readMessage } from './read-message.ts';
import type { Turn } from './turn.ts';
import type { Wish } from './wishes.ts';

/**
 * What to answer to the messages that wait, oldest first, and what to do. They merge into one answer, up to and including
 * the first that confirms, cancels or asks for a person. Late ones (older than the last answered) are answered together and
 * change neither state nor nights. Never throws for what a guest may write; `messages` must not be empty.
 */
export async function decideReply(
  state: ConversationState,
  language: Language,
  messages: readonly GuestMessage[],
  look: Look,
): Promise<Decision> {
  const isLate = messages[0]?.isLate ?? false;
  const before = forgetPast(state, look.today);
  const turn: Turn = { before, state: before, wishes: [], isLate, isReadBack: false };
  let covered = 0;
  let spoken = language;
  for (const message of messages) {
    if (message.isLate !== isLate) break;
    covered += 1;
    if (isSilent(message)) continue;
    spoken = languageOf(message, spoken);
    const reading = readMessage(turn.state, message, look);
    // Starting over also takes back what was asked just before it.
    if (reading.wishes.some(({ type }) => type === 'start_over')) turn.wishes = [];
    turn.state = reading.state;
    turn.wishes.push(...reading.wishes);
    if (message.isVoice && reading.mentionedSlots) turn.isReadBack = true;
    if (reading.wishes.some(({ type }) => endsBatch.has(type))) break;
  }
  if (turn.wishes.length === 0) return { covered: Math.max(1, covered), state, language, act: null, replies: [] };
  const answer = await answerTurn(turn, spoken, look);
  return { covered, language: spoken, ...answer };
}

const endsBatch = new Set<Wish['type']>(['confirm', 'cancel_yes', 'give_back', 'human']);

/** A tap or a picture says nothing about the language; words do (the understanding keeps the one spoken when they do not). */
function languageOf(message: GuestMessage, spoken: Language): Language {
  return message.choiceId !== null || !message.text ? spoken : message.understanding.language;
}

/** Dates that have passed since the guest last wrote are no longer wanted, nor what was shown for them. */
function forgetPast(known: ConversationState, today: CalendarDate): ConversationState {
  const state = known.lastStay !== undefined && known.lastStay.checkIn < today ? without(known, 'lastStay') : known;
  const isOver =
    (state.checkIn !== undefined && state.checkIn < today) || (state.window !== undefined && state.window.to < today);
  if (!isOver) return state;
  return without(
    state,
    'checkIn',
    'checkOut',
    'nights',
    'window',
    'summary',
    'offered',
    'offeredStays',
    'proposed',
    'expecting',
  );
}

/** What the understanding of the next message is helped with: today, the language, the open question, the known dates. */
export function toUnderstandOptions(
  state: ConversationState,
  language: Language,
  today: CalendarDate,
): UnderstandOptions {
  const { expecting, checkIn, checkOut, proposed, window, lastStay } = forgetPast(state, today);
  const asked =
    expecting === 'cancel_confirmation' ? 'confirmation' : expecting === 'cancel_which' ? 'choice' : expecting;
  // "El 10" after "en enero" is in January: what is being talked of shows the month, while no dates are known.
  const given = expecting === 'dates' ? lastStay?.checkIn : undefined;
  const near =
    checkIn === undefined && checkOut === undefined ? (proposed?.checkIn ?? window?.from ?? given) : undefined;
  const known = {
    ...(checkIn === undefined ? {} : { checkIn }),
    ...(checkOut === undefined ? {} : { checkOut }),
  };
  return {
    today,
    language,
    known,
    ...(near === undefined ? {} : { near: near < today ? today : near }),
    ...(asked === undefined ? {} : { expecting: asked }),
  };
}

/**
 * May this message confirm the pending summary? Asked without a lock, before the transaction, so that the unit's feeds can
 * be fetched first; returns the unit, or null. In doubt it says so: a needless fetch costs little.
 */
export function mayConfirm(
  state: ConversationState,
  message: GuestMessage,
  look: Pick<Look, 'accommodations'>,
): number | null {
  const { wishes } = readMessage(state, message, look as Look);
  const wish = wishes.find(({ type }) => type === 'confirm');
  if (wish?.type !== 'confirm') return null;
  return state.summary?.accommodationId ?? wish.shown?.accommodationId ?? null;
}
