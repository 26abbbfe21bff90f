import type { CalendarDate } from '../stay.ts';
import { decideAbsences } from './absences.ts';
import {
  createChanges,
  freed,
  isLive,
  isSameNights,
  type EventChange,
  type FeedChanges,
  type FeedState,
  type FirstSight,
  type Step,
} from './changes.ts';
import { covers, echoPatienceMs, isEchoAtFirstSight, isProven, isSuspectAtFirstSight, type EchoFacts } from './echo.ts';
import type { StoredEvent } from './feed.ts';
import type { ForeignEvent } from './foreign-event.ts';
import { matchEvents, selectEvents, takesNights, type SeenEvent } from './match-events.ts';

/** What a good fetch, or what could be read of a broken one, shows. */
export type Sight =
  /** 304: the last good calendar once more. */
  | { type: 'repeat' }
  /** `isComplete` false: nothing is freed or moved by it, only added. */
  | { type: 'events'; events: readonly ForeignEvent[]; isComplete: boolean; unreadableUids: readonly string[] };

export type ReconcileFacts = EchoFacts & {
  today: CalendarDate;
  /** Is this UID one of our own exports? */
  isOurs: (uid: string) => boolean;
};

/**
 * What a fetch means for what we know of a feed: every rule of rules.md (Calendars) about identities, moved dates, sliding
 * blocks, believable disappearance, quarantine, revival and echoes. Pure; what it does not mention stays as it is.
 */
export function reconcile(state: FeedState, sight: Sight, facts: ReconcileFacts): FeedChanges {
  const changes = createChanges(state.quarantine);
  if (sight.type === 'repeat') {
    const live = state.events.filter(isLive);
    for (const event of live.filter(({ missingSince }) => missingSince === null))
      changes.change(event, age(event, facts));
    decideAbsences(
      state,
      live.filter(({ missingSince }) => missingSince !== null),
      changes,
      facts,
    );
    return changes.result();
  }
  const seen = selectEvents(sight.events, facts.today, facts.isOurs);
  const { matched, unknown, absent } = matchEvents(state.events, seen);
  for (const { stored, seen: event, isByDatesOnly } of matched) {
    if (takesNights(event)) changes.change(stored, update(stored, event, isByDatesOnly, sight.isComplete, facts));
    else if (isLive(stored) && sight.isComplete) changes.change(stored, { outcome: 'cancelled', change: freed });
  }
  for (const event of unknown) {
    if (takesNights(event) && event.nights.checkOut > facts.today) changes.add(event, seeFirst(event, facts));
  }
  if (sight.isComplete) {
    const unreadable = new Set(sight.unreadableUids);
    const gone = absent.filter((event) => isLive(event) && !(event.uid !== null && unreadable.has(event.uid)));
    decideAbsences(state, gone, changes, facts);
  }
  return changes.result();
}

/** The owner accepts a quarantine: what is missing is gone, now. Stays that have begun are kept. */
export function acceptMissing(state: FeedState, today: CalendarDate): FeedChanges {
  const changes = createChanges(null);
  for (const event of state.events) {
    if (isLive(event) && event.missingSince !== null && event.nights.checkIn > today)
      changes.change(event, { outcome: 'freed', change: freed });
  }
  return changes.result();
}

/** A known event that is in the fetch. */
function update(
  stored: StoredEvent,
  seen: SeenEvent,
  isByDatesOnly: boolean,
  isComplete: boolean,
  facts: ReconcileFacts,
): Step {
  const { uid, code, occurrence, kind } = seen;
  const described = { uid, code: isByDatesOnly ? code : (code ?? stored.code), occurrence, kind };
  const isMoved = !isSameNights(stored.nights, seen.nights);
  const isPast = seen.nights.checkOut <= facts.today;
  if (!isLive(stored)) {
    if (isPast) return { change: {}, outcome: null };
    const sight = seeFirst(seen, facts);
    const change = {
      ...described,
      ...present,
      ...sight,
      state: 'live' as const,
      nights: seen.nights,
      originFreedAt: null,
    };
    return { change, outcome: sight.isEcho ? 'echo' : 'revived' };
  }
  if (isMoved) {
    const isWider = seen.nights.checkIn <= stored.nights.checkIn && seen.nights.checkOut >= stored.nights.checkOut;
    // A broken file may have broken dates: it takes nights, it gives none back.
    if (!isComplete && !isWider) return { change: present, outcome: null };
    if (isPast) return { change: { ...described, ...present, nights: seen.nights, state: 'over' }, outcome: 'moved' };
    const sight = mayBeOurs(stored, seen) ? seeFirst(seen, facts) : { isEcho: false, suspectSince: null };
    const outcome = kind === 'not_available' ? 'replaced' : 'moved';
    return { change: { ...described, ...present, nights: seen.nights, ...sight, originFreedAt: null }, outcome };
  }
  const aged = age(stored, facts);
  // A booking's own mark, or a new name once the origin is gone: the nights were sold over there.
  const isSold =
    (stored.isEcho || stored.suspectSince !== null) &&
    (kind === 'reservation' || (isByDatesOnly && aged.change.originFreedAt != null));
  const step = isSold
    ? { change: { isEcho: false, originFreedAt: null, suspectSince: null }, outcome: 'flagged' as const }
    : aged;
  return { change: { ...described, ...present, ...step.change }, outcome: step.outcome };
}

/** A stay of theirs that moves onto nights of ours stays one; what came from us, or slides, is looked at afresh. */
function mayBeOurs(stored: StoredEvent, { kind }: SeenEvent): boolean {
  return stored.isEcho || stored.suspectSince !== null || kind === 'not_available' || kind === 'blocked';
}

/** What an event is taken for at its first sight, and again when it comes back after a gap. */
function seeFirst(seen: SeenEvent, facts: ReconcileFacts): FirstSight {
  const isEcho = isEchoAtFirstSight(seen, facts);
  return { isEcho, suspectSince: !isEcho && isSuspectAtFirstSight(seen, facts) ? facts.fetchedAt : null };
}

const present: EventChange = { missingSince: null, missingFetches: 0 };

/** An event that is still there: past ones are over, an echo without its origin has 24 h. */
function age(event: StoredEvent, facts: ReconcileFacts): Step {
  const { today, exports, fetchedAt } = facts;
  if (event.nights.checkOut <= today) return { change: { state: 'over', originFreedAt: null }, outcome: null };
  const { suspectSince } = event;
  if (suspectSince !== null && isProven({ ...event, suspectSince }, facts))
    return { change: { suspectSince: null }, outcome: null };
  if (!event.isEcho) return { change: {}, outcome: null };
  // Once its origin was freed it stays so: whatever we export later on these nights came after it.
  const originFreedAt = event.originFreedAt ?? (covers(exports, event.nights) ? null : fetchedAt);
  if (originFreedAt !== null && fetchedAt.getTime() - originFreedAt.getTime() >= echoPatienceMs)
    return { change: { isEcho: false, originFreedAt: null }, outcome: 'flagged' };
  return { change: { originFreedAt }, outcome: null };
}
