import type { ProblemCode, ReadingProblem } from '#shared/domain/calendars/foreign-event.ts';
import { readContentLines, type ContentLine } from './content-lines.ts';

/** What a calendar says about all of its events; a file may hold several calendars. */
export type CalendarFacts = { zone: string | undefined; producer: string; isCancellation: boolean };

/** What stands between BEGIN:VEVENT and its end, unread: each field's first line, and all lines about repetitions. */
export type RawEvent = {
  line: number;
  fields: Map<string, ContentLine>;
  repeated: ContentLine[];
  calendar: CalendarFacts;
};

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
  'SEQUENCE',
  'RECURRENCE-ID',
]);
const aboutRepetition = new Set(['RRULE', 'RDATE', 'EXDATE', 'EXRULE']);

/**
 * The events of a file by its components; what is not closed is closed by what follows it. `isComplete`: there is a calendar, and
 * every one has its end. What is wrong with the file itself comes first among the problems.
 */
export function collectEvents(text: string, problems: ReadingProblem[]): { events: RawEvent[]; isComplete: boolean } {
  const events: RawEvent[] = [];
  const nested: string[] = [];
  let calendar: CalendarFacts = newCalendar();
  let event: RawEvent | undefined;
  let calendars = 0;
  let closed = 0;
  let lastLine = 0;
  const close = (isAtItsEnd: boolean): void => {
    nested.length = 0;
    if (!event) return;
    if (!isAtItsEnd) problems.push({ code: 'event_not_closed', line: event.line });
    events.push(event);
    event = undefined;
  };
  for (const property of readContentLines(text)) {
    const { name, line } = property;
    lastLine = line;
    if (name === 'BEGIN') {
      const component = property.value.trim().toUpperCase();
      if (component === 'VCALENDAR') {
        close(false);
        calendars += 1;
        calendar = newCalendar();
      } else if (component === 'VEVENT') {
        close(false);
        event = { line, fields: new Map(), repeated: [], calendar };
      } else nested.push(component);
    } else if (name === 'END') {
      const component = property.value.trim().toUpperCase();
      if (component === 'VEVENT') close(true);
      else if (component === 'VCALENDAR') {
        close(false);
        closed += 1;
      } else if (nested.includes(component)) nested.length = nested.lastIndexOf(component);
    } else if (nested.length > 0) continue;
    else if (event) {
      if (aboutRepetition.has(name)) event.repeated.push(property);
      else if (wanted.has(name) && !event.fields.has(name)) event.fields.set(name, property);
    } else readCalendarProperty(property, calendar);
  }
  close(false);
  const problem = judgeFile(text, events.length, calendars, closed);
  if (problem) problems.unshift({ code: problem, ...(problem === 'truncated' ? { line: lastLine } : {}) });
  return { events, isComplete: calendars > 0 && closed >= calendars };
}

function newCalendar(): CalendarFacts {
  return { zone: undefined, producer: '', isCancellation: false };
}

function readCalendarProperty({ name, value }: ContentLine, calendar: CalendarFacts): void {
  if (name === 'X-WR-TIMEZONE') calendar.zone ??= value.trim();
  else if (name === 'PRODID') calendar.producer ||= value;
  else if (name === 'METHOD') calendar.isCancellation = value.trim().toUpperCase() === 'CANCEL';
}

function judgeFile(text: string, events: number, calendars: number, closed: number): ProblemCode | undefined {
  if (calendars > closed) return 'truncated';
  if (calendars > 0) return undefined;
  if (text.replaceAll('\0', '').trim() === '') return 'empty';
  if (events > 0) return 'no_calendar';
  return /<(?:!doctype|html|head|body)\b/i.test(text.slice(0, 2_000)) ? 'html' : 'not_a_calendar';
}
