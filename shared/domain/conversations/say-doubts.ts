import { askNext } from './ask-next.ts';
import { choiceIds } from './choice-ids.ts';
import type { ConversationState } from './conversation.ts';
import { findStayProblem } from './find-offers.ts';
import { formatDate } from './format.ts';
import type { Main } from './main-answer.ts';
import { without } from './merge-slots.ts';
import { stayWords, type Step, type Talk } from './talk.ts';
import type { Wish } from './wishes.ts';

/** Dates that cannot be (31/02, reversed, past): named in the guest's own words and asked again. */
export function sayProblem(
  talk: Talk,
  state: ConversationState,
  problem: Extract<Wish, { type: 'problem' }>['problem'],
): Main {
  const { problems } = talk.words;
  const next: ConversationState = { ...without(state, 'proposed'), expecting: 'dates' };
  const ask = (text: string): Main => ({ state: next, before: [], say: { text }, act: null, progress: 'none' });
  if ('type' in problem) {
    const date = (day: string): string => formatDate(day, talk.look.today, talk.language);
    return ask(problems.datesReversed({ checkIn: date(problem.checkIn), checkOut: date(problem.checkOut) }));
  }
  switch (problem.kind) {
    case 'impossible':
      return ask(problems.impossible(problem.text));
    case 'reversed':
      return ask(problems.reversed(problem.text));
    case 'past':
      return ask(problems.past(problem.text));
    case 'too_many':
      return ask(problems.tooManyDates);
  }
}

/** Doubtful dates that could not be taken anyway (too long, past) are refused by name instead of shown back. */
export function refuseProposed(talk: Talk, state: ConversationState): Promise<Step> | null {
  const { checkIn, checkOut } = state.proposed ?? {};
  if (checkIn === undefined || checkOut === undefined) return null;
  if (findStayProblem({ checkIn, checkOut }, talk.look) === null) return null;
  return askNext(talk, { ...without(state, 'proposed'), checkIn, checkOut });
}

/** Dates that were not clear: shown back where they can be guessed, else asked for again. */
export function sayUnclearDates(talk: Talk, state: ConversationState): Main {
  if (state.proposed === undefined)
    return {
      state: { ...state, expecting: 'dates' },
      before: [],
      say: { text: talk.words.unclearDates },
      act: null,
      progress: 'none',
    };
  return { ...sayProposed(talk, state, state.proposed), act: null, progress: 'made' };
}

/** Dates that may be meant, shown back with a yes to tap. */
export function sayProposed(
  talk: Talk,
  state: ConversationState,
  { checkIn, checkOut }: NonNullable<ConversationState['proposed']>,
): Step {
  const { words, look, language } = talk;
  const dates =
    checkOut === undefined
      ? words.arrivingOn(formatDate(checkIn, look.today, language))
      : stayWords(talk, { checkIn, checkOut });
  const isStay = checkOut !== undefined && checkOut > checkIn;
  const yes = isStay ? choiceIds.dates({ checkIn, checkOut }, null) : choiceIds.checkIn(checkIn);
  const buttons = [
    { id: yes, title: words.yes },
    { id: choiceIds.change('dates'), title: words.otherDates },
  ];
  return {
    state: { ...state, expecting: 'confirmation' },
    before: [],
    say: { text: words.askWhetherDates(dates), buttons },
  };
}
