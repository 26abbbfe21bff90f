import ical, { ICalCalendarMethod, ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import type { ExportedEvent } from '#shared/domain/calendars/ports.ts';

export type WrittenCalendar = {
  /** The unit's name, as the platform may show it. */
  name: string;
  /** What marks our UIDs (`makeUidDomain`). */
  uidDomain: string;
  events: readonly ExportedEvent[];
};

/**
 * An export as RFC 5545 wants it (CRLF, folded at 75 octets, whole days). UIDs and stamps come from the rows, so the bytes stay
 * while nothing changes. No guest is named, and no event says "Reserved": that word would pass for a booking of a platform's own.
 */
export function writeCalendar({ name, uidDomain, events }: WrittenCalendar): string {
  const calendar = ical({ name, prodId: '//Posada//Calendar//EN', method: ICalCalendarMethod.PUBLISH });
  for (const { source, id, nights, changedAt } of events) {
    calendar.createEvent({
      id: `${source === 'hold' ? 'stay' : source}-${id}@${uidDomain}`,
      start: new Date(`${nights.checkIn}T00:00:00Z`),
      end: new Date(`${nights.checkOut}T00:00:00Z`),
      allDay: true,
      stamp: changedAt,
      summary: source === 'stay' ? 'Not available (booked)' : 'Not available',
      status: source === 'hold' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
      transparency: ICalEventTransparency.OPAQUE,
    });
  }
  const text = calendar.toString();
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}
