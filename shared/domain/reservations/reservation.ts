import { DomainError } from '../errors.ts';
import type { Accommodation, AccommodationId } from '../lodging/accommodation.ts';
import type { Cents } from '../money.ts';
import type { Quote } from '../pricing.ts';
import type { CalendarDate } from '../stay.ts';

export type ReservationId = string;
export type ContactId = string;
export type ReservationStatus = 'held' | 'confirmed' | 'expired' | 'cancelled' | 'completed' | 'no_show';
export type Channel = 'whatsapp' | 'api' | 'cli' | 'owner';
/** Who did it, as the timeline tells it. */
export type Actor = 'guest' | 'owner' | 'operator' | 'mercadopago' | 'system' | 'cli';

export type Reservation = {
  id: ReservationId;
  code: string;
  accommodationId: AccommodationId;
  contactId: ContactId | null;
  status: ReservationStatus;
  channel: Channel;
  checkIn: CalendarDate;
  checkOut: CalendarDate;
  adults: number;
  children: number;
  currency: string;
  totalCents: Cents;
  depositCents: Cents;
  quote: Quote;
  /** What the guest is told, and when the payment link closes. */
  holdExpiresAt: Date;
  /** When the nights may be freed: a little later, and once later still while a payment is on its way. */
  releaseAt: Date;
  graceGivenAt: Date | null;
  linkDelayGivenAt: Date | null;
  confirmedAt: Date | null;
  cancelledAt: Date | null;
};

/** The transitions that exist (rules.md, Reservation); everything else is `invalid_state`. */
const transitions: Record<ReservationStatus, readonly ReservationStatus[]> = {
  held: ['confirmed', 'expired', 'cancelled'],
  expired: ['confirmed'],
  confirmed: ['cancelled', 'completed', 'no_show'],
  cancelled: [],
  completed: [],
  no_show: [],
};

/** Throws `invalid_state` when a reservation cannot go from its status to that one. */
export function assertTransition(from: ReservationStatus, to: ReservationStatus): void {
  if (!transitions[from].includes(to)) throw new DomainError('invalid_state', { status: from, wanted: to });
}

/** Does it take its nights? */
export function isLive(status: ReservationStatus): boolean {
  return status === 'held' || status === 'confirmed';
}

/** Alphabet without 0/O, 1/I/L, U/V: what a guest reads aloud arrives as it was. */
const codeAlphabet = '23456789ABCDEFGHJKMNPQRSTWXYZ';

/** `RES` + yymmdd + 6 unambiguous characters; `random` gives integers in [0, max). */
export function createReservationCode(today: CalendarDate, random: (max: number) => number): string {
  const tail = Array.from({ length: 6 }, () => codeAlphabet[random(codeAlphabet.length)]).join('');
  return `RES${today.slice(2).replaceAll('-', '')}${tail}`;
}

/** A hold that is wanted. */
export type HoldRequest = {
  accommodation: Accommodation;
  contactId: ContactId | null;
  channel: Channel;
  actor: Actor;
  checkIn: CalendarDate;
  checkOut: CalendarDate;
  adults: number;
  children: number;
};
