import ical from 'node-ical';
import { readLocalTime, type LocalTime } from './local-times.ts';

/** Where occurrences of a repeated event are wanted, as wall times; both ends belong to it. */
export type WallWindow = { fromMs: number; toMs: number };

/** Nobody's calendar of stays repeats more often; a rule by the second would. */
export const mostOccurrences = 5_000;

/**
 * The starts of a repeated event inside a window, by node-ical's recurrence engine. It is asked in wall time written as UTC, so
 * neither the process's zone nor a daylight saving switch moves a date. Undefined when the rule cannot be read.
 */
export function expandRule(
  rule: string,
  start: LocalTime,
  window: WallWindow,
  zoneOf: () => string,
): { starts: number[]; isCut: boolean } | undefined {
  const clean = cleanRule(rule, start, zoneOf);
  if (!clean) return undefined;
  try {
    const file = `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:rule\r\nDTSTART:${toUtc(start.wallMs)}\r\nRRULE:${clean}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
    const parsed = ical.sync.parseICS(file);
    const event = Object.values(parsed).find((entry) => entry?.type === 'VEVENT');
    if (event?.type !== 'VEVENT' || !event.rrule) return undefined;
    return take(event.rrule, window);
  } catch {
    return undefined;
  }
}

type Engine = {
  between(after: Date, before: Date, inclusive: boolean): Date[];
  all(until: (date: Date, index: number) => boolean): Date[];
};

function take(engine: Engine, { fromMs, toMs }: WallWindow): { starts: number[]; isCut: boolean } {
  let dates: Date[];
  let isCut = false;
  try {
    dates = engine.between(new Date(fromMs), new Date(toMs), true);
  } catch {
    // Thousands of occurrences a day, or none for centuries: what the first steps give.
    dates = engine.all((date, index) => index < mostOccurrences && date.getTime() <= toMs);
    isCut = true;
  }
  const starts = dates.map((date) => date.getTime()).filter((ms) => ms >= fromMs && ms <= toMs);
  return { starts: starts.slice(0, mostOccurrences), isCut: isCut || starts.length > mostOccurrences };
}

/** The rule without what the engine chokes on, its UNTIL in wall time written as UTC. */
function cleanRule(rule: string, start: LocalTime, zoneOf: () => string): string | undefined {
  const parts: string[] = [];
  for (const part of rule.replace(/\s+/g, '').toUpperCase().split(';')) {
    const [name, value] = part.split('=');
    if (!name || !value || name === 'DTSTART' || name.startsWith('X-')) continue;
    if (name === 'UNTIL') {
      const until = readLocalTime(value, zoneOf);
      if (!until) return undefined;
      const isWholeDay = until.isDateOnly || start.isDateOnly;
      const endMs = isWholeDay ? until.wallMs - (until.wallMs % 86_400_000) + 86_399_000 : until.wallMs;
      parts.push(`UNTIL=${toUtc(endMs)}`);
    } else if (name === 'BYDAY' && !/\d/.test(value)) {
      // Some write full or repeated names ("MO,MO,TUESDAY").
      parts.push(`BYDAY=${[...new Set(value.split(',').map((day) => day.slice(0, 2)))].join(',')}`);
    } else parts.push(part);
  }
  return parts.some((part) => part.startsWith('FREQ=')) ? parts.join(';') : undefined;
}

function toUtc(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
