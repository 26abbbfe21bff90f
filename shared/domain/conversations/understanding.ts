import type { CalendarDate } from '../stay.ts';

/** The languages guests are answered in. */
export type Language = 'es' | 'pt' | 'en';

/** What a guest may want; `unknown` when none of the others is meant. */
export const intentNames = [
  'greeting',
  'availability',
  'price',
  'book',
  'change',
  'cancel',
  'my_bookings',
  'payment',
  'amenities',
  'location',
  'photos',
  'checkin_info',
  'pets',
  'policies',
  'human',
  'thanks',
  'yes',
  'no',
  'help',
  'start_over',
  'unknown',
] as const;
export type Intent = (typeof intentNames)[number];

/** A slot of the conversation that a guest's words can fill. */
export type SlotName = 'checkIn' | 'checkOut' | 'guests';

/** How many people come; `total` = adults + children (babies count as children). */
export type Party = { adults: number; children: number; total: number };

/** Why a date that was written could not be used. The conversation names it and asks again. */
export type DateProblem = {
  kind: 'impossible' | 'reversed' | 'past' | 'too_many';
  /** The guest's own words for it, such as "31/02". */
  text: string;
};

/** What one message says. Everything that was not said is null; nothing is guessed silently. */
export type Understanding = {
  /** The main intent: the first of `intents`. */
  intent: Intent;
  /** All intents found, the most important first; never empty. */
  intents: Intent[];
  checkIn: CalendarDate | null;
  checkOut: CalendarDate | null;
  nights: number | null;
  guests: Party | null;
  /** "en enero", "un finde de febrero": dates inside which a stay is wanted, both inclusive; null when exact or absent. */
  window: { from: CalendarDate; to: CalendarDate } | null;
  dateProblem: DateProblem | null;
  /** How many units are asked for ("dos cabañas"); null when not said. */
  units: number | null;
  /** The guest brings an animal. */
  hasPet: boolean;
  language: Language;
  /** 0–1: how sure the rules are of intent and slots together. */
  confidence: number;
  /** Slots that were mentioned but can be read in more than one way; the conversation asks. */
  ambiguous: SlotName[];
};

/** What the conversation knows when it hands over a message; it only helps, nothing depends on it. */
export type UnderstandOptions = {
  /** The calendar date in the lodging's zone that "hoy" means. */
  today: CalendarDate;
  /** The language spoken so far; what the text itself shows wins. */
  language?: Language;
  /** The question that was asked last, so that a bare "4" or "el 12" is read as its answer. */
  expecting?: 'checkIn' | 'checkOut' | 'dates' | 'guests' | 'choice' | 'confirmation';
  /** Dates already known, so that "mejor el 12" or "hasta el 15" lands in the right month. */
  known?: { checkIn?: CalendarDate; checkOut?: CalendarDate };
  /** A date that is talked about but not chosen (a window's first, one that was shown back): it lends its month, nothing else. */
  near?: CalendarDate;
};
