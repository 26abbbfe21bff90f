import type { Language } from './understanding.ts';
import { en } from './messages.en.ts';
import { es } from './messages.es.ts';
import { pt } from './messages.pt.ts';
import type { VoiceProblem } from './voice.ts';

/** A unit and its nights, already in the guest's words. */
export type StayWords = { unit: string; stay: string };
export type SummaryWords = StayWords & {
  nights: string;
  party: string;
  total: string;
  deposit: string;
  holdMinutes: number;
  until: string;
};
export type BookingWords = StayWords & { party: string; code: string };

/** All that the conversation says to a guest; amounts, dates and hours arrive formatted. Buttons ≤ 20 characters. */
export type Messages = {
  // Beginnings and ends
  hello: string;
  /** To a greeting right after the welcome. */
  helloAgain: string;
  welcome(lodging: string): string;
  menuAvailability: string;
  menuBookings: string;
  menuHelp: string;
  talkToPerson: string;
  help: string;
  thanks: string;
  goodbye: string;
  /** Before a question without whose answer there is no price. */
  forThePrice: string;
  /** To who wants to think or ask at home. */
  later: string;
  /** To who finds it dear or asks for something cheaper. */
  cheapest(words: { unit: string; total: string }): string;
  okay: string;
  unknown: string;
  notUnderstood: string;
  offerPerson: string;
  startedOver: string;
  lateMessage: string;
  understood(what: string): string;
  shallILook: string;
  voiceProblems: Record<VoiceProblem, string>;
  media: Record<'audio' | 'image' | 'video' | 'document' | 'location' | 'contacts' | 'other', string>;

  // Asking
  askDates: string;
  askCheckIn(known: { until: string | null; nights: string | null }): string;
  askCheckOut(checkIn: string): string;
  askParty: string;
  /** The dates that were understood go with the question: nothing is guessed silently. */
  askPartyFor(stay: string): string;
  askPartyNumber: string;
  otherNumber: string;
  askWhetherDates(dates: string): string;
  arrivingOn(date: string): string;
  leavingOn(date: string): string;
  yes: string;
  otherDates: string;
  unclearDates: string;
  unclearParty: string;

  // Problems with what was asked
  problems: {
    impossible(text: string): string;
    reversed(text: string): string;
    past(text: string): string;
    tooManyDates: string;
    datesReversed(dates: { checkIn: string; checkOut: string }): string;
    tooLateToday(hour: number): string;
    tooFarAhead(months: number): string;
    tooLong(nights: number): string;
    minNights(dates: { nights: number; stay: string }): string;
    minNightsOfUnit(dates: StayWords & { nights: number }): string;
    tooManyGuests(numbers: { guests: string; capacity: number }): string;
    notAParty: string;
  };
  /** Several units for a big party, line by line, and what they cost together. */
  splitIdea(idea: { stay: string; lines: string[]; total: string }): string;
  splitWithoutDates: string;
  splitNext: string;

  // Offers
  offers(asked: { stay: string; nights: string; party: string; count: number }): string;
  offerLine(unit: { name: string; capacity: number; total: string }): string;
  chooseFromList: string;
  chooseOne: string;
  choiceAgain: string;
  seeOptions: string;
  unitRow(unit: { total: string; perNight: string; nights: number; capacity: number }): string;
  choose: string;
  takeIt(unit: string): string;
  moreThanShown(hidden: number): string;
  noneFree(asked: { stay: string; party: string }): string;
  unitTaken(asked: StayWords): string;
  unitTooSmall(unit: { name: string; capacity: number }): string;
  alternatives: string;
  noAlternatives: string;
  otherUnits: string;
  nearDates: string;
  /** The same nights with a change of unit; rows to take one by one. */
  inTwoUnits: string;
  dateRow(option: { from: string; units: number }): string;
  unitDateRow(option: { unit: string; total: string }): string;
  /** `isExample`: the guest did not say how many nights. */
  windowOptions(option: { nights: string; party: string; isExample: boolean }): string;
  windowAsk: string;
  windowNone: string;
  oneAtATime: string;
  /** Several units, one by one: how the party is shared out. */
  sharedOut(plan: { units: number; party: string; share: string }): string;
  /** One of several is held: on to the next, for so many. */
  nextUnit(party: string): string;

  // Summary
  summary(words: SummaryWords): string;
  stillHeldElsewhere(words: StayWords & { until: string }): string;
  confirm: string;
  changeSomething: string;
  priceChanged: string;
  staleButton: string;
  summaryReminder(words: StayWords & { total: string }): string;
  alreadyHeld(words: StayWords & { until: string; url: string | null }): string;
  alreadyConfirmed(words: StayWords & { code: string }): string;

  // Changing
  askWhatToChange: string;
  changeDates: string;
  changeParty: string;
  changeUnit: string;
  changeBooked: string;

  // Bookings and cancelling
  noBookings: string;
  bookings(count: number): string;
  heldLine(words: BookingWords & { until: string; minutes: number; deposit: string; url: string | null }): string;
  heldAndOver(words: BookingWords): string;
  confirmedLine(words: BookingWords & { checkInFrom: string }): string;
  cancelBooking: string;
  cancelWhich: string;
  chooseBooking: string;
  cancelHeld(words: StayWords): string;
  cancelFree(words: StayWords & { hours: number }): string;
  cancelKeepsDeposit(words: StayWords & { hours: number; deposit: string }): string;
  cancelYes: string;
  cancelNo: string;
  kept(words: StayWords): string;
  paymentAwaited: string;
  nothingToCancel: string;
  summaryDropped: string;

  // After an act
  held(words: StayWords & { until: string; deposit: string }): string;
  justTaken(words: StayWords): string;
  soonFree(words: StayWords): string;
  refused: string;
  cancelledHeld(words: StayWords): string;
  cancelledFree(words: StayWords): string;
  cancelledKeepsDeposit(words: StayWords): string;
  handedOver: Record<'asked' | 'no_progress', string>;

  // Facts
  facts: {
    amenities(words: { of: string | null; list: string }): string;
    /** Asked for by name and in none of the facts. */
    notListed(what: string): string;
    /** When and how a deposit comes back. */
    refund: string;
    wifi(text: string): string;
    parking(text: string): string;
    address(words: { address: string; mapUrl: string | null }): string;
    hours(words: { checkInFrom: string; checkOutUntil: string; lastArrivalHour: number }): string;
    pets(text: string): string;
    policies(text: string): string;
    freeCancellation(hours: number): string;
    payment(text: string): string;
    /** `percent` null: it differs from unit to unit. */
    depositByLink(percent: number | null): string;
    photos: string;
    missing: string;
  };
};

/** The guest-facing words of a language. */
export function messagesFor(language: Language): Messages {
  return { es, pt, en }[language];
}
