import type { Messages } from './messages.ts';

/** Plain English for travellers, many of whom are not native speakers. */
export const en: Messages = {
  hello: 'Hi! 👋',
  helloAgain:
    "I'm here! 😊 Tell me what you need, for example *January 10 to 14 for 4*, or I can put you through to someone.",
  welcome: (lodging) =>
    `Hi! 👋 I'm the assistant of *${lodging}*.\nTell me your dates and how many you are, or pick an option:`,
  menuAvailability: 'See availability',
  menuBookings: 'My bookings',
  menuHelp: 'Help',
  talkToPerson: 'Talk to someone',
  help: [
    'I can help you with this:',
    '• Find a place and book it: tell me dates and guests, for example *January 10 to 14 for 4*',
    '• See or cancel your bookings: *my bookings*',
    '• Amenities, location, photos, pets, check-in times and how to pay',
    '• Begin again: *start over*',
    '• Put you through to someone here: *person*',
  ].join('\n'),
  thanks: "You're welcome! I'm here if you need anything 😊",
  forThePrice: 'To tell you the price I need one more thing.',
  later: "No hurry! I'm here whenever you want to go on 😊",
  cheapest: ({ unit, total }) =>
    `For those dates the best price is *${unit}*: ${total} in total. Other dates or fewer nights may cost less; to talk about the price with someone, write *person*.`,
  goodbye: 'See you! Write to me any time 👋',
  okay: 'Great! Anything else I can help with?',
  unknown: [
    "Sorry, I didn't get that. You can write, for example:",
    '• *January 10 to 14 for 4*',
    '• *my bookings*',
    '• *do you have wifi?*',
  ].join('\n'),
  notUnderstood: "Sorry, I didn't get that.",
  offerPerson: 'If you would rather talk to someone, write *person*.',
  startedOver: "Done! Let's start over.",
  lateMessage: 'About your earlier message, which reached me late:',
  understood: (what) => `I understood: ${what}.`,
  shallILook: 'If you want me to look for a place, tell me your dates and how many you are.',
  voiceProblems: {
    silent: 'Your voice note was very short or had no sound 😕 Could you record it again or write it?',
    too_long:
      "Your voice note is longer than 3 minutes and I can't listen to it. Could you send a shorter one or write it?",
    too_large: 'Your voice note is too large (more than 16 MB). Could you send a shorter one or write it?',
    unreadable: "I couldn't open your voice note 😕 Could you record it again or write it?",
    unclear: "I couldn't make out your voice note 😕 Could you repeat it or write it?",
    not_received: "Your voice note didn't reach me properly 😕 Could you send it again or write it?",
    unavailable: "Sorry, I can't listen to voice notes right now 😕 Could you write it, please?",
  },
  media: {
    audio: "I couldn't listen to your voice note 😕 Could you write it, please?",
    image:
      "I got your picture, but I can't see it. If it's a receipt there's no need: I'll tell you as soon as the payment arrives.",
    video: "I got your video, but I can't watch it. Could you write it, please?",
    document:
      "I got your file, but I can't open it. If it's a receipt there's no need: I'll tell you as soon as the payment arrives.",
    location: 'Thanks for the location! If you want to know how to get here, ask me *where are you*.',
    contacts: 'I got the contact, thanks. How can I help?',
    other: "I can't read that kind of message. Could you write it, please?",
  },

  askDates: 'For which dates? Tell me arrival and departure, for example *January 10 to 14*.',
  askCheckIn: ({ until, nights }) =>
    until === null
      ? `${nights === null ? '' : `${nights}, noted. `}Which day would you arrive?`
      : `Leaving on ${until}: which day would you arrive?`,
  askCheckOut: (checkIn) => `Arriving on ${checkIn}: until which day, or how many nights?`,
  askParty: 'How many guests?',
  askPartyFor: (stay) => `${stay}: how many guests?`,
  askPartyNumber: 'Tell me how many you are, for example *3* or *2 adults and 1 child*.',
  otherNumber: 'Another number',
  askWhetherDates: (dates) => `Do you mean ${dates}?`,
  arrivingOn: (date) => `arriving on ${date}`,
  leavingOn: (date) => `leaving on ${date}`,
  yes: 'Yes',
  otherDates: 'Other dates',
  unclearDates: "I'm not sure about the dates. Could you give me day and month? For example *January 10 to 14*.",
  unclearParty: "I'm not sure how many you are. Could you give me the number?",

  problems: {
    impossible: (text) => `There is no such date as *${text}*. Could you send it again?`,
    reversed: (text) => `In *${text}* the departure comes before the arrival. Could you tell me the dates again?`,
    past: (text) => `*${text}* is already past. Which dates would it be?`,
    tooManyDates: 'You gave me several dates. Which one is the arrival and which the departure?',
    datesReversed: ({ checkIn, checkOut }) =>
      `The departure (${checkOut}) has to be after the arrival (${checkIn}). Could you tell me the dates again?`,
    tooLateToday: (hour) =>
      `It's too late for today: we receive guests until ${hour}:00. If it's urgent a person can answer you, or tell me another date.`,
    tooFarAhead: (months) =>
      `We don't take bookings that far ahead yet (up to ${months} months). Which other dates would work?`,
    tooLong: (nights) => `I can book up to ${nights} nights here. Which dates shall I look for?`,
    minNights: ({ nights, stay }) => `For ${stay} the minimum stay is ${nights} nights.`,
    minNightsOfUnit: ({ unit, nights, stay }) => `In *${unit}*, for ${stay}, the minimum stay is ${nights} nights.`,
    tooManyGuests: ({ guests, capacity }) => `One place is not enough for ${guests}: the largest sleeps ${capacity}.`,
    notAParty: 'How many guests would it be? I need at least one 😊',
  },
  splitIdea: ({ stay, lines, total }) =>
    `${stay}, you could share it out like this:\n${lines.map((line) => `• ${line}`).join('\n')}\nAll together: ${total}`,
  splitWithoutDates: 'You could take more than one: tell me the dates and I will say which are free.',
  splitNext: 'We book them one by one: tell me for how many I should find the first, or I can pass you to someone.',

  offers: ({ stay, nights, party, count }) =>
    `${stay} (${nights}), for ${party}, I have ${count === 1 ? 'this place' : 'these places'}:`,
  offerLine: ({ name, capacity, total }) => `• *${name}* (sleeps ${capacity}): ${total}`,
  chooseFromList: 'That is the total for the whole stay. Which one do you like?',
  chooseOne: 'That is the total for the whole stay. Would you like it?',
  choiceAgain: 'Which one do you like?',
  seeOptions: 'See options',
  unitRow: ({ total, perNight, nights, capacity }) =>
    nights === 1
      ? `${total} the night · sleeps ${capacity}`
      : `${total} total · ${perNight}/night · sleeps ${capacity}`,
  choose: 'Choose it',
  takeIt: (unit) => `Choose ${unit}`,
  moreThanShown: (hidden) => `There are ${hidden} more; if none suits you, ask me for *another*.`,
  noneFree: ({ stay, party }) => `${stay}, I have nothing left for ${party} 😕`,
  unitTaken: ({ unit, stay }) => `*${unit}* is not free ${stay} 😕`,
  unitTooSmall: ({ name, capacity }) => `*${name}* sleeps ${capacity} at most.`,
  alternatives: 'Have a look at these:',
  noAlternatives:
    "I didn't find anything on the days around it either. Tell me other dates or, if you like, I can pass you to someone.",
  otherUnits: 'Same dates',
  nearDates: 'Other dates',
  inTwoUnits: 'Changing places',
  dateRow: ({ from, units }) => `from ${from} total · ${units} free`,
  unitDateRow: ({ unit, total }) => `${unit} · ${total} total`,
  windowOptions: ({ nights, party, isExample }) =>
    `For ${party}, ${isExample ? 'for example ' : ''}${nights}, these are free:`,
  windowAsk: 'Pick one or tell me other dates.',
  windowNone: 'I have nothing left on those days 😕 Shall we try other dates?',
  oneAtATime: 'We book them one by one: choose the first and then we go on with the next.',
  sharedOut: ({ units, party, share }) =>
    `${party} in ${units} places: we book them one by one. I look for the first for ${share}; tell me if you split up otherwise.`,
  nextUnit: (party) => `On to the next one, for ${party}.`,

  summary: ({ unit, stay, nights, party, total, deposit, holdMinutes, until }) =>
    [
      `*${unit}*`,
      `📅 ${stay} (${nights})`,
      `👥 ${party}`,
      `Total: *${total}*`,
      `Deposit to book: *${deposit}*`,
      '',
      `If you confirm, I'll keep it for you for ${holdMinutes} minutes (until ${until}) so that you can pay the deposit. Shall I?`,
    ].join('\n'),
  stillHeldElsewhere: ({ unit, stay, until }) => `Note: *${unit}*, ${stay}, is still on hold for you until ${until}.`,
  confirm: 'Confirm',
  changeSomething: 'Change something',
  priceChanged: 'The price has changed since I showed it. Now it is:',
  staleButton: 'That button belonged to an earlier summary. This is how it stands now:',
  summaryReminder: ({ unit, stay, total }) => `Shall I book *${unit}*, ${stay}, for ${total}?`,
  alreadyHeld: ({ unit, stay, until, url }) =>
    `*${unit}*, ${stay}, is already on hold for you until ${until}. ${url === null ? 'The link to pay the deposit is on its way.' : `To secure it, pay the deposit here:\n${url}`}`,
  alreadyConfirmed: ({ unit, stay, code }) => `*${unit}*, ${stay}, is already confirmed for you (${code}) ✅`,

  askWhatToChange: 'What would you like to change?',
  changeDates: 'Dates',
  changeParty: 'Guests',
  changeUnit: 'Place',
  changeBooked: 'Bookings already made are changed by a person here. Shall I pass you on, or look for something new?',

  noBookings: 'You have no active bookings. Shall we look for dates?',
  bookings: (count) => (count === 1 ? 'Your booking:' : 'Your bookings:'),
  heldLine: ({ unit, stay, party, code, until, minutes, deposit, url }) =>
    [
      `*${unit}*, ${stay}, ${party} (${code})`,
      `⏳ On hold until ${until} (${minutes === 1 ? '1 minute left' : `${minutes} minutes left`}). Deposit: ${deposit}`,
      url ?? 'The link to pay is on its way.',
    ].join('\n'),
  heldAndOver: ({ unit, stay, code }) =>
    `*${unit}*, ${stay} (${code})\n⌛ The time to pay the deposit is over; I'm checking whether a payment arrived.`,
  confirmedLine: ({ unit, stay, party, code, checkInFrom }) =>
    `*${unit}*, ${stay}, ${party} (${code})\n✅ Confirmed. Check-in from ${checkInFrom}.`,
  cancelBooking: 'Cancel booking',
  cancelWhich: 'Which one do you want to cancel?',
  chooseBooking: 'Choose booking',
  cancelHeld: ({ unit, stay }) =>
    `Shall I cancel *${unit}*, ${stay}? You haven't paid anything yet, so it costs nothing.`,
  cancelFree: ({ unit, stay, hours }) =>
    `Shall I cancel *${unit}*, ${stay}? Check-in is more than ${hours} hours away, so it is free of charge.`,
  cancelKeepsDeposit: ({ unit, stay, hours, deposit }) =>
    `Shall I cancel *${unit}*, ${stay}? Check-in is less than ${hours} hours away, so the deposit (${deposit}) is not returned.`,
  cancelYes: 'Yes, cancel it',
  cancelNo: 'No, keep it',
  kept: ({ unit, stay }) => `Perfect, your booking of *${unit}*, ${stay}, stands 👍`,
  paymentAwaited: "Thank you! As soon as Mercado Pago approves the payment I'll confirm the booking here.",
  nothingToCancel: 'You have no active bookings to cancel.',
  summaryDropped: 'Done, I dropped it. You have no active bookings.',

  held: ({ unit, stay, until, deposit }) =>
    `Done! I'm keeping *${unit}*, ${stay}, for you until ${until} ⏳\nThe link to pay the deposit of ${deposit} comes right away.`,
  justTaken: ({ unit, stay }) => `Oh! Somebody has just taken *${unit}*, ${stay}.`,
  soonFree: ({ unit, stay }) =>
    `*${unit}*, ${stay}, is on hold for somebody else, but it will be free in a few minutes if they don't confirm: try again shortly.`,
  refused: "I couldn't make the booking. Shall we try other dates?",
  cancelledHeld: ({ unit, stay }) =>
    `Done, I cancelled *${unit}*, ${stay}. The payment link is no longer valid, please don't use it.`,
  cancelledFree: ({ unit, stay }) =>
    `Done, I cancelled *${unit}*, ${stay}, free of charge. We will tell you here when the deposit is returned.`,
  cancelledKeepsDeposit: ({ unit, stay }) =>
    `Done, I cancelled *${unit}*, ${stay}. By the cancellation policy the deposit is not returned.`,
  handedOver: {
    asked: "I'm letting someone here know, so they can answer you in this chat 🙌",
    no_progress: "I'm not being much help, so I'm letting someone here know; they will answer you in this chat 🙌",
  },

  facts: {
    amenities: ({ of, list }) => (of === null ? `We have: ${list}.` : `*${of}* has: ${list}.`),
    notListed: (what) => `I have no note of *${what}* here; if you want someone to confirm it, write *person*.`,
    refund:
      'If you cancel in time, the deposit goes back through Mercado Pago to where it was paid from, and we tell you here when it is sent.',
    wifi: (text) => `Wifi: ${text}`,
    parking: (text) => `Parking: ${text}`,
    address: ({ address, mapUrl }) => `📍 We are at ${address}.${mapUrl === null ? '' : `\n${mapUrl}`}`,
    hours: ({ checkInFrom, checkOutUntil, lastArrivalHour }) =>
      `Check-in is from ${checkInFrom}${lastArrivalHour < 24 ? ` (we receive guests until ${lastArrivalHour}:00)` : ''} and check-out until ${checkOutUntil}.`,
    pets: (text) => `🐾 Pets: ${text}`,
    policies: (text) => text,
    freeCancellation: (hours) =>
      `You can cancel free of charge up to ${hours} hours before check-in; after that the deposit is not returned.`,
    payment: (text) => text,
    depositByLink: (percent) =>
      `The deposit ${percent === null ? '' : `is ${percent} % of the total and `}is paid through a Mercado Pago link that I send when you confirm.`,
    photos: 'Here are the photos 📷',
    missing: "I don't have that information. If you want someone here to confirm it, write *person*.",
  },
};
