import type { OutboundMessage } from './message.ts';
import type { Language } from './understanding.ts';
import type { Accommodation, Lodging } from '../lodging/accommodation.ts';
import type { Cents } from '../money.ts';
import type { Reservation } from '../reservations/reservation.ts';
import { toCalendarDate, type Stay } from '../stay.ts';
import { choiceIds } from './choice-ids.ts';
import { compose, text, type Button } from './compose.ts';
import { formatDate, formatMoney, formatParty, formatStay, formatStayNights, formatTime } from './format.ts';
import { noticeMessagesFor } from './notice-messages.ts';

/** What a notice about a reservation is made of; `now` is the database's and only decides how dates are written. */
export type NoticeContext = {
  language: Language;
  lodging: Lodging;
  accommodation: Accommodation;
  reservation: Reservation;
  now: Date;
};

function partyOf({ adults, children }: Reservation): { adults: number; children: number; total: number } {
  return { adults, children, total: adults + children };
}
function stayOf({ checkIn, checkOut }: Reservation): Stay {
  return { checkIn, checkOut };
}

function wordsOf({ language, lodging, accommodation, reservation, now }: NoticeContext) {
  const today = toCalendarDate(now, lodging.timeZone);
  const stay = stayOf(reservation);
  return {
    unit: accommodation.name,
    stay: formatStay(stay, today, language),
    checkIn: formatDate(stay.checkIn, today, language),
    nights: formatStayNights(stay, language),
    party: formatParty(partyOf(reservation), language),
    code: reservation.code,
    lodging: lodging.name,
    checkInFrom: lodging.checkInFrom,
    checkOutUntil: lodging.checkOutUntil,
    address: lodging.address,
    mapUrl: lodging.mapUrl,
    total: formatMoney(reservation.totalCents, reservation.currency, language),
    deposit: formatMoney(reservation.depositCents, reservation.currency, language),
  };
}

function minutesUntil(deadline: Date, now: Date): number {
  return Math.max(1, Math.ceil((deadline.getTime() - now.getTime()) / 60_000));
}

/** What is left to pay; null when nothing is. */
function balanceOf(context: NoticeContext, paidCents: Cents): string | null {
  const left = context.reservation.totalCents - paidCents;
  return left > 0 ? formatMoney(left, context.reservation.currency, context.language) : null;
}

/** The same unit and nights once more: a tap looks again, quotes again and shows a summary; nothing is held by it. */
function tryAgain(context: NoticeContext): Button {
  const { reservation, language } = context;
  return {
    id: choiceIds.unit(reservation.accommodationId, stayOf(reservation), partyOf(reservation)),
    title: noticeMessagesFor(language).tryAgain,
  };
}

function withButtons(body: string, buttons: Button[]): OutboundMessage {
  return compose([], { text: body, buttons })[0]!;
}

/** The one message of rules.md (Money): summary, deposit, until when in local time, and the preference's `init_point` unchanged. */
export function paymentLinkReady(
  context: NoticeContext,
  { url, expiresAt }: { url: string; expiresAt: Date },
): OutboundMessage {
  const until = formatTime(expiresAt, context.lodging.timeZone);
  return text(noticeMessagesFor(context.language).paymentLinkReady({ ...wordsOf(context), until, url }));
}

/** No link after three minutes; the hold has been extended by the time lost. */
export function linkIsLate(context: NoticeContext): OutboundMessage {
  return text(noticeMessagesFor(context.language).linkIsLate(wordsOf(context)));
}

/** The deposit arrived: code, unit, dates, hours, where, what was paid (`paidCents`, all payments together) and what is due. */
export function bookingConfirmed(context: NoticeContext, { paidCents }: { paidCents: Cents }): OutboundMessage {
  const paid = formatMoney(paidCents, context.reservation.currency, context.language);
  const words = { ...wordsOf(context), paid, balance: balanceOf(context, paidCents) };
  return text(noticeMessagesFor(context.language).bookingConfirmed(words));
}

/** A payment is on its way (pending, in_process): told, and waited for. */
export function paymentPending(context: NoticeContext): OutboundMessage {
  return text(noticeMessagesFor(context.language).paymentPending(wordsOf(context)));
}

