import { quote } from '../pricing.ts';
import { askNext } from './ask-next.ts';
import type { ConversationState, Summary } from './conversation.ts';
import type { Turn } from './turn.ts';
import { judgeUnit } from './find-offers.ts';
import { act, made, type Main } from './main-answer.ts';
import { without } from './merge-slots.ts';
import { findOwnBooking, isSameSummary, sayOwnBooking, saySummary } from './say-summary.ts';
import { findUnit, type Talk } from './talk.ts';
import { isTalkingOfStay } from './wishes.ts';

/** A typed yes counts for a summary of the last hours only; an older one is shown again. */
const freshMs = 12 * 3_600_000;

/** A confirmation: the hold of exactly what was shown, or the reason to show something else first. */
export async function tryHold(talk: Talk, turn: Turn, tapped: Summary | null): Promise<Main> {
  const { look, words } = talk;
  const { state } = turn;
  const current = state.summary;
  const wanted = tapped ?? current;
  if (wanted === undefined) return { ...(await askNext(talk, state)), act: null, progress: 'made' };
  const own = await findOwnBooking(talk, wanted.accommodationId, wanted.stay);
  if (own !== undefined) return made(sayOwnBooking(talk, own));
  if (current === undefined || !isSameSummary(wanted, current)) {
    const base = isTalkingOfStay(state) ? state : { ...state, ...slotsOf(wanted) };
    const step = await askNext(talk, base);
    return { ...step, before: [words.staleButton, ...step.before], act: null, progress: 'made' };
  }
  const unit = findUnit(talk, current.accommodationId);
  const { stay, party } = current;
  if (unit === undefined)
    return { ...(await askNext(talk, without(state, 'accommodationId', 'summary'))), act: null, progress: 'made' };
  if (judgeUnit(unit, stay, party, look) !== null)
    return { ...(await askNext(talk, state)), act: null, progress: 'made' };
  if (quote(unit.prices, stay, party.total).totalCents !== current.totalCents) {
    const step = await saySummary(talk, state, unit, { stay, party });
    return { ...step, before: [words.priceChanged, ...step.before], act: null, progress: 'made' };
  }
  const shownAt = current.shownAt === undefined ? look.now.getTime() : Date.parse(current.shownAt);
  if (turn.isLate || (tapped === null && look.now.getTime() - shownAt > freshMs))
    return made(await saySummary(talk, state, unit, { stay, party }));
  return act(state, { type: 'hold', accommodationId: unit.id, stay, party });
}

function slotsOf({ accommodationId, stay, party }: Summary): ConversationState {
  return { accommodationId, checkIn: stay.checkIn, checkOut: stay.checkOut, party };
}
