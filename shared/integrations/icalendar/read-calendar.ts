import type {
  EventStatus,
  ForeignEvent,
  ProblemCode,
  Reading,
  ReadingProblem,
} from '#shared/domain/calendars/foreign-event.ts';
import { addDays, daysBetween, type CalendarDate } from '#shared/domain/stay.ts';
import { classifyEvent, findBookingCode } from './classify-event.ts';
import { decodeCalendar, readContentLines, unescapeText, type ContentLine } from './content-lines.ts';
import { expandRule, type WallWindow } from './expand-rule.ts';
import {
  checkOutOf,
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

/** What stands between BEGIN:VEVENT and its end, unread. */
type RawEvent = { line: number; fields: Map<string, ContentLine>; repeated: ContentLine[] };

const dayMs = 86_400_000;
/** Characters of a text and of a UID that count; a platform needs no more. */
const longestText = 4_000;
const longestUid = 1_000;
const wanted = new Set([
  'UID',
  'DTSTART',
  'DTEND',
  'DURATION',
  'SUMMARY',
  'DESCRIPTION',
  'URL',
  'STATUS',
  'TRANSP',
  'RRULE',
  'SEQUENCE',
  'RECURRENCE-ID',
]);

/**
 * Reads whatever a platform calls a calendar: every event in it, in local dates, whatever is broken around it. Never throws
 * and never depends on the process's zone. Nested components (alarms) say nothing about their event; to-dos and journals are
 * no events. At most 5,000 occurrences per rule.
 */
export function readCalendar(file: Uint8Array | string, options: ReadOptions): Reading {
  const text = typeof file === 'string' ? file : decodeCalendar(file);
  const problems: ReadingProblem[] = [];
  const found = collectEvents(text, problems);
  const reader = createEventReader(options, found, problems);
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
    events: expandAll(read, options.window, reader, problems),
    problems,
    isComplete: found.isComplete,
    unreadableUids,
  };
}

type Found = {
  events: RawEvent[];
  isComplete: boolean;
  zone: string | undefined;
  producer: string;
  isCancellation: boolean;
};

/** Walks the components; what is not closed is closed by what follows it. */
function collectEvents(text: string, problems: ReadingProblem[]): Found {
  const found: Found = { events: [], isComplete: false, zone: undefined, producer: '', isCancellation: false };
  const nested: string[] = [];
  let event: RawEvent | undefined;
  let calendars = 0;
  let closed = 0;
  let lastLine = 0;
  const close = (): void => {
    if (event) found.events.push(event);
    event = undefined;
  };
  for (const property of readContentLines(text)) {
    const { name, line } = property;
    lastLine = line;
    if (name === 'BEGIN') {
      const component = property.value.trim().toUpperCase();
      if (component === 'VCALENDAR') calendars += 1;
      else if (component === 'VEVENT') {
        if (event) problems.push({ code: 'event_not_closed', line: event.line });
        close();
        nested.length = 0;
        event = { line, fields: new Map(), repeated: [] };
      } else nested.push(component);
    } else if (name === 'END') {
      const component = property.value.trim().toUpperCase();
      if (component === 'VEVENT') {
        nested.length = 0;
        close();
      } else if (component === 'VCALENDAR') {
        if (event) problems.push({ code: 'event_not_closed', line: event.line });
        close();
        nested.length = 0;
        closed += 1;
      } else if (nested.includes(component)) nested.length = nested.lastIndexOf(component);
    } else if (nested.length > 0) continue;
    else if (event) {
      if (name === 'EXDATE' || name === 'RDATE' || name === 'EXRULE') event.repeated.push(property);
      else if (wanted.has(name) && !event.fields.has(name)) event.fields.set(name, property);
    } else readCalendarProperty(property, found);
  }
  if (event) problems.push({ code: 'event_not_closed', line: event.line });
  close();
  found.isComplete = calendars > 0 && closed >= calendars;
  const problem = judgeFile(text, found, calendars, closed);
  if (problem) problems.unshift({ code: problem, ...(problem === 'truncated' ? { line: lastLine } : {}) });
  return found;
}

function readCalendarProperty({ name, value }: ContentLine, found: Found): void {
  if (name === 'X-WR-TIMEZONE') found.zone ??= value.trim();
  else if (name === 'PRODID') found.producer ||= value;
  else if (name === 'METHOD') found.isCancellation = value.trim().toUpperCase() === 'CANCEL';
}

function judgeFile(text: string, { events }: Found, calendars: number, closed: number): ProblemCode | undefined {
  if (calendars > closed) return 'truncated';
  if (calendars > 0) return undefined;
  if (text.trim() === '' || text.replaceAll('\0', '').trim() === '') return 'empty';
  if (events.length > 0) return 'no_calendar';
  return /<(?:!doctype|html|head|body)\b/i.test(text.slice(0, 2_000)) ? 'html' : 'not_a_calendar';
}

/** An event with its own start and end, before its repetitions. */
type ReadEvent = {
  raw: RawEvent;
  base: ForeignEvent;
  start: LocalTime;
  zoneOf: () => string;
  /** The start by the rule of the occurrence that this one replaces. */
  replaces: LocalTime | undefined;
};

