import type { DateProblem } from './understanding.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import type { ConversationState, Summary } from './conversation.ts';
import type { SlotProblem } from './merge-slots.ts';
import type { VoiceProblem } from './voice.ts';

export type Topic = 'amenities' | 'location' | 'photos' | 'checkin_info' | 'pets' | 'policies' | 'payment';
export type MediaKind = 'audio' | 'image' | 'video' | 'document' | 'location' | 'contacts' | 'other';

/** What a guest wants with a message, besides what it says about dates, party and unit. */
export type Wish =
  | { type: 'human' }
  /** `shown`: what the tapped button had shown; null for a typed or spoken yes. */
  | { type: 'confirm'; shown: Summary | null }
  | { type: 'cancel_yes'; reservationId: ReservationId | null }
  | { type: 'cancel_no' }
  | { type: 'cancel'; reservationId: ReservationId | null; text: string }
  | { type: 'bookings' }
  /** Money that waits for another choice shall go back. */
  | { type: 'give_back'; offerId: string }
  /** `text`: the guest's own words, so that the answer can be as narrow as the question. */
  | { type: 'topic'; topic: Topic; accommodationId: AccommodationId | null; text: string }
  | { type: 'help' }
  | { type: 'start_over' }
  /** Availability, price, or anything that moves the booking on. */
  | { type: 'search'; asksPrice?: true }
  | { type: 'change' }
  | { type: 'ask_party_number' }
  | { type: 'several_units' }
  | { type: 'which_unit'; accommodationIds: AccommodationId[] }
  | { type: 'problem'; problem: DateProblem | SlotProblem }
  | { type: 'unclear_dates' }
  | { type: 'unclear_party' }
  | { type: 'greeting' }
  | { type: 'thanks' }
  /** "Lo consulto y te aviso": nothing is to be asked now. */
  | { type: 'later' }
  /** "Muy caro", "¿algo más barato?", "¿hacen descuento?" */
  | { type: 'haggle' }
  | { type: 'goodbye' }
  | { type: 'yes' }
  | { type: 'no' }
  | { type: 'media'; kind: MediaKind; voiceProblem?: VoiceProblem }
  | { type: 'unknown' };

export type Reading = {
  state: ConversationState;
  wishes: Wish[];
  /** Something about dates, party or unit was said (even if nothing changed by it). */
  mentionedSlots: boolean;
};

/** Is a booking under way in this conversation, so that "change" means it? */
export function isTalkingOfStay(state: ConversationState): boolean {
  const { checkIn, checkOut, nights, party, accommodationId, window } = state;
  return [checkIn, checkOut, nights, party, accommodationId, window].some((slot) => slot !== undefined);
}