/** A payment was rejected: the same link while it is open (`url`), else (null) the offer to hold again. */
export function paymentRejected(context: NoticeContext, { url }: { url: string | null }): OutboundMessage {
  const until = formatTime(context.reservation.holdExpiresAt, context.lodging.timeZone);
  const body = noticeMessagesFor(context.language).paymentRejected({ ...wordsOf(context), url, until });
  return url === null ? withButtons(body, [tryAgain(context)]) : text(body);
}

/** Nobody paid in time and the nights are free again; one tap looks for them again. */
export function holdExpired(context: NoticeContext): OutboundMessage {
  const words = noticeMessagesFor(context.language);
  return withButtons(words.holdExpired(wordsOf(context)), [
    tryAgain(context),
    { id: choiceIds.change('dates'), title: words.otherDates },
  ]);
}

/** Money for a hold that had ended, recorded and parked: neutral words, a person decides. */
export function paymentTooLateParked(context: NoticeContext): OutboundMessage {
  return text(noticeMessagesFor(context.language).paymentTooLate(wordsOf(context)));
}

/** Less than the deposit arrived (`receivedCents`); nothing is confirmed. */
export function paymentInsufficient(
  context: NoticeContext,
  { receivedCents }: { receivedCents: Cents },
): OutboundMessage {
  const received = formatMoney(receivedCents, context.reservation.currency, context.language);
  return text(noticeMessagesFor(context.language).paymentInsufficient({ ...wordsOf(context), received }));
}

/** Money that will probably go back (duplicate, cancelled hold, other currency): neutral until it is decided. */
export function paymentRefundPending(context: NoticeContext): OutboundMessage {
  return text(noticeMessagesFor(context.language).refundPending(wordsOf(context)));
}

/** The lodging gave a stay up; `refundCents` is on its way back, 0: nothing was paid or nothing goes back. */
export function cancelledByLodging(context: NoticeContext, { refundCents }: { refundCents: Cents }): OutboundMessage {
  const { currency } = context.reservation;
  const refund = refundCents > 0 ? formatMoney(refundCents, currency, context.language) : null;
  return text(noticeMessagesFor(context.language).cancelledByLodging({ ...wordsOf(context), refund }));
}

/** A message could not be handled after all tries: one apology, never two (the caller sees to that). */
export function apologyForFailure(language: Language): OutboundMessage {
  return text(noticeMessagesFor(language).apology);
}

/** Ten minutes before a hold ends. `url` null: the link is not made yet. */
export function holdReminder(context: NoticeContext, { url }: { url: string | null }): OutboundMessage {
  const { holdExpiresAt } = context.reservation;
  const until = formatTime(holdExpiresAt, context.lodging.timeZone);
  const minutes = minutesUntil(holdExpiresAt, context.now);
  return text(noticeMessagesFor(context.language).holdReminder({ ...wordsOf(context), until, minutes, url }));
}

/** The day before check-in: when, where, and what is left to pay. */
export function checkinReminder(context: NoticeContext, { paidCents }: { paidCents: Cents }): OutboundMessage {
  const words = { ...wordsOf(context), balance: balanceOf(context, paidCents) };
  return text(noticeMessagesFor(context.language).checkinReminder(words));
}

/** The day after check-out. */
export function thanksAfterStay(context: NoticeContext): OutboundMessage {
  return text(noticeMessagesFor(context.language).thanksAfterStay({ lodging: context.lodging.name }));
}

/** The owner moved the stay to other dates or another unit. */
export function stayMoved(context: NoticeContext): OutboundMessage {
  return text(noticeMessagesFor(context.language).stayMoved(wordsOf(context)));
}

/** An unpaid hold that had to give way to a stay sold elsewhere, or to another guest after its time. */
export function holdReleasedForOther(context: NoticeContext): OutboundMessage {
  const words = noticeMessagesFor(context.language);
  const { reservation } = context;
  return withButtons(words.releasedForOther(wordsOf(context)), [
    { id: choiceIds.dates(stayOf(reservation), partyOf(reservation)), title: words.seeAvailability },
    { id: choiceIds.change('dates'), title: words.otherDates },
  ]);
}
