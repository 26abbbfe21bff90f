import { DomainError } from '../errors.ts';
import type { Season } from '../pricing.ts';
import { daysBetween, isCalendarDate } from '../stay.ts';
import type { Accommodation, Facts } from './accommodation.ts';

/** A unit as the owner's list shows it: `isActive: false` is no longer let, and keeps its history. */
export type ListedAccommodation = Accommodation & { isActive: boolean; position: number };

/** What an owner writes about a unit; prices in cents, percentages whole. `lastArrivalHour` null = the lodging's. */
export type AccommodationDraft = {
  name: string;
  kind: string;
  description: string;
  capacity: number;
  includedGuests: number;
  basePriceCents: number;
  weekendPercent: number;
  weekendDays: number[];
  extraGuestCents: number;
  longStayNights: number | null;
  longStayDiscountPercent: number;
  depositPercent: number;
  minNights: number;
  lastArrivalHour: number | null;
  facts: Facts;
  isActive: boolean;
  position: number;
};

/** Throws `invalid_dates` for a season without nights and `seasons_overlap` when a night would have two prices. */
export function checkSeasons(seasons: readonly Season[]): void {
  for (const { firstNight, lastNight } of seasons)
    if (!isCalendarDate(firstNight) || !isCalendarDate(lastNight) || daysBetween(firstNight, lastNight) < 0)
      throw new DomainError('invalid_dates', { firstNight, lastNight });
  const ordered = seasons.toSorted((a, b) => (a.firstNight < b.firstNight ? -1 : 1));
  for (const [index, season] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next && next.firstNight <= season.lastNight)
      throw new DomainError('seasons_overlap', { night: next.firstNight, seasons: [season.name, next.name] });
  }
}
