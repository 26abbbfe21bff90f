import { addDays, type CalendarDate, type Stay } from '../stay.ts';
import { isSameNights } from './changes.ts';
import type { StoredEvent } from './feed.ts';
import { nightsOfEvent, type ForeignEvent } from './foreign-event.ts';

/** An event of a fetch, ready to be compared: with the nights that it takes. */
export type SeenEvent = Omit<ForeignEvent, 'checkIn' | 'checkOut' | 'summary'> & { nights: Stay };

/** Airbnb's "Not available" reaches years ahead; nobody can book with us beyond this. */
const horizonDays = 600;

/**
 * What of a fetch counts: not our own events coming back by their UID, of several versions of one event the newest, of the same
 * nights listed several times one, sliding blocks up to our horizon.
 */
export function selectEvents(
  events: readonly ForeignEvent[],
  today: CalendarDate,
  isOurs: (uid: string) => boolean,
): SeenEvent[] {
  const horizon = addDays(today, horizonDays);
  const seen: SeenEvent[] = [];
  for (const event of events) {
    const { uid, status, kind, code, occurrence, sequence } = event;
    if (uid !== null && isOurs(uid)) continue;
    const nights = nightsOfEvent(event);
    if (kind === 'not_available') {
      if (nights.checkIn >= horizon) continue;
      if (nights.checkOut > horizon) nights.checkOut = horizon;
    }
    seen.push({ uid, status, kind, code, occurrence, sequence, nights });
  }
  return dropCopies(dropOldVersions(seen));
}

function dropOldVersions(events: readonly SeenEvent[]): SeenEvent[] {
  const newest = new Map<string, number>();
  for (const event of events) {
    const key = uidKey(event);
    if (key !== null) newest.set(key, Math.max(newest.get(key) ?? 0, event.sequence));
  }
  return events.filter((event) => {
    const key = uidKey(event);
    return key === null || event.sequence === newest.get(key);
  });
}

/** The same nights once: the ones with a booking's number, else the first. What frees nights is left alone. */
function dropCopies(events: readonly SeenEvent[]): SeenEvent[] {
  const taking = events.filter(takesNights);
  const byNights = Map.groupBy(taking, nightsKey);
  if (byNights.size === taking.length) return [...events];
  const kept = new Set<SeenEvent>();
  for (const group of byNights.values()) {
    const codes = new Set<string>();
    for (const event of group) {
      if (event.code === null || codes.has(event.code)) continue;
      codes.add(event.code);
      kept.add(event);
    }
    if (codes.size === 0) kept.add(group[0]!);
  }
  return events.filter((event) => !takesNights(event) || kept.has(event));
}

export function takesNights({ status }: Pick<SeenEvent, 'status'>): boolean {
  return status === 'confirmed' || status === 'tentative';
}

function nightsKey({ nights }: { nights: Stay }): string {
  return `${nights.checkIn}/${nights.checkOut}`;
}

export type MatchedEvents = {
  matched: { stored: StoredEvent; seen: SeenEvent; isByDatesOnly: boolean }[];
  /** Seen for the first time. */
  unknown: SeenEvent[];
  /** Known, and not in this fetch. */
  absent: StoredEvent[];
};

/**
 * Finds the known event of each seen one by rules.md's order of identities: the booking's number, the UID, the same nights. A
 * UID that several events share names none of them unless the nights agree too.
 */
export function matchEvents(stored: readonly StoredEvent[], seen: readonly SeenEvent[]): MatchedEvents {
  // Live ones first: of two rows with the same nights the one that counts is found.
  const known = stored.toSorted((a, b) => rank(a) - rank(b));
  const free = new Set(known);
  const matched: MatchedEvents['matched'] = [];
  const match = (events: readonly SeenEvent[], keyOf: Key, fits: Fits, isByDatesOnly = false): SeenEvent[] => {
    if (free.size === 0) return [...events];
    const index = Map.groupBy(known, keyOf);
    return events.filter((event) => {
      const key = keyOf(event);
      const found =
        key === null ? undefined : index.get(key)?.find((candidate) => free.has(candidate) && fits(candidate, event));
      if (!found) return true;
      free.delete(found);
      matched.push({ stored: found, seen: event, isByDatesOnly });
      return false;
    });
  };
  const shared = findSharedUids(known, seen);
  const isAlone: Fits = (a, b) => isSameBooking(a, b) && !shared.has(b.uid ?? '');
  // What takes nights first: a cancelled twin of a live event must not take its place.
  let rest = seen.toSorted((a, b) => Number(takesNights(b)) - Number(takesNights(a)));
  rest = match(rest, codeKey, (a, b) => isSameNights(a.nights, b.nights));
  rest = match(rest, codeKey, () => true);
  rest = match(rest, uidKey, (a, b) => isSameBooking(a, b) && isSameNights(a.nights, b.nights));
  rest = match(rest, uidKey, isAlone);
  const [taking, freeing] = [rest.filter(takesNights), rest.filter((event) => !takesNights(event))];
  const unknown = match(
    taking,
    nightsKey,
    (a, b) => a.state !== 'over' && isSameBooking(a, b) && !shared.has(b.uid ?? ''),
    true,
  );
  return { matched, unknown: [...unknown, ...freeing], absent: [...free] };
}

type Comparable = Pick<StoredEvent, 'uid' | 'code' | 'occurrence' | 'nights'>;
type Key = (event: Comparable) => string | null;
type Fits = (stored: StoredEvent, seen: SeenEvent) => boolean;

const states = ['live', 'freed', 'over'];
function rank({ state }: StoredEvent): number {
  return states.indexOf(state);
}

const codeKey: Key = ({ code, occurrence }) => nameOf(code, occurrence);
const uidKey: Key = ({ uid, occurrence }) => nameOf(uid, occurrence);

/** Of most events the name alone, whose hash is kept; no name has a line end. */
function nameOf(name: string | null, occurrence: CalendarDate | null): string | null {
  return name === null || occurrence === null ? name : `${name}\n${occurrence}`;
}

/** Two different numbers are two bookings, whatever else they share. */
function isSameBooking(a: Comparable, b: Comparable): boolean {
  return a.code === null || b.code === null || a.code === b.code;
}

function findSharedUids(stored: readonly StoredEvent[], seen: readonly SeenEvent[]): Set<string> {
  const shared = new Set<string>();
  const live = stored.filter(({ state }) => state === 'live');
  for (const events of [live, seen.filter(takesNights)]) {
    const met = new Set<string>();
    for (const event of events) {
      const key = uidKey(event);
      if (key === null) continue;
      if (met.has(key)) shared.add(event.uid!);
      met.add(key);
    }
  }
  return shared;
}
