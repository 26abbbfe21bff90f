import { addDays, weekday, type CalendarDate } from '#shared/domain/stay.ts';
import type { SlotName } from '#shared/domain/conversations/understanding.ts';

/** Days that come as check-in and check-out at once, or a stretch inside which a stay is wanted. */
export type DateSpan = {
  from: number;
  to: number;
  stay?: { checkIn: CalendarDate; checkOut: CalendarDate };
  window?: { from: CalendarDate; to: CalendarDate };
  /** How the window may be meant as dates ("early March", "the next 3 days"): given where nothing else is said, and asked about. */
  guess?: { checkIn: CalendarDate; checkOut?: CalendarDate };
  /** The window is one whole month: it can serve days said apart from it. */
  isMonth?: { window: CalendarDate; year?: number };
  /** A feast by its name: days said without a month lie around it. */
  isFeast?: boolean;
  doubts: SlotName[];
};

/** Friday to Sunday; on a Saturday from today; on a Sunday the one that comes. */
export function comingWeekend(today: CalendarDate): { checkIn: CalendarDate; checkOut: CalendarDate } {
  const day = weekday(today);
  const sunday = addDays(today, 7 - day);
  return { checkIn: day === 6 ? today : addDays(sunday, -2), checkOut: sunday };
}
