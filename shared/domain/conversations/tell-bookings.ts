import { hoursUntilCheckIn } from '../reservations/cancel.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import { choiceIds } from './choice-ids.ts';
import type { Button } from './compose.ts';
import type { Booking, ConversationState } from './conversation.ts';
import { formatStayShort } from './format.ts';
import { without } from './merge-slots.ts';
import { findNamedUnits, findOrdinal, foldWords } from './pick-unit.ts';
import { isTalkingOfStay } from './wishes.ts';
import { moneyWords, partyWords, stayWords, timeWords, type Step, type Talk } from './talk.ts';

function wordsOf(talk: Talk, { reservation, accommodation }: Booking) {
  const { adults, children } = reservation;
  return {
    unit: accommodation.name,
    stay: stayWords(talk, reservation),
    party: partyWords(talk, { adults, children, total: adults + children }),
    code: reservation.code,
    until: timeWords(talk, reservation.holdExpiresAt),
    deposit: moneyWords(talk, reservation.depositCents, reservation.currency),
  };
}

function bookingLine(talk: Talk, booking: Booking): string {
  const words = wordsOf(talk, booking);
  if (booking.reservation.status !== 'held')
    return talk.words.confirmedLine({ ...words, checkInFrom: talk.look.lodging.checkInFrom });
  const minutes = Math.ceil((booking.reservation.holdExpiresAt.getTime() - talk.look.now.getTime()) / 60_000);
  if (minutes <= 0) return talk.words.heldAndOver(words);
  return talk.words.heldLine({ ...words, minutes, url: booking.paymentUrl });
}

/** All bookings that are not over: of a hold the minutes left and the link, of a confirmed stay the essentials. */
export function sayBookings(talk: Talk, state: ConversationState, bookings: readonly Booking[]): Step {
  const { words } = talk;
  if (bookings.length === 0) {
    const buttons = [{ id: choiceIds.menu('availability'), title: words.menuAvailability }];
    return { state, before: [], say: { text: words.noBookings, buttons } };
  }
  const text = [words.bookings(bookings.length), ...bookings.map((booking) => bookingLine(talk, booking))].join('\n\n');
  const only = bookings.length === 1 ? bookings[0]!.reservation.id : null;
  return {
    state,
    before: [],
    say: { text, buttons: [{ id: choiceIds.cancel(only), title: words.cancelBooking }] },
  };
}

/** Asks before it cancels, and says what it costs; which booking, when there are several. */
export function askCancel(
  talk: Talk,
  state: ConversationState,
  bookings: readonly Booking[],
  wanted: { reservationId: ReservationId | null; text: string },
): Step {
  const { words } = talk;
  const booking = pickBooking(talk, bookings, wanted);
  const base = without(state, 'cancelling');
  if (bookings.length === 0) {
    const wasOpen = isTalkingOfStay(state);
    return { state: {}, before: [], say: { text: wasOpen ? words.summaryDropped : words.nothingToCancel } };
  }
  if (booking === undefined) {
    const rows = bookings.slice(0, 10).map((each) => ({
      id: choiceIds.cancel(each.reservation.id),
      title: each.accommodation.name,
      description: `${formatStayShort(each.reservation, talk.language)} · ${each.reservation.code}`,
    }));
    return {
      state: { ...base, expecting: 'cancel_which' },
      before: [],
      say: { text: words.cancelWhich, list: { button: words.chooseBooking, sections: [{ rows }] } },
    };
  }
  const buttons: Button[] = [
    { id: choiceIds.cancelYes(booking.reservation.id), title: words.cancelYes },
    { id: choiceIds.cancelNo(), title: words.cancelNo },
  ];
  return {
    state: { ...base, cancelling: booking.reservation.id, expecting: 'cancel_confirmation' },
    before: [],
    say: { text: cancelQuestion(talk, booking), buttons },
  };
}

function cancelQuestion(talk: Talk, booking: Booking): string {
  const words = { ...wordsOf(talk, booking), hours: talk.look.lodging.freeCancellationHours };
  if (booking.reservation.status === 'held') return talk.words.cancelHeld(words);
  const { lodging, today, hourNow } = talk.look;
  return hoursUntilCheckIn(booking.reservation.checkIn, lodging.checkInFrom, today, hourNow) >= words.hours
    ? talk.words.cancelFree(words)
    : talk.words.cancelKeepsDeposit(words);
}

/** The booking that is meant: the tapped one, the only one, or the one whose unit, code or place in the list is said. */
function pickBooking(
  { look }: Talk,
  bookings: readonly Booking[],
  { reservationId, text }: { reservationId: ReservationId | null; text: string },
): Booking | undefined {
  const byId = bookings.find(({ reservation }) => reservation.id === reservationId);
  if (byId !== undefined) return byId;
  if (bookings.length === 1) return bookings[0];
  const folded = foldWords(text);
  const byCode = bookings.find(({ reservation }) => folded.includes(reservation.code.toLowerCase()));
  if (byCode !== undefined) return byCode;
  const units = bookings.map(({ accommodation }) => accommodation);
  const named = findNamedUnits(text, units.length > 0 ? look.accommodations : [], true);
  const byName = bookings.filter(({ accommodation }) => named.includes(accommodation.id));
  if (byName.length === 1) return byName[0];
  const ordinal = findOrdinal(text, bookings.length);
  return ordinal === undefined ? undefined : bookings[ordinal];
}