/** Rules that one file may have expanded, and among them those too dense to be expanded whole: a hostile feed costs no more. */
const mostRules = 500;
const mostCutRules = 2;

type EventReader = {
  read(raw: RawEvent): ReadEvent | undefined;
  expand(rule: string, event: ReadEvent, span: WallWindow): { starts: number[]; isCut: boolean } | undefined;
  readTime(property: ContentLine, value: string, fallback: () => string): LocalTime | undefined;
};

function createEventReader(options: ReadOptions, found: Found, problems: ReadingProblem[]): EventReader {
  const calendarZone = isPlace(found.zone) ? found.zone : options.timeZone;

  /** The zone that an instant of this event is seen in: what its own properties say, the calendar's, the lodging's. */
  function zoneOfEvent(raw: RawEvent): string {
    for (const name of ['DTSTART', 'DTEND']) {
      const zone = zoneOfProperty(raw.fields.get(name)?.params ?? '');
      if (isPlace(zone)) return zone;
    }
    return calendarZone;
  }

  function readTime({ params }: ContentLine, value: string, fallback: () => string): LocalTime | undefined {
    const zone = isWholeDay(params) ? undefined : zoneOfProperty(params);
    // "TZID=UTC" says when, not where.
    const suffixed = isUtcZone(zone) && /T\d{6}$/i.test(value.trim()) ? `${value.trim()}Z` : value;
    return readLocalTime(suffixed, isPlace(zone) ? () => zone : fallback);
  }

  function read(raw: RawEvent): ReadEvent | undefined {
    const uid = uidOf(raw);
    const known = uid === null ? {} : { uid };
    const note = (code: ProblemCode, line = raw.line): void => void problems.push({ code, line, ...known });
    const zoneOf = (): string => zoneOfEvent(raw);
    const startLine = raw.fields.get('DTSTART');
    const start = startLine && readTime(startLine, startLine.value, zoneOf);
    if (!start) {
      note('unreadable_start', startLine?.line);
      return undefined;
    }
    const checkIn = toDate(start.wallMs);
    const checkOut = readCheckOut(raw, start, zoneOf, note);
    const textOf = (name: string): string =>
      unescapeText(raw.fields.get(name)?.value.slice(0, longestText) ?? '').trim();
    const summary = textOf('SUMMARY');
    const code = findBookingCode([textOf('DESCRIPTION'), textOf('URL')]);
    const origin = `${options.channel ?? ''} ${found.producer} ${uid ?? ''}`;
    const occurrenceLine = raw.fields.get('RECURRENCE-ID');
    const replaces = occurrenceLine && readTime(occurrenceLine, occurrenceLine.value, zoneOf);
    return {
      raw,
      start,
      zoneOf,
      replaces,
      base: {
        uid,
        checkIn,
        checkOut,
        status: statusOf(raw, found.isCancellation),
        kind: classifyEvent(summary, code, origin),
        summary,
        code,
        occurrence: replaces ? toDate(replaces.wallMs) : null,
        sequence: Number(raw.fields.get('SEQUENCE')?.value) || 0,
      },
    };
  }

  function readCheckOut(
    raw: RawEvent,
    start: LocalTime,
    zoneOf: () => string,
    note: (code: ProblemCode, line?: number) => void,
  ): CalendarDate {
    const endLine = raw.fields.get('DTEND');
    const durationLine = raw.fields.get('DURATION');
    let end: LocalTime | undefined;
    if (endLine) {
      end = readTime(endLine, endLine.value, zoneOf);
      if (!end) note('unreadable_end', endLine.line);
    } else if (durationLine) {
      const ms = readDuration(durationLine.value);
      if (ms === undefined) note('unreadable_end', durationLine.line);
      // Hours on an all-day event: the day they reach into counts.
      else
        end = {
          wallMs: start.wallMs + (start.isDateOnly ? Math.ceil(ms / dayMs) * dayMs : ms),
          isDateOnly: start.isDateOnly,
        };
    }
    if (!end) return checkOutOf(start, undefined);
    const checkOut = checkOutOf(start, end);
    if (end.wallMs < start.wallMs) {
      note('ends_before_it_begins', endLine?.line);
      return checkOutOf(start, undefined);
    }
    if (checkOut === toDate(start.wallMs)) note('takes_no_night', endLine?.line ?? durationLine?.line);
    return checkOut;
  }

  let rules = 0;
  let cutRules = 0;
  function expand(rule: string, { start, zoneOf }: ReadEvent, span: WallWindow): ReturnType<EventReader['expand']> {
    rules += 1;
    if (rules > mostRules || cutRules >= mostCutRules) return { starts: [], isCut: true };
    const expanded = expandRule(rule, start, span, zoneOf);
    if (expanded?.isCut) cutRules += 1;
    return expanded;
  }

  return { read, readTime, expand };
}

/** The parameters that almost every date has, or none: neither names a zone. */
function isWholeDay(params: string): boolean {
  return params === '' || params === 'VALUE=DATE';
}

