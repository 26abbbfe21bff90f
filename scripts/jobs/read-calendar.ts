import { readFile } from 'node:fs/promises';
import { readCalendar } from '#shared/integrations/icalendar/read-calendar.ts';
import { Misuse, required, type Command } from './command.ts';

/** What Posada reads in a calendar file; needs no environment and no stores. */
export const command: Command = {
  usage: '<file.ics> [--zone Z] [--channel c]',
  summary: 'what is read in a calendar file: every event in local dates, and what is wrong with it',
  options: { zone: { type: 'string' }, channel: { type: 'string' } },
  needs: 'nothing',
  async run({ args, options }) {
    const file = required(args, 0, 'file.ics');
    const timeZone = typeof options['zone'] === 'string' ? options['zone'] : 'America/Argentina/Buenos_Aires';
    if (!isZone(timeZone)) throw new Misuse(`"${timeZone}" is not a time zone`);
    const bytes = await readFile(file);
    const channel = options['channel'];
    const reading = readCalendar(bytes, { timeZone, ...(typeof channel === 'string' ? { channel } : {}) });
    const events = reading.events.map(({ uid, checkIn, checkOut, status, summary, kind }) => ({
      uid,
      checkIn,
      checkOut,
      status,
      summary,
      kind,
    }));
    const lines = [
      ...events.map(
        (event) =>
          `${event.checkIn}  ${event.checkOut}  ${event.status.padEnd(11)} ${event.kind.padEnd(13)} ${event.summary}`,
      ),
      ...reading.problems.map(
        ({ code, line, uid }) => `problem: ${code}${line ? ` (line ${line})` : ''}${uid ? ` ${uid}` : ''}`,
      ),
    ];
    const isBroken = !reading.isComplete || reading.unreadableUids.length > 0;
    return { data: { events, problems: reading.problems }, text: lines.join('\n'), exitCode: isBroken ? 1 : 0 };
  },
};

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
