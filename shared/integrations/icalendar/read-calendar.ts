import type { EventStatus, ProblemCode, Reading, ReadingProblem } from '#shared/domain/calendars/foreign-event.ts';
import type { CalendarDate, Stay } from '#shared/domain/stay.ts';
import { classifyEvent, findBookingCode } from './classify-event.ts';
import { collectEvents, type RawEvent } from './collect-events.ts';
import { decodeCalendar, readParameter, unescapeText, type ContentLine } from './content-lines.ts';
import { expandEvents, type ReadEvent } from './expand-events.ts';
import { expandRule, type WallWindow } from './expand-rule.ts';
import {
  checkOutOf,
  isLastDay,
  isPlace,
  isUtcZone,
  readDuration,
  readLocalTime,
  toDate,
  zoneOfProperty,
  type LocalTime,
} from './local-times.ts';

export type ReadOptions = {
  /** The lodging's zone, for times that say no other. */
  timeZone: string;
  /** Helps to tell a booking of its own from a copy. */
  channel?: string;
  /**
   * Which occurrences of repeated events are wanted; default: two years from each event's own start. An import gives its
   * horizon, else a block that repeats since years would be missed.
   */
  window?: { from: CalendarDate; to: CalendarDate };
};

const dayMs = 86_400_000;
/** Characters of a text and of a UID that count; a platform needs no more. */
const longestText = 4_000;
const longestUid = 1_000;

/**
 * Reads whatever a platform calls a calendar: every event in it, in local dates, whatever is broken around it. Never throws
 * and never depends on the process's zone. Nested components (alarms) say nothing about their event; to-dos and journals are
 * no events. At most 5,000 occurrences per rule.
 */
export function readCalendar(file: Uint8Array | string, options: ReadOptions): Reading {
  const text = typeof file === 'string' ? file : decodeCalendar(file);
  const problems: ReadingProblem[] = [];
  const found = collectEvents(text, problems);
  const reader = createEventReader(options, found.events, problems);
  const unreadableUids: string[] = [];
  const read: ReadEvent[] = [];
  for (const raw of found.events) {
    const event = reader.read(raw);
    if (event) read.push(event);
    else {
      const uid = uidOf(raw);
      if (uid !== null) unreadableUids.push(uid);
    }
  }
  return {
    events: expandEvents(read, options.window, reader, problems),
    problems,
    isComplete: found.isComplete,
    unreadableUids,
  };
}

/** Rules that one file may have expanded, and among them those too dense to be expanded whole: a hostile feed costs no more. */
const mostRules = 500;
const mostCutRules = 2;

type Note = (code: ProblemCode, line?: number) => void;

