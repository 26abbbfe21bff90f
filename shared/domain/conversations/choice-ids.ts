import type { Party } from './understanding.ts';
import type { AccommodationId } from '../lodging/accommodation.ts';
import type { ReservationId } from '../reservations/reservation.ts';
import { isCalendarDate, type CalendarDate, type Stay } from '../stay.ts';
import type { Summary } from './conversation.ts';

/** What a tapped button or row means. Ids say all of it, so that an old one still works and never means something else. */
export type Choice =
  | { type: 'unit'; accommodationId: AccommodationId; stay: Stay; party: Party }
  | { type: 'dates'; stay: Stay; party: Party | null }
  | { type: 'check_in'; checkIn: CalendarDate }
  | { type: 'guests'; count: number }
  | { type: 'nights'; count: number }
  | { type: 'confirm'; shown: Summary }
  | { type: 'cancel'; reservationId: ReservationId | null }
  | { type: 'cancel_yes'; reservationId: ReservationId }
  | { type: 'cancel_no' }
  | { type: 'change'; what: 'dates' | 'guests' | 'unit' | null }
  | { type: 'give_back'; offerId: string }
  | { type: 'menu'; item: 'availability' | 'bookings' | 'help' | 'human' };

function partyToken(party: Party): string {
  return `${party.adults}.${party.children}`;
}
function stayToken(stay: Stay): string {
  return `${stay.checkIn}:${stay.checkOut}`;
}

export const choiceIds = {
  unit: (id: AccommodationId, stay: Stay, party: Party) => `unit:${id}:${stayToken(stay)}:${partyToken(party)}`,
  dates: (stay: Stay, party: Party | null) => `dates:${stayToken(stay)}${party ? `:${partyToken(party)}` : ''}`,
  checkIn: (checkIn: CalendarDate) => `check_in:${checkIn}`,
  guests: (count: number) => `guests:${count}`,
  nights: (count: number) => `nights:${count}`,
  confirm: (shown: Summary) =>
    `confirm:${shown.accommodationId}:${stayToken(shown.stay)}:${partyToken(shown.party)}:${shown.totalCents}`,
  cancel: (id: ReservationId | null) => (id === null ? 'cancel' : `cancel:${id}`),
  cancelYes: (id: ReservationId) => `cancel_yes:${id}`,
  cancelNo: () => 'cancel_no',
  change: (what?: 'dates' | 'guests' | 'unit') => (what === undefined ? 'change' : `change:${what}`),
  /** Money that came too late goes back instead of being used for something else. */
  giveBack: (offerId: string) => `give_back:${offerId}`,
  menu: (item: 'availability' | 'bookings' | 'help' | 'human') => `menu:${item}`,
};

function toStay(checkIn?: CalendarDate, checkOut?: CalendarDate): Stay | null {
  if (!checkIn || !checkOut || !isCalendarDate(checkIn) || !isCalendarDate(checkOut) || checkIn >= checkOut)
    return null;
  return { checkIn, checkOut };
}
function toParty(token?: string): Party | null {
  const match = /^(\d{1,3})\.(\d{1,3})$/.exec(token ?? '');
  if (!match) return null;
  const [adults, children] = [Number(match[1]), Number(match[2])];
  return adults > 0 ? { adults, children, total: adults + children } : null;
}
function toId(token?: string): AccommodationId | null {
  return /^\d{1,9}$/.test(token ?? '') ? Number(token) : null;
}
function toCount(token?: string): number | null {
  const count = /^\d{1,3}$/.test(token ?? '') ? Number(token) : 0;
  return count > 0 ? count : null;
}

/** What a tapped id means; null for one that is not ours or is broken: then the words of its title are read instead. */
export function parseChoice(id: string): Choice | null {
  const [kind, ...rest] = id.split(':');
  switch (kind) {
    case 'unit': {
      const [accommodationId, stay, party] = [toId(rest[0]), toStay(rest[1], rest[2]), toParty(rest[3])];
      return accommodationId && stay && party ? { type: 'unit', accommodationId, stay, party } : null;
    }
    case 'dates': {
      const stay = toStay(rest[0], rest[1]);
      return stay && { type: 'dates', stay, party: toParty(rest[2]) };
    }
    case 'check_in':
      return rest[0] !== undefined && isCalendarDate(rest[0]) ? { type: 'check_in', checkIn: rest[0] } : null;
    case 'guests':
    case 'nights': {
      const count = toCount(rest[0]);
      return count === null ? null : { type: kind, count };
    }
    case 'confirm': {
      const [accommodationId, stay, party] = [toId(rest[0]), toStay(rest[1], rest[2]), toParty(rest[3])];
      const totalCents = Number(rest[4]);
      if (!accommodationId || !stay || !party || !Number.isSafeInteger(totalCents)) return null;
      return { type: 'confirm', shown: { accommodationId, stay, party, totalCents } };
    }
    case 'cancel':
      return { type: 'cancel', reservationId: rest[0] ?? null };
    case 'cancel_yes':
      return rest[0] ? { type: 'cancel_yes', reservationId: rest[0] } : null;
    case 'cancel_no':
      return { type: 'cancel_no' };
    case 'change': {
      const what = rest[0];
      return { type: 'change', what: what === 'dates' || what === 'guests' || what === 'unit' ? what : null };
    }
    case 'give_back':
      return /^[\da-f-]{36}$/.test(rest[0] ?? '') ? { type: 'give_back', offerId: rest[0]! } : null;
    case 'menu': {
      const item = rest[0];
      if (item === 'availability' || item === 'bookings' || item === 'help' || item === 'human')
        return { type: 'menu', item };
      return null;
    }
    default:
      return null;
  }
}
