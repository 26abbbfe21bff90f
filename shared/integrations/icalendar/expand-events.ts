import type { ForeignEvent, ProblemCode, ReadingProblem } from '#shared/domain/calendars/foreign-event.ts';
import { addDays, daysBetween, type CalendarDate, type Stay } from '#shared/domain/stay.ts';
import type { RawEvent } from './collect-events.ts';
import type { ContentLine } from './content-lines.ts';
import { mostOccurrences, type WallWindow } from './expand-rule.ts';
import { toDate, type LocalTime } from './local-times.ts';

/** An event with its own start and end, before its repetitions. */
export type ReadEvent = {
  raw: RawEvent;
  base: ForeignEvent;
  start: LocalTime;
  zoneOf: () => string;
  /** The start by the rule of the occurrence that this one replaces. */
  replaces: LocalTime | undefined;
  /** It replaces the later ones too, moved as this one is (RANGE=THISANDFUTURE). */
  isOnward: boolean;
};

/** What of a file's reader the repetitions need; see read-calendar.ts. */
export type RepetitionReader = {
  expand(rule: string, event: ReadEvent, span: WallWindow): { starts: number[]; isCut: boolean } | undefined;
  readTime(property: ContentLine, value: string, fallback: () => string): LocalTime | undefined;
  readPeriod(property: ContentLine, value: string, start: LocalTime, zoneOf: () => string): Stay | null;
};

const dayMs = 86_400_000;

/**
 * Repeated events become their occurrences (at most 5,000 each), without the excepted ones and the ones that an event of their
 * own replaces. Without a window: within two years from each event's start.
 */
export function expandEvents(
  read: readonly ReadEvent[],
  window: { from: CalendarDate; to: CalendarDate } | undefined,
  reader: RepetitionReader,
  problems: ReadingProblem[],
): ForeignEvent[] {
  const replacing = Map.groupBy(
    read.filter(({ replaces }) => replaces),
    ({ base }) => base.uid ?? '',
  );
  return read.flatMap((event) => {
    const isRepeated = !event.replaces && event.raw.repeated.some(({ name }) => name === 'RRULE' || name === 'RDATE');
    if (!isRepeated) return [event.base];
    const found = listOccurrences(event, window, reader, problems);
    return replaceOccurrences(event, found, replacing.get(event.base.uid ?? '') ?? []);
  });
}

type Occurrence = { startMs: number; nights: number };

function replaceOccurrences(
  { base, start }: ReadEvent,
  occurrences: readonly Occurrence[],
  replacing: readonly ReadEvent[],
): ForeignEvent[] {
  const replaced = createMoments(start.isDateOnly);
  for (const { replaces } of replacing) replaced.add(replaces!);
  const onward = replacing
    .filter(({ isOnward }) => isOnward)
    .toSorted((a, b) => a.replaces!.wallMs - b.replaces!.wallMs);
  return occurrences
    .filter(({ startMs }) => !replaced.has(startMs))
    .map(({ startMs, nights }) => {
      const moved = onward.findLast(({ replaces }) => replaces!.wallMs < startMs);
      const occurrence = toDate(startMs);
      if (!moved) return { ...base, checkIn: occurrence, checkOut: addDays(occurrence, nights), occurrence };
      const checkIn = toDate(startMs + moved.start.wallMs - moved.replaces!.wallMs);
      return { ...moved.base, checkIn, checkOut: addDays(checkIn, nightsOf(moved.base)), occurrence };
    });
}

function listOccurrences(
  event: ReadEvent,
  window: { from: CalendarDate; to: CalendarDate } | undefined,
  reader: RepetitionReader,
  problems: ReadingProblem[],
): Occurrence[] {
  const { raw, start, base, zoneOf } = event;
  const span = windowOf(event, window);
  const note = (code: ProblemCode): void =>
    void problems.push({ code, line: raw.line, ...(base.uid === null ? {} : { uid: base.uid }) });
  const found = new Map<number, number>();
  const add = (startMs: number, nights = nightsOf(base)): void => {
    if (startMs >= span.fromMs && startMs <= span.toMs) found.set(startMs, nights);
  };
  const excepted = createMoments(start.isDateOnly);
  add(start.wallMs);
  for (const property of raw.repeated) {
    if (property.name === 'RRULE' || property.name === 'EXRULE') {
      const expanded = reader.expand(property.value, event, span);
      if (!expanded) note('unreadable_rule');
      else if (expanded.isCut) note('rule_cut_short');
      for (const wallMs of expanded?.starts ?? [])
        if (property.name === 'RRULE') add(wallMs);
        else excepted.add({ wallMs, isDateOnly: false });
      continue;
    }
    for (const value of property.value.split(',')) {
      const time = reader.readTime(property, value.split('/')[0]!, zoneOf);
      if (!time) continue;
      if (property.name === 'EXDATE') excepted.add(time);
      else {
        const period = reader.readPeriod(property, value, time, zoneOf);
        add(time.wallMs, period ? nightsOf(period) : undefined);
      }
    }
  }
  const occurrences = [...found]
    .map(([startMs, nights]) => ({ startMs, nights }))
    .filter(({ startMs }) => !excepted.has(startMs))
    .toSorted((a, b) => a.startMs - b.startMs);
  if (occurrences.length > mostOccurrences) note('rule_cut_short');
  return occurrences.slice(0, mostOccurrences);
}

function nightsOf({ checkIn, checkOut }: Stay): number {
  return daysBetween(checkIn, checkOut);
}

/** Starts of occurrences that are named by their time, or by their date alone, as all of an all-day event are. */
function createMoments(isWholeDay: boolean) {
  const times = new Set<number>();
  const days = new Set<number>();
  const dayOf = (wallMs: number): number => Math.floor(wallMs / dayMs);
  return {
    add({ wallMs, isDateOnly }: LocalTime): void {
      if (isWholeDay || isDateOnly) days.add(dayOf(wallMs));
      else times.add(wallMs);
    },
    has: (wallMs: number): boolean => times.has(wallMs) || days.has(dayOf(wallMs)),
  };
}

/** Two years from the start, or the wanted window with room for a stay that began before it. */
function windowOf(
  { start, base }: ReadEvent,
  window: { from: CalendarDate; to: CalendarDate } | undefined,
): WallWindow {
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