function createEventReader(options: ReadOptions, events: readonly RawEvent[], problems: ReadingProblem[]) {
  const masters = zonesOfMasters(events);

  /** The zone that an instant of this event is seen in: what its own properties say, the calendar's, the lodging's. */
  function zoneOfEvent(raw: RawEvent): string {
    for (const name of ['DTSTART', 'DTEND']) {
      const zone = zoneOfProperty(raw.fields.get(name)?.params ?? '');
      if (isPlace(zone)) return zone;
    }
    return isPlace(raw.calendar.zone) ? raw.calendar.zone : options.timeZone;
  }

  /** Where each repeated event is: what replaces one of its occurrences may name that one in UTC. */
  function zonesOfMasters(all: readonly RawEvent[]): Map<string, string> {
    const repeated = all.filter((raw) => raw.repeated.length > 0);
    return new Map(repeated.map((raw) => [uidOf(raw) ?? '', zoneOfEvent(raw)]));
  }

  function readTime({ params }: ContentLine, value: string, fallback: () => string): LocalTime | undefined {
    // A date is a date, whatever hour and zone are written behind it.
    if (isWholeDay(params)) return readLocalTime(/^\s*\d{4}-?\d{2}-?\d{2}/.exec(value)?.[0] ?? value, fallback);
    const zone = params === '' ? undefined : zoneOfProperty(params);
    // "TZID=UTC" says when, not where.
    const suffixed = isUtcZone(zone) && /T\d{6}$/i.test(value.trim()) ? `${value.trim()}Z` : value;
    return readLocalTime(suffixed, isPlace(zone) ? () => zone : fallback);
  }

  function read(raw: RawEvent): ReadEvent | undefined {
    const uid = uidOf(raw);
    const known = uid === null ? {} : { uid };
    const note: Note = (code, line = raw.line) => void problems.push({ code, line, ...known });
    const zoneOf = (): string => zoneOfEvent(raw);
    const startLine = raw.fields.get('DTSTART');
    const start = startLine && readTime(startLine, startLine.value, zoneOf);
    if (!start || isLastDay(start)) {
      note('unreadable_start', startLine?.line);
      return undefined;
    }
    const checkIn = toDate(start.wallMs);
    const checkOut = readCheckOut(raw, start, zoneOf, note);
    const textOf = (name: string): string =>
      unescapeText(raw.fields.get(name)?.value.slice(0, longestText) ?? '').trim();
    const summary = textOf('SUMMARY');
    const code = findBookingCode([textOf('DESCRIPTION'), textOf('URL')]);
    const origin = `${options.channel ?? ''} ${raw.calendar.producer} ${uid ?? ''}`;
    const occurrenceLine = raw.fields.get('RECURRENCE-ID');
    const masterZone = (): string => masters.get(uid ?? '') ?? zoneOf();
    const replaces = occurrenceLine && readTime(occurrenceLine, occurrenceLine.value, masterZone);
    return {
      raw,
      start,
      zoneOf,
      replaces,
      isOnward: /RANGE\s*=\s*THISANDFUTURE/i.test(occurrenceLine?.params ?? ''),
      base: {
        uid,
        checkIn,
        checkOut,
        status: statusOf(raw),
        kind: classifyEvent(summary, code, origin),
        summary,
        code,
        occurrence: replaces ? toDate(replaces.wallMs) : null,
        sequence: Number(raw.fields.get('SEQUENCE')?.value) || 0,
      },
    };
  }

  function readCheckOut(raw: RawEvent, start: LocalTime, zoneOf: () => string, note: Note): CalendarDate {
    const endLine = raw.fields.get('DTEND');
    const durationLine = raw.fields.get('DURATION');
    const end =
      (endLine && readTime(endLine, endLine.value, zoneOf)) ?? (durationLine && addDuration(start, durationLine.value));
    if (!end && (endLine ?? durationLine)) note('unreadable_end', (endLine ?? durationLine)?.line);
    if (!end) return checkOutOf(start, undefined);
    const checkOut = checkOutOf(start, end);
    if (end.wallMs < start.wallMs) {
      note('ends_before_it_begins', endLine?.line);
      return checkOutOf(start, undefined);
    }
    if (checkOut === toDate(start.wallMs)) note('takes_no_night', endLine?.line ?? durationLine?.line);
    return checkOut;
  }

  /** The nights of an RDATE that is a period of its own; null for any other. */
  function readPeriod(property: ContentLine, value: string, start: LocalTime, zoneOf: () => string): Stay | null {
    const [, ending] = value.split('/');
    const end = ending ? (readTime(property, ending, zoneOf) ?? addDuration(start, ending)) : undefined;
    return end ? { checkIn: toDate(start.wallMs), checkOut: checkOutOf(start, end) } : null;
  }

  let rules = 0;
  let cutRules = 0;
  function expand(rule: string, { start, zoneOf }: ReadEvent, span: WallWindow): ReturnType<typeof expandRule> {
    rules += 1;
    if (rules > mostRules || cutRules >= mostCutRules) return { starts: [], isCut: true };
    const expanded = expandRule(rule, start, span, zoneOf);
    if (expanded?.isCut) cutRules += 1;
    return expanded;
  }

  return { read, readTime, readPeriod, expand };
}

/** Hours on an all-day event: the day they reach into counts. Undefined when it is no duration. */
function addDuration({ wallMs, isDateOnly }: LocalTime, text: string): LocalTime | undefined {
  const ms = readDuration(text);
  if (ms === undefined) return undefined;
  return { wallMs: wallMs + (isDateOnly ? Math.ceil(ms / dayMs) * dayMs : ms), isDateOnly };
}

/** Does the line say that its value is a DATE? Most do, and say nothing else. */
function isWholeDay(params: string): boolean {
  return params === 'VALUE=DATE' || (params !== '' && readParameter(params, 'VALUE')?.toUpperCase() === 'DATE');
}

function uidOf(raw: RawEvent): string | null {
  return raw.fields.get('UID')?.value.trim().slice(0, longestUid).toWellFormed() || null;
}

function statusOf(raw: RawEvent): EventStatus {
  const status = raw.fields.get('STATUS')?.value.trim().toUpperCase();
  if (raw.calendar.isCancellation || status === 'CANCELLED' || status === 'CANCELED') return 'cancelled';
  if (raw.fields.get('TRANSP')?.value.trim().toUpperCase() === 'TRANSPARENT') return 'transparent';
  return status === 'TENTATIVE' ? 'tentative' : 'confirmed';
}
