import type { Language } from './understanding.ts';
import { en } from './money-messages.en.ts';
import type { BookingWords, StayWords } from './messages.ts';
import { es } from './money-messages.es.ts';
import { pt } from './money-messages.pt.ts';

/** Why money went back, as a guest may hear it. */
export type RefundWords = StayWords & { amount: string; isByHand: boolean };

/** What guests are told about money that took another way than expected. */
export type MoneyMessages = {
  /** It came after the nights were gone; `until` is day and hour. */
  offer(words: StayWords & { amount: string; until: string }): string;
  offerChoose: string;
  offerUnits: string;
  offerDates: string;
  /** The hold that was chosen for it ended unpaid: the money waits again. */
  offerAgain(words: StayWords & { amount: string; until: string }): string;
  seeOptions: string;
  giveBack: string;
  giveBackHint: string;
  offerRow(option: { total: string; missing: string | null; returned: string | null }): string;
  /** A credit while a summary is shown. */
  creditNote(words: { amount: string }): string;
  /** The guest took something that costs more. */
  differenceDue(words: StayWords & { credit: string; missing: string; until: string }): string;
  differenceLink(words: BookingWords & { credit: string; missing: string; until: string; url: string }): string;
  askGiveBack(words: { amount: string }): string;
  keepLooking: string;
  givingBack(words: { amount: string }): string;
  offerOver: string;
  refundDone: Record<
    'duplicate' | 'late' | 'cancelled' | 'offer_declined' | 'offer_expired' | 'difference' | 'owner',
    (words: RefundWords) => string
  >;
  refundStuck(words: StayWords): string;
};

/** The words of a language for money. */
export function moneyMessagesFor(language: Language): MoneyMessages {
  return { es, pt, en }[language];
}
