import type { Cents } from '../money.ts';
import type { Reservation } from '../reservations/reservation.ts';
import { choiceIds } from './choice-ids.ts';
import type { ConversationState, Credit } from './conversation.ts';
import { moneyMessagesFor } from './money-messages.ts';
import { findUnit, moneyWords, stayWords, timeWords, type Step, type Talk } from './talk.ts';

/** The guest's money that waits for another choice; null when there is none (or the look cannot tell). */
export async function findCredit({ look }: Talk): Promise<Credit | null> {
  return (await look.credit?.()) ?? null;
}

/** Said above a summary: what is taken off its deposit. */
export async function noteCredit(talk: Talk): Promise<string[]> {
  const credit = await findCredit(talk);
  if (credit === null) return [];
  return [moneyMessagesFor(talk.language).creditNote({ amount: moneyWords(talk, credit.cents, credit.currency) })];
}

/** "Cancelá", "quiero mi plata" of a guest whose money waits: asked once more, because it cannot be undone. */
export function askGiveBack(talk: Talk, state: ConversationState, credit: Credit): Step {
  const words = moneyMessagesFor(talk.language);
  const buttons = [
    { id: choiceIds.giveBack(credit.offerId), title: words.giveBack },
    { id: choiceIds.menu('availability'), title: words.keepLooking },
  ];
  const text = words.askGiveBack({ amount: moneyWords(talk, credit.cents, credit.currency) });
  return { state, before: [], say: { text, buttons } };
}

/** A hold made with a credit that does not cover its deposit. */
export function sayDifferenceDue(
  talk: Talk,
  hold: Reservation,
  amounts: { creditCents: Cents; missingCents: Cents },
): string {
  return moneyMessagesFor(talk.language).differenceDue({
    unit: findUnit(talk, hold.accommodationId)?.name ?? hold.code,
    stay: stayWords(talk, hold),
    credit: moneyWords(talk, amounts.creditCents, hold.currency),
    missing: moneyWords(talk, amounts.missingCents, hold.currency),
    until: timeWords(talk, hold.holdExpiresAt),
  });
}
