import type { Cents } from '../money.ts';
import type { Offer, RefundReason } from '../payments/payment.ts';
import { toCalendarDate, type Stay } from '../stay.ts';
import { choiceIds } from './choice-ids.ts';
import { compose, text, type Row } from './compose.ts';
import type { FreeUnit } from './conversation.ts';
import { formatDate, formatMoney, formatParty, formatStay, formatStayShort, formatTime } from './format.ts';
import type { OutboundMessage } from './message.ts';
import { moneyMessagesFor } from './money-messages.ts';
import type { NoticeContext } from './notices.ts';

/** What is free for money that came too late: other units on the same nights, the same unit on other nights. */
export type Alternatives = { units: FreeUnit[]; dates: { stay: Stay; unit: FreeUnit }[] };

function stayOf({ language, lodging, accommodation, reservation, now }: NoticeContext) {
  return {
    unit: accommodation.name,
    stay: formatStay(reservation, toCalendarDate(now, lodging.timeZone), language),
  };
}
function partyOf({ reservation: { adults, children } }: NoticeContext) {
  return { adults, children, total: adults + children };
}

/** "mié 25 de noviembre, 14:30": offers last over midnight. */
function untilWords({ language, lodging, now }: NoticeContext, at: Date): string {
  const day = formatDate(toCalendarDate(at, lodging.timeZone), toCalendarDate(now, lodging.timeZone), language);
  return `${day}, ${formatTime(at, lodging.timeZone)}`;
}

/** Money that came when its nights were gone: what else it could be for, as rows to tap, and the way back. */
export function paymentOffer(
  context: NoticeContext,
  {
    offer,
    creditCents,
    alternatives,
  }: { offer: Pick<Offer, 'id' | 'expiresAt'>; creditCents: Cents; alternatives: Alternatives },
): OutboundMessage {
  const { language, reservation } = context;
  const words = moneyMessagesFor(language);
  const amount = formatMoney(creditCents, reservation.currency, language);
  const money = (cents: Cents): string | null =>
    cents > 0 ? formatMoney(cents, reservation.currency, language) : null;
  const row = (unit: FreeUnit, stay: Stay, title: string): Row => ({
    id: choiceIds.unit(unit.accommodation.id, stay, partyOf(context)),
    title,
    description: words.offerRow({
      total: formatMoney(unit.quote.totalCents, unit.quote.currency, language),
      missing: money(unit.quote.depositCents - creditCents),
      returned: money(creditCents - unit.quote.depositCents),
    }),
  });
  const sections = [
    {
      title: words.offerUnits,
      rows: alternatives.units.slice(0, 5).map((unit) => row(unit, reservation, unit.accommodation.name)),
    },
    {
      title: words.offerDates,
      rows: alternatives.dates.slice(0, 4).map(({ stay, unit }) => row(unit, stay, formatStayShort(stay, language))),
    },
    {
      title: words.giveBack,
      rows: [{ id: choiceIds.giveBack(offer.id), title: words.giveBack, description: words.giveBackHint }],
    },
  ].filter(({ rows }) => rows.length > 0);
  const body = words.offer({ ...stayOf(context), amount, until: untilWords(context, offer.expiresAt) });
  return compose([body], { text: words.offerChoose, list: { button: words.seeOptions, sections } })[0]!;
}

/** The hold that was chosen for a credit ended before its difference was paid. */
export function offerAgain(
  context: NoticeContext,
  { offer, creditCents }: { offer: Pick<Offer, 'id' | 'expiresAt'>; creditCents: Cents },
): OutboundMessage {
  const { language, reservation } = context;
  const words = moneyMessagesFor(language);
  const amount = formatMoney(creditCents, reservation.currency, language);
  const body = words.offerAgain({ ...stayOf(context), amount, until: untilWords(context, offer.expiresAt) });
  const stay = { checkIn: reservation.checkIn, checkOut: reservation.checkOut };
  return compose([], {
    text: body,
    buttons: [
      { id: choiceIds.dates(stay, partyOf(context)), title: words.seeOptions },
      { id: choiceIds.giveBack(offer.id), title: words.giveBack },
    ],
  })[0]!;
}

/** The link for what a credit does not cover. */
export function differenceLinkReady(
  context: NoticeContext,
  { url, expiresAt, missingCents }: { url: string; expiresAt: Date; missingCents: Cents },
): OutboundMessage {
  const { language, reservation, lodging } = context;
  const money = (cents: Cents): string => formatMoney(cents, reservation.currency, language);
  return text(
    moneyMessagesFor(language).differenceLink({
      ...stayOf(context),
      party: formatParty(partyOf(context), language),
      code: reservation.code,
      credit: money(reservation.depositCents - missingCents),
      missing: money(missingCents),
      until: formatTime(expiresAt, lodging.timeZone),
      url,
    }),
  );
}

/** Money went back; said when it is done, with its reason. */
export function refundDone(
  context: NoticeContext,
  { cents, currency, reason, isByHand }: { cents: Cents; currency: string; reason: RefundReason; isByHand: boolean },
): OutboundMessage {
  const amount = formatMoney(cents, currency, context.language);
  return text(moneyMessagesFor(context.language).refundDone[reason]({ ...stayOf(context), amount, isByHand }));
}

/** A refund that the provider refuses: a person sees to it. */
export function refundStuck(context: NoticeContext): OutboundMessage {
  return text(moneyMessagesFor(context.language).refundStuck(stayOf(context)));
}
