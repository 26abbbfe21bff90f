import type { EventKind } from '#shared/domain/calendars/foreign-event.ts';

/** Airbnb's confirmation code as its links and texts show it, VRBO's, and numbers that are named as a booking's. */
const codePatterns: readonly RegExp[] = [
  /reservations?\/(?:details\/)?(HM[A-Z0-9]{6,12})\b/i,
  /\b(HM[A-Z0-9]{8})\b/,
  /\b(HA-[A-Z0-9]{5,12})\b/,
  /\b(?:booking|reservation|confirmation|reserva)[ _-]*(?:id|code|number|no\.?|nº|ref(?:erence)?|c[oó]digo)?\s*[:#=]\s*([A-Z0-9][A-Z0-9-]{5,24})\b/i,
];

/** The platform's own number of a booking from the texts of an event; null when they tell none. */
export function findBookingCode(texts: readonly string[]): string | null {
  for (const pattern of codePatterns) {
    for (const text of texts) {
      const code = pattern.exec(text)?.[1];
      // "Reservation code: confirmed" is no number.
      if (code && /\d/.test(code)) return code.toUpperCase();
    }
  }
  return null;
}

/** "Airbnb (Not available)", also from an account in another language. */
const isAirbnbBlock =
  /^\s*airbnb\b.*\b(?:not available|no disponible|indispon[ií]vel|non disponib(?:le|ile)|nicht verfügbar)\b/i;

/** Whose feed says "Reserved" of its own bookings only; elsewhere it may be a copy of anything, ours included. */
const marksItsOwn = /airbnb|vrbo|homeaway|abritel|fewo-direkt|stayz/i;

/**
 * What the words of an event say it is (see EventKind); `origin` is whatever tells where it comes from (channel, PRODID, UID).
 * Without any known word it is `closed`: in doubt it is sold.
 */
export function classifyEvent(summary: string, code: string | null, origin: string): EventKind {
  if (code !== null) return 'reservation';
  if (isAirbnbBlock.test(summary)) return 'not_available';
  if (/^\s*reserved\b/i.test(summary) && marksItsOwn.test(origin)) return 'reservation';
  if (/^\s*blocked\b/i.test(summary)) return 'blocked';
  return 'closed';
}
