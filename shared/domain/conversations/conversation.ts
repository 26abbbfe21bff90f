import type { OutboundMessage } from './message.ts';
import type { VoiceProblem } from './voice.ts';
import type { DateProblem, Language, Party, Understanding } from './understanding.ts';
import type { Accommodation, AccommodationId, Lodging } from '../lodging/accommodation.ts';
import type { Quote } from '../pricing.ts';
import type { Reservation, ReservationId } from '../reservations/reservation.ts';
import type { CalendarDate, Stay } from '../stay.ts';

/** What the guest was last asked, so that a bare answer finds its question. */
export type Expectation =
  | 'dates'
  | 'checkIn'
  | 'checkOut'
  | 'guests'
  | 'choice'
  | 'confirmation'
  | 'cancel_which'
  | 'cancel_confirmation';

/** What a confirmation is for. A typed yes counts only while what was shown is fresh (`shownAt`, ISO). */
export type Summary = {
  accommodationId: AccommodationId;
  stay: Stay;
  party: Party;
  totalCents: number;
  shownAt?: string;
};

/** All that a conversation remembers between two turns; kept as JSON, so every field may be absent in an old row. */
export type ConversationState = {
  checkIn?: CalendarDate;
  checkOut?: CalendarDate;
  /** Said before a date was ("dos noches"); used once a check-in is known. */
  nights?: number;
  party?: Party;
  accommodationId?: AccommodationId;
  /** What the summary showed; a confirmation is for exactly this. */
  summary?: Summary;
  /** "en enero", "un finde de febrero": where free stays are looked for while there are no exact dates. */
  window?: { from: CalendarDate; to: CalendarDate; isWeekend?: boolean };
  /** "Dos cabañas": units still to be booked, this one included; the party that they take, and this unit's share of it. */
  several?: { left: number; whole?: Party; share?: Party };
  /** Dates that could be read in more than one way and were shown back; a yes takes them. */
  proposed?: { checkIn: CalendarDate; checkOut?: CalendarDate };
  /** The reservation that a pending yes would cancel. */
  cancelling?: ReservationId;
  /** Units offered last, in their order, so that "la segunda" can be chosen. */
  offered?: AccommodationId[];
  /** Dates offered last instead, in their order. */
  offeredStays?: Stay[];
  expecting?: Expectation;
  /** The stay that was held, cancelled or given up last: "mismas fechas" means it, and days said next are in its month. */
  lastStay?: Stay;
  /** When the welcome was said (ISO): the next greeting is answered in short. */
  welcomedAt?: string;
  /** Turns in a row that brought nothing new; three hand the chat to a person. */
  turnsWithoutProgress?: number;
};

/** One waiting message as the conversation reads it. */
export type GuestMessage = {
  id: string;
  type: string;
  text: string | null;
  /** The id of a tapped button or list row. */
  choiceId: string | null;
  understanding: Understanding;
  /** From audio: what was understood is read back before anything is held. */
  isVoice: boolean;
  /** Why a voice note has no words; undefined and null for everything else. */
  voiceProblem?: VoiceProblem | null;
  /** Older than the last answered one: answered, but the slots stay. */
  isLate: boolean;
};

export type FreeUnit = { accommodation: Accommodation; quote: Quote };

/** What deciding may look at, inside the same transaction; nothing in it writes. */
export type Look = {
  now: Date;
  today: CalendarDate;
  hourNow: number;
  lodging: Lodging;
  /** Minutes that a hold lasts. */
  holdMinutes: number;
  accommodations: readonly Accommodation[];
  /** Accommodations without a taken night in that stay (price and rules are not its business). */
  freeAccommodationIds(stay: Stay): Promise<Set<AccommodationId>>;
  /** This contact's stays that are held or confirmed and not over, soonest first. */
  bookings(): Promise<Booking[]>;
  /** Money of this contact that came too late for its nights and waits for another choice. */
  credit?(): Promise<Credit | null>;
};

export type Credit = { offerId: string; cents: number; currency: string; expiresAt: Date };

export type Booking = { reservation: Reservation; accommodation: Accommodation; paymentUrl: string | null };

/** What a turn does besides answering. The unit's lock is taken for it; only one per transaction. */
export type Act =
  | { type: 'hold'; accommodationId: AccommodationId; stay: Stay; party: Party }
  | { type: 'cancel'; reservationId: ReservationId }
  | { type: 'give_back'; offerId: string }
  | { type: 'hand_over'; reason: 'asked' | 'no_progress' };

export type Decision = {
  /** How many of the messages, from the front, this decision answers; at least one. The rest wait for the next transaction. */
  covered: number;
  state: ConversationState;
  language: Language;
  act: Act | null;
  /** The answer. With an act only what else was asked in the same messages; `answerAct` says them first, then the rest. */
  replies: OutboundMessage[];
};

/** What is said and remembered after an act; `replies` begin with the decision's own. */
export type ActAnswer = { state: ConversationState; language: Language; replies: OutboundMessage[] };

/** How an act ended, told back to the conversation inside the same transaction. */
export type ActOutcome =
  | { type: 'held'; reservation: Reservation }
  /** Held with money that had come too late: confirmed when it was enough (`missingCents` 0), else the link asks for the rest. */
  | { type: 'held_with_credit'; reservation: Reservation; creditCents: number; missingCents: number }
  /** Somebody else has these nights: offer others, never take another unit by itself. `soonFree`: a hold on them is about to end. */
  | { type: 'unavailable'; soonFree: boolean }
  /** Refused by a rule (too late today, minimum nights…): the DomainError's code and data. */
  | { type: 'refused'; code: string; data: Record<string, unknown> }
  | { type: 'cancelled'; reservation: Reservation; keepsDeposit: boolean }
  /** Cents on their way back; 0 when the offer was over. */
  | { type: 'giving_back'; cents: number; currency: string }
  | { type: 'handed_over' };

export type { DateProblem, Language, OutboundMessage, Party, Understanding };
