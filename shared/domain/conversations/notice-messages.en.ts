import type { NoticeMessages } from './notice-messages.ts';

export const en: NoticeMessages = {
  paymentLinkReady: ({ unit, stay, nights, party, code, total, deposit, until, url }) =>
    [
      `*${unit}*, ${stay} (${nights}), ${party}`,
      `Booking ${code} · Total: ${total}`,
      '',
      `To secure it, pay the deposit of *${deposit}* before *${until}*:`,
      url,
    ].join('\n'),
  linkIsLate: ({ unit, stay }) =>
    `The link to pay the deposit for *${unit}*, ${stay}, is taking longer than usual. Your place is still on hold: I'll send it as soon as it is ready and you will have the full time to pay.`,
  bookingConfirmed: ({ unit, stay, party, code, checkInFrom, checkOutUntil, address, mapUrl, paid, balance }) =>
    [
      'Booking confirmed! 🎉',
      `*${unit}*, ${stay}, ${party}`,
      `Code: *${code}*`,
      `Check-in from ${checkInFrom}, check-out until ${checkOutUntil}.`,
      ...(address === null ? [] : [`📍 ${address}`]),
      ...(mapUrl === null ? [] : [mapUrl]),
      `We received ${paid}.${balance === null ? ' Everything is paid.' : ` ${balance} left to pay.`}`,
    ].join('\n'),
  paymentPending: ({ unit, stay }) =>
    `Your payment for *${unit}*, ${stay}, is being processed. As soon as Mercado Pago approves it I'll confirm the booking.`,
  paymentRejected: ({ unit, stay, url, until }) =>
    url === null
      ? `The payment for *${unit}*, ${stay}, was rejected and the link has expired. Shall we try again?`
      : `The payment for *${unit}*, ${stay}, was rejected. You can try again, or with another card, until ${until}:\n${url}`,
  holdExpired: ({ unit, stay }) =>
    `The time to pay the deposit is over and I released *${unit}*, ${stay}. If you are still interested I'll look again.`,
  tryAgain: 'Try again',
  otherDates: 'Other dates',
  talkToPerson: 'Talk to someone',
  paymentTooLate: ({ unit, stay }) =>
    `We received your payment for *${unit}*, ${stay}, but it arrived after the hold had ended. We are checking it with the lodging and will tell you here.`,
  paymentInsufficient: ({ unit, stay, received, deposit }) =>
    `We received ${received} for *${unit}*, ${stay}, but the deposit is ${deposit}, so it is not confirmed yet. We are checking it with the lodging and will tell you here.`,
  refundPending: ({ unit, stay }) =>
    `We received your payment for *${unit}*, ${stay}. We are checking it with the lodging and will tell you here.`,
  cancelledByLodging: ({ unit, stay, code, refund }) =>
    [
      `The lodging has cancelled your booking *${code}* of *${unit}* ${stay}. We are sorry about the change.`,
      ...(refund === null ? [] : [`${refund} will be returned to you; I will tell you when it is done.`]),
      'If you like, we can look for other dates.',
    ].join('\n'),
  apology: "Sorry, something went wrong and I couldn't answer your message 😕 Could you write it again?",
  holdReminder: ({ unit, stay, until, minutes, deposit, url }) =>
    [
      `⏳ ${minutes === 1 ? '1 minute left' : `${minutes} minutes left`} (until ${until}) to pay the deposit of ${deposit} for *${unit}*, ${stay}.`,
      ...(url === null ? [] : [url]),
    ].join('\n'),
  checkinReminder: ({ lodging, unit, checkIn, code, checkInFrom, address, mapUrl, balance }) =>
    [
      `Almost there! We expect you at *${lodging}* on ${checkIn}, from ${checkInFrom} 😊`,
      `*${unit}* (${code})`,
      ...(address === null ? [] : [`📍 ${address}`]),
      ...(mapUrl === null ? [] : [mapUrl]),
      ...(balance === null ? [] : [`${balance} left to pay.`]),
    ].join('\n'),
  thanksAfterStay: ({ lodging }) =>
    `Thank you for staying at *${lodging}*! We hope you had a great time. See you again 😊`,
  stayMoved: ({ unit, stay, nights, party, code, total }) =>
    `Your booking *${code}* has changed: it is now *${unit}* ${stay} (${nights}), ${party}. Total: ${total}. If anything does not suit you, just write to me.`,
  releasedForOther: ({ unit, stay }) =>
    `I'm sorry: *${unit}*, ${stay}, was sold through another channel before your deposit arrived, so I had to release it. Please don't pay the earlier link. Shall I find you something else?`,
  seeAvailability: 'See availability',
};
