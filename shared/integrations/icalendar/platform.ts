import { createHash } from 'node:crypto';
import { overlaps, type CalendarDate, type Stay } from '#shared/domain/stay.ts';
import { readCalendar } from './read-calendar.ts';

/** How a platform writes its calendar. */
export type PlatformStyle = 'airbnb' | 'booking' | 'vrbo' | 'generic';

/** A stay that a guest bought on the platform. */
export type PlatformBooking = { id: string; code: string; stay: Stay; guest: string };

export type PlatformOptions = {
  name: string;
  style: PlatformStyle;
  /** Does its own export tell what it imported? Airbnb and Booking.com do. */
  reexports: boolean;
  /** Booking numbers of this platform start with it, so that two never meet. */
  seed?: number;
};

export type PlatformState = {
  bookings: PlatformBooking[];
  /** Nights that its own page closed, by the owner's hand. */
  closed: Stay[];
  /** By source: what it imported last. */
  imported: Record<string, Stay[]>;
  nextId: number;
};

/** One listing on a platform that sells nights, imports calendars and exports its own. */
export type Platform = ReturnType<typeof createPlatform>;

/** A platform in memory: no clock, no network; `simulator.ts` puts it behind HTTP. */
export function createPlatform({ name, style, reexports, seed = 0 }: PlatformOptions, kept?: PlatformState) {
  const state: PlatformState = kept ?? { bookings: [], closed: [], imported: {}, nextId: seed * 10_000 + 1 };
  const importedNights = (): Stay[] => Object.values(state.imported).flat();
  const isTaken = (stay: Stay, except?: string): boolean =>
    state.bookings.some((booking) => booking.id !== except && overlaps(booking.stay, stay)) ||
    [...state.closed, ...importedNights()].some((taken) => overlaps(taken, stay));

  return {
    name,
    style,
    state,
    importedNights,
    /** Sells nights; undefined when the platform knows that they are taken. */
    book(stay: Stay, guest = 'Guest'): PlatformBooking | undefined {
      if (isTaken(stay)) return undefined;
      const id = String(state.nextId++);
      const booking = { id, code: codeOf(style, id), stay, guest };
      state.bookings.push(booking);
      return booking;
    },
    /** The guest's change of dates; false when they are taken. */
    move(id: string, stay: Stay): boolean {
      const booking = state.bookings.find((one) => one.id === id);
      if (!booking || isTaken(stay, id)) return false;
      booking.stay = stay;
      return true;
    },
    cancel(id: string): void {
      state.bookings = state.bookings.filter((booking) => booking.id !== id);
    },
    close(stay: Stay): void {
      state.closed.push(stay);
    },
    open(stay: Stay): void {
      state.closed = state.closed.filter(
        ({ checkIn, checkOut }) => checkIn !== stay.checkIn || checkOut !== stay.checkOut,
      );
    },
    /** Takes over what a source's calendar says, wholesale, as platforms do; a text that is no calendar changes nothing. */
    import(source: string, text: string): void {
      const reading = readCalendar(text, { timeZone: 'UTC' });
      if (!reading.isComplete) return;
      const taking = reading.events.filter(({ status }) => status === 'confirmed' || status === 'tentative');
      state.imported[source] = taking.map(({ checkIn, checkOut }) => ({ checkIn, checkOut }));
    },
    /** Its export, of what ends after that day. */
    export(today: CalendarDate): string {
      const own = state.bookings.filter(({ stay }) => stay.checkOut > today).map((booking) => ownEvent(style, booking));
      const blocked = [...state.closed, ...(reexports ? unique(importedNights()) : [])];
      const others = blocked.filter(({ checkOut }) => checkOut > today).map((stay) => blockEvent(style, name, stay));
      return `${[...header(style), ...own.flat(), ...others.flat(), 'END:VCALENDAR'].join('\r\n')}\r\n`;
    },
  };
}

function unique(stays: readonly Stay[]): Stay[] {
  return [...new Map(stays.map((stay) => [`${stay.checkIn}${stay.checkOut}`, stay])).values()];
}

function header(style: PlatformStyle): string[] {
  const producer = {
    airbnb: 'PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 1.0//EN',
    booking: String.raw`PRODID:-//admin.booking.com\, b.v.//NONSGML v1.0//EN`,
    vrbo: 'PRODID:-//HomeAway.com, Inc.//EN',
    generic: 'PRODID:-//Simulated platform//EN',
  }[style];
  return ['BEGIN:VCALENDAR', producer, 'CALSCALE:GREGORIAN', 'VERSION:2.0'];
}

function codeOf(style: PlatformStyle, id: string): string {
  if (style === 'airbnb') return `HMSIM${id.padStart(5, '0')}`;
  return style === 'vrbo' ? `HA-SIM${id.padStart(5, '0')}` : id;
}

/** A stay sold here, with the marks that the real ones give it; Booking.com gives none. */
function ownEvent(style: PlatformStyle, { id, code, stay, guest }: PlatformBooking): string[] {
  switch (style) {
    case 'airbnb':
      return event(`${digest(`own ${id}`)}@airbnb.com`, stay, 'Reserved', [
        `DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de`,
        String.raw` tails/${code}\nPhone Number (Last 4 Digits): 0000`,
      ]);
    case 'booking':
      return event(`${digest(`own ${id}`)}@booking.com`, stay, 'CLOSED - Not available');
    case 'vrbo':
      return event(`${id}-reservation@vrbo.com`, stay, `Reserved - ${guest}`);
    case 'generic':
      return event(`${id}@generic.example`, stay, 'Busy');
  }
}

/** What is closed by hand or by an import: named by its nights, so that the name is the same at every export. */
function blockEvent(style: PlatformStyle, name: string, stay: Stay): string[] {
  const uid = digest(`${name} ${stay.checkIn} ${stay.checkOut}`);
  switch (style) {
    case 'airbnb':
      return event(`${uid}@airbnb.com`, stay, 'Airbnb (Not available)');
    case 'booking':
      return event(`${uid}@booking.com`, stay, 'CLOSED - Not available');
    case 'vrbo':
      return event(`${uid}@vrbo.com`, stay, 'Blocked');
    case 'generic':
      return event(`${uid}@generic.example`, stay, 'Busy');
  }
}

function event(uid: string, stay: Stay, summary: string, more: readonly string[] = []): string[] {
  const day = (date: CalendarDate): string => date.replaceAll('-', '');
  return [
    'BEGIN:VEVENT',
    `DTEND;VALUE=DATE:${day(stay.checkOut)}`,
    `DTSTART;VALUE=DATE:${day(stay.checkIn)}`,
    `UID:${uid}`,
    ...more,
    `SUMMARY:${summary}`,
    'END:VEVENT',
  ];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
