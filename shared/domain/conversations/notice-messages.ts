import type { Language } from './understanding.ts';
import type { BookingWords, StayWords } from './messages.ts';
import { en } from './notice-messages.en.ts';
import { es } from './notice-messages.es.ts';
import { pt } from './notice-messages.pt.ts';

/** What guests are told without having asked: payments, deadlines, the days around the stay. */
export type NoticeMessages = {
  paymentLinkReady(
    words: BookingWords & { nights: string; total: string; deposit: string; until: string; url: string },
  ): string;
  linkIsLate(words: StayWords): string;
  bookingConfirmed(
    words: BookingWords & {
      checkInFrom: string;
      checkOutUntil: string;
      address: string | null;
      mapUrl: string | null;
      paid: string;
      balance: string | null;
    },
  ): string;
  paymentPending(words: StayWords): string;
  paymentRejected(words: StayWords & { url: string | null; until: string }): string;
  holdExpired(words: StayWords): string;
  tryAgain: string;
  otherDates: string;
  talkToPerson: string;
  paymentTooLate(words: StayWords): string;
  paymentInsufficient(words: StayWords & { received: string; deposit: string }): string;
  refundPending(words: StayWords): string;
  cancelledByLodging(words: BookingWords & { refund: string | null }): string;
  apology: string;
  holdReminder(words: StayWords & { until: string; minutes: number; deposit: string; url: string | null }): string;
  checkinReminder(
    words: BookingWords & {
      lodging: string;
      checkIn: string;
      checkInFrom: string;
      address: string | null;
      mapUrl: string | null;
      balance: string | null;
    },
  ): string;
  thanksAfterStay(words: { lodging: string }): string;
  releasedForOther(words: StayWords): string;
  stayMoved(words: BookingWords & { nights: string; total: string }): string;
  seeAvailability: string;
};

/** The words of a language for notices. */
export function noticeMessagesFor(language: Language): NoticeMessages {
  return { es, pt, en }[language];
}