function uidOf(raw: RawEvent): string | null {
  return raw.fields.get('UID')?.value.trim().slice(0, longestUid).toWellFormed() || null;
}

function statusOf(raw: RawEvent, isCancellation: boolean): EventStatus {
  const status = raw.fields.get('STATUS')?.value.trim().toUpperCase();
  if (isCancellation || status === 'CANCELLED' || status === 'CANCELED') return 'cancelled';
  if (raw.fields.get('TRANSP')?.value.trim().toUpperCase() === 'TRANSPARENT') return 'transparent';
  return status === 'TENTATIVE' ? 'tentative' : 'confirmed';
}

/** Repeated events become their occurrences, without the excepted ones and the ones that an event of their own replaces. */
function expandAll(
  read: readonly ReadEvent[],
  window: ReadOptions['window'],
  reader: EventReader,
  problems: ReadingProblem[],
): ForeignEvent[] {
  const replaced = new Map<string, Set<number>>();
  for (const { base, replaces } of read) {
    if (!replaces) continue;
    const key = base.uid ?? '';
    replaced.set(key, (replaced.get(key) ?? new Set()).add(replaces.wallMs));
  }
  const events: ForeignEvent[] = [];
  for (const event of read) {
    const isRepeated =
      !event.replaces && (event.raw.fields.has('RRULE') || event.raw.repeated.some(({ name }) => name === 'RDATE'));
    if (!isRepeated) {
      events.push(event.base);
      continue;
    }
    const nights = daysBetween(event.base.checkIn, event.base.checkOut);
    for (const startMs of startsOf(event, window, reader, problems)) {
      const isReplaced = isAmong(startMs, replaced.get(event.base.uid ?? ''), event.start.isDateOnly);
      if (isReplaced) continue;
      const checkIn = toDate(startMs);
      events.push({
        ...event.base,
        checkIn,
        checkOut: addDays(checkIn, nights),
        occurrence: checkIn,
      });
    }
  }
  return events;
}

function startsOf(
  event: ReadEvent,
  window: ReadOptions['window'],
  reader: EventReader,
  problems: ReadingProblem[],
): number[] {
  const { raw, start, base, zoneOf } = event;
  const span = windowOf(event, window);
  const note = (code: ProblemCode): void =>
    void problems.push({ code, line: raw.line, ...(base.uid === null ? {} : { uid: base.uid }) });
  const starts = new Set<number>(start.wallMs >= span.fromMs && start.wallMs <= span.toMs ? [start.wallMs] : []);
  const rule = raw.fields.get('RRULE');
  if (rule) {
    const expanded = reader.expand(rule.value, event, span);
    if (!expanded) note('unreadable_rule');
    else if (expanded.isCut) note('rule_cut_short');
    for (const ms of expanded?.starts ?? []) starts.add(ms);
  }
  const excepted = new Set<number>();
  for (const property of raw.repeated) {
    if (property.name === 'EXRULE') {
      for (const ms of reader.expand(property.value, event, span)?.starts ?? []) excepted.add(ms);
      continue;
    }
    for (const value of property.value.split(',')) {
      // An RDATE may be a period: its start is what counts here.
      const time = reader.readTime(property, value.split('/')[0]!, zoneOf);
      if (!time) continue;
      if (property.name === 'EXDATE') excepted.add(time.isDateOnly && !start.isDateOnly ? -time.wallMs : time.wallMs);
      else if (time.wallMs >= span.fromMs && time.wallMs <= span.toMs) starts.add(time.wallMs);
    }
  }
  return [...starts]
    .filter((ms) => !isAmong(ms, excepted, start.isDateOnly) && !excepted.has(-(ms - (ms % dayMs))))
    .toSorted((a, b) => a - b);
}

/** All-day events are excepted by their date, whatever hour the exception names. */
function isAmong(startMs: number, times: ReadonlySet<number> | undefined, isDateOnly: boolean): boolean {
  if (!times || times.size === 0) return false;
  if (times.has(startMs)) return true;
  return isDateOnly && [...times].some((ms) => ms > 0 && ms - (ms % dayMs) === startMs);
}

/** Two years from the start, or the wanted window with room for a stay that began before it. */
function windowOf({ start, base }: ReadEvent, window: ReadOptions['window']): WallWindow {
  if (!window) {
    const date = toDate(start.wallMs);
    const twoYears = `${String(Number(date.slice(0, 4)) + 2).padStart(4, '0')}${date.slice(4)}`;
    const end = Date.parse(`${twoYears}T00:00:00Z`);
    return {
      fromMs: start.wallMs,
      toMs: (Number.isNaN(end) ? Date.parse(`${addDays(date, 731)}T00:00:00Z`) : end) + dayMs - 1,
    };
  }
  const fromMs = Math.max(
    start.wallMs,
    Date.parse(`${addDays(window.from, -daysBetween(base.checkIn, base.checkOut))}T00:00:00Z`),
  );
  return { fromMs, toMs: Date.parse(`${window.to}T00:00:00Z`) + dayMs - 1 };
}
