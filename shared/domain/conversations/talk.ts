import type { Language, Party } from './understanding.ts';
import type { Accommodation, AccommodationId } from '../lodging/accommodation.ts';
import type { Stay } from '../stay.ts';
import type { Say } from './compose.ts';
import type { ConversationState, Look } from './conversation.ts';
import { formatMoney, formatParty, formatStay, formatStayNights, formatTime } from './format.ts';
import { messagesFor, type Messages } from './messages.ts';

/** What every answer needs at hand: what can be seen, and the guest's language with its words. */
export type Talk = { look: Look; language: Language; words: Messages };

/** One answer looks at each stay and at the bookings once, however often it asks. */
export function createTalk(look: Look, language: Language): Talk {
  return { look: rememberLookUps(look), language, words: messagesFor(language) };
}

function rememberLookUps(look: Look): Look {
  const free = new Map<string, ReturnType<Look['freeAccommodationIds']>>();
  let bookings: ReturnType<Look['bookings']> | undefined;
  return {
    ...look,
    freeAccommodationIds(stay) {
      const key = `${stay.checkIn} ${stay.checkOut}`;
      const known = free.get(key) ?? look.freeAccommodationIds(stay);
      free.set(key, known);
      return known;
    },
    bookings() {
      bookings ??= look.bookings();
      return bookings;
    },
  };
}

/** Where an answer leaves the conversation: paragraphs, then what is asked. */
export type Step = { state: ConversationState; before: string[]; say: Say };

export function stayWords({ look, language }: Talk, stay: Stay): string {
  return formatStay(stay, look.today, language);
}
export function nightsWords({ language }: Talk, stay: Stay): string {
  return formatStayNights(stay, language);
}
export function partyWords({ language }: Talk, party: Party): string {
  return formatParty(party, language);
}
export function moneyWords({ language }: Talk, cents: number, currency: string): string {
  return formatMoney(cents, currency, language);
}
export function timeWords({ look }: Talk, instant: Date): string {
  return formatTime(instant, look.lodging.timeZone);
}

/** A unit of the lodging by id; undefined when it is no longer offered. */
export function findUnit({ look }: Talk, id: AccommodationId | undefined): Accommodation | undefined {
  return look.accommodations.find((unit) => unit.id === id);
}
