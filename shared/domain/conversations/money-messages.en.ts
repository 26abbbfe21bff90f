import type { MoneyMessages, RefundWords } from './money-messages.ts';

function where({ isByHand }: RefundWords): string {
  return isByHand ? '' : ' Depending on how you paid, it can take a few days to show in your account.';
}

export const en: MoneyMessages = {
  offer: ({ unit, stay, amount, until }) =>
    `We received your payment of *${amount}*, but it arrived when *${unit}*, ${stay}, had already been taken. Your money is safe: you can use it for something else until ${until}, or we give all of it back. If you choose nothing it goes back by itself.`,
  offerChoose: 'This is what is free:',
  offerUnits: 'Same dates',
  offerDates: 'Other dates',
  offerAgain: ({ amount, unit, stay, until }) =>
    `Your credit of *${amount}* is still there: *${unit}*, ${stay}, was not completed. You can choose something else until ${until}, or we give it back.`,
  seeOptions: 'See options',
  giveBack: 'Give my money back',
  giveBackHint: 'All of it',
  offerRow: ({ total, missing, returned }) =>
    `Total ${total}${missing === null ? '' : ` · ${missing} to add`}${returned === null ? '' : ` · ${returned} back`}`,
  creditNote: ({ amount }) => `You have a credit of *${amount}*: it is taken off the deposit.`,
  differenceDue: ({ unit, stay, credit, missing, until }) =>
    `Done! I'm holding *${unit}*, ${stay}, with your credit of ${credit}. *${missing}* are still due before ${until}: the link is on its way.`,
  differenceLink: ({ unit, stay, party, code, credit, missing, until, url }) =>
    [
      `*${unit}*, ${stay}, ${party}`,
      `Booking ${code} · We already have ${credit} of yours`,
      '',
      `To secure it, pay the remaining *${missing}* before *${until}*:`,
      url,
    ].join('\n'),
  askGiveBack: ({ amount }) =>
    `Shall we give you back the *${amount}*? You can also use it for other dates or another place.`,
  keepLooking: 'Another option',
  givingBack: ({ amount }) =>
    `All right: we have asked for *${amount}* to go back. I'll tell you here when it is done.`,
  offerOver: "That option is over. If there is money still to come back to you, I'll tell you here when it is done.",
  refundDone: {
    duplicate: (w) =>
      `We gave you back *${w.amount}*: *${w.unit}*, ${w.stay}, was already paid and one payment was too many.${where(w)}`,
    late: (w) =>
      `We gave you back *${w.amount}*: your payment for *${w.unit}*, ${w.stay}, came when it could no longer be booked.${where(w)}`,
    cancelled: (w) => `We gave you back *${w.amount}*: the booking of *${w.unit}*, ${w.stay}, is cancelled.${where(w)}`,
    offer_declined: (w) => `Done: we gave you back *${w.amount}*.${where(w)}`,
    offer_expired: (w) => `The time to choose something else is over and we gave you back *${w.amount}*.${where(w)}`,
    difference: (w) =>
      `We gave you back *${w.amount}*, the difference to the deposit of *${w.unit}*, ${w.stay}.${where(w)}`,
    owner: (w) => `The lodging gave you back *${w.amount}* for *${w.unit}*, ${w.stay}.${where(w)}`,
  },
  refundStuck: ({ unit, stay }) =>
    `We are giving back your money for *${unit}*, ${stay}, and Mercado Pago has not allowed it yet. The lodging knows and is on it; we'll tell you here.`,
};
