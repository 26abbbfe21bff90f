import type { Reservation } from '../reservations/reservation.ts';
import type { Stay } from '../stay.ts';
import { askNext } from './ask-next.ts';
import { compose } from './compose.ts';
import type { Act, ActAnswer, ActOutcome, ConversationState, Decision, Look } from './conversation.ts';
import { formatPeople } from './format.ts';
import { moneyMessagesFor } from './money-messages.ts';
import { sayDifferenceDue } from './say-credit.ts';
import { sayAlternatives } from './say-offers.ts';
import { afterOneUnit } from './several-units.ts';
import { createTalk, findUnit, moneyWords, partyWords, stayWords, timeWords, type Step, type Talk } from './talk.ts';

/**
 * What the guest is told after an act, inside the same transaction, and how the conversation goes on; the decision's own
 * replies come first. A hold is acknowledged in one short message; the summary with the payment link follows by itself
 * (`paymentLinkReady`). A decision without an act is its own answer.
 */
export async function answerAct(decision: Decision, outcome: ActOutcome, look: Look): Promise<ActAnswer> {
  const { act, language } = decision;
  if (act === null) return { state: decision.state, language, replies: decision.replies };
  const { state, replies } = await tellOutcome(createTalk(look, language), act, decision.state, outcome);
  return { state, language, replies: [...decision.replies, ...replies] };
}

type Told = Omit<ActAnswer, 'language'>;

async function tellOutcome(talk: Talk, act: Act, state: ConversationState, outcome: ActOutcome): Promise<Told> {
  switch (outcome.type) {
    case 'held': {
      const held = talk.words.held({ ...wordsOf(talk, outcome.reservation), ...holdWords(talk, outcome.reservation) });
      const rest = act.type === 'hold' ? afterOneUnit(state, act.party) : null;
      if (rest === null) return done(held, outcome.reservation);
      const step = await askNext(talk, rest);
      const next = talk.words.nextUnit(partyWords(talk, rest.party!));
      return goOn({ ...step, before: [held, next, ...step.before] });
    }
    case 'held_with_credit':
      // Enough: the confirmation says it all, and comes by itself.
      if (outcome.missingCents <= 0) return { state: {}, replies: [] };
      return done(sayDifferenceDue(talk, outcome.reservation, outcome), outcome.reservation);
    case 'giving_back': {
      const words = moneyMessagesFor(talk.language);
      if (outcome.cents <= 0) return { state, replies: compose([], { text: words.offerOver }) };
      return done(words.givingBack({ amount: moneyWords(talk, outcome.cents, outcome.currency) }));
    }
    case 'cancelled': {
      const words = wordsOf(talk, outcome.reservation);
      // An unpaid hold has no deposit to speak of.
      if (outcome.reservation.confirmedAt === null) return done(talk.words.cancelledHeld(words), outcome.reservation);
      return done(
        outcome.keepsDeposit ? talk.words.cancelledKeepsDeposit(words) : talk.words.cancelledFree(words),
        outcome.reservation,
      );
    }
    case 'handed_over':
      return {
        state,
        replies: compose([], { text: talk.words.handedOver[act.type === 'hand_over' ? act.reason : 'asked'] }),
      };
    case 'unavailable':
    case 'refused':
      if (act.type !== 'hold') return { state, replies: compose([], { text: talk.words.refused }) };
      return goOn(await afterRefusal(talk, act, state, outcome));
  }
}

/** The matter is settled: the next message starts afresh, and only "mismas fechas" looks back. */
function done(text: string, stay?: Stay): Told {
  const lastStay = stay && { checkIn: stay.checkIn, checkOut: stay.checkOut };
  return { state: lastStay ? { lastStay } : {}, replies: compose([], { text }) };
}

function goOn({ state, before, say }: Step): Told {
  return { state: { ...state, turnsWithoutProgress: 0 }, replies: compose(before, say) };
}

function wordsOf(talk: Talk, reservation: Reservation): { unit: string; stay: string } {
  return {
    unit: findUnit(talk, reservation.accommodationId)?.name ?? reservation.code,
    stay: stayWords(talk, reservation),
  };
}

function holdWords(
  talk: Talk,
  { holdExpiresAt, depositCents, currency }: Reservation,
): { until: string; deposit: string } {
  return { until: timeWords(talk, holdExpiresAt), deposit: moneyWords(talk, depositCents, currency) };
}

/** Taken by somebody else, or refused by a rule: the reason by its name, then what else there is; nothing is taken by itself. */
async function afterRefusal(
  talk: Talk,
  act: Extract<Act, { type: 'hold' }>,
  state: ConversationState,
  outcome: Extract<ActOutcome, { type: 'unavailable' | 'refused' }>,
): Promise<Step> {
  const { words } = talk;
  const { accommodationId, stay, party } = act;
  const known = { unit: findUnit(talk, accommodationId)?.name ?? '', stay: stayWords(talk, stay) };
  if (outcome.type === 'unavailable') {
    const reason = outcome.soonFree ? words.soonFree(known) : words.justTaken(known);
    return sayAlternatives(talk, state, { stay, party }, { unitId: accommodationId, exclude: accommodationId, reason });
  }
  switch (outcome.code) {
    case 'stay_unavailable':
    case 'nights_busy':
      return sayAlternatives(
        talk,
        state,
        { stay, party },
        { unitId: accommodationId, exclude: accommodationId, reason: words.justTaken(known) },
      );
    case 'too_many_guests': {
      const capacity = Number(outcome.data.capacity ?? findUnit(talk, accommodationId)?.capacity ?? 0);
      const reason = words.problems.tooManyGuests({ guests: formatPeople(party.total, talk.language), capacity });
      return sayAlternatives(talk, state, { stay, party }, { unitId: accommodationId, reason });
    }
    default: {
      // The rules see the same as we do (minimum nights, too late today, past …): asking again names the reason.
      const step = await askNext(talk, state);
      if (step.state.summary === undefined) return step;
      return { state: { ...step.state, expecting: 'confirmation' }, before: [words.refused], say: step.say };
    }
  }
}
