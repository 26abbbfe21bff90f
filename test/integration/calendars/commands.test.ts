import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { expect } from 'chai';
import { DomainError } from '#shared/domain/errors.ts';
import { command as acceptQuarantine } from '../../../scripts/jobs/accept-quarantine.ts';
import { command as block } from '../../../scripts/jobs/block.ts';
import { Misuse, type Command } from '../../../scripts/jobs/command.ts';
import { command as conflicts } from '../../../scripts/jobs/conflicts.ts';
import { command as feeds } from '../../../scripts/jobs/feeds.ts';
import { command as genIcalToken } from '../../../scripts/jobs/gen-ical-token.ts';
import { command as move } from '../../../scripts/jobs/move.ts';
import type { Office } from '../../../scripts/jobs/office.ts';
import { command as readCalendar } from '../../../scripts/jobs/read-calendar.ts';
import { command as syncCalendars } from '../../../scripts/jobs/sync-calendars.ts';
import { days, openCalendarHouse, type CalendarHouse } from './calendar-house.ts';

const commands: Record<string, Command> = {
  'accept-quarantine': acceptQuarantine,
  block,
  conflicts,
  feeds,
  'gen-ical-token': genIcalToken,
  move,
  'read-calendar': readCalendar,
  'sync-calendars': syncCalendars,
};

describe("the calendars' commands", () => {
  let house: CalendarHouse;
  before(async () => {
    house = await openCalendarHouse();
  });
  after(() => house.close());

  type Answer = { exitCode: number; data: Record<string, unknown>; text: string };

  /** A command as `scripts/jobs.ts` runs it, without the process around it. */
  async function jobs(name: string, ...rest: string[]): Promise<Answer> {
    const command = commands[name]!;
    const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: command.options ?? {} });
    const office = {
      inTransaction: house.inTransaction,
      calendars: house.desk,
      database: house.database,
    } as unknown as Office;
    try {
      const options = values as Record<string, string | boolean | undefined>;
      const result = await command.run({ args: positionals, options }, office);
      return { exitCode: result.exitCode ?? 0, data: result.data as Record<string, unknown>, text: result.text };
    } catch (error) {
      if (error instanceof Misuse) return { exitCode: 2, data: {}, text: error.message };
      if (error instanceof DomainError) return { exitCode: 1, data: {}, text: error.code };
      throw error;
    }
  }

  it('add a feed, import it, list it without its address, pause, resume and remove it', async () => {
    const url = `${house.platforms.feedUrl('airbnb')}?s=secret`;
    house.platforms.get('airbnb').book(days(10, 14));
    const added = await jobs('feeds', 'add', 'cabaña lenga', 'airbnb', url);
    expect(added.exitCode).to.equal(0);
    expect(JSON.stringify(added)).to.not.include('secret');
    const [{ id }] = added.data['feeds'] as [{ id: number }];
    expect(await jobs('feeds', 'add', '1', 'airbnb', url)).to.include({ exitCode: 1, text: 'feed_exists' });
    expect(await jobs('feeds', 'add', '1', 'telex', url)).to.include({ exitCode: 2 });
    expect(await jobs('feeds', 'add', '1', 'vrbo', 'http://192.168.0.1/')).to.include({
      exitCode: 1,
      text: 'invalid_feed_url',
    });
    expect((await jobs('sync-calendars')).data).to.deep.include({ failed: 0 });
    expect(await house.occupied()).to.deep.equal(['block 10-14']);
    const listed = await jobs('feeds', 'list', '1');
    expect(listed.text).to.include('active').and.not.include('secret');
    expect((await jobs('feeds', 'pause', String(id))).text).to.include('paused');
    expect((await jobs('feeds', 'resume', String(id))).exitCode).to.equal(0);
    house.platforms.setFault('airbnb', { type: 'status', status: 403 });
    expect(await jobs('sync-calendars', '1')).to.include({ exitCode: 1 });
    house.platforms.setFault('airbnb', null);
    expect(await jobs('accept-quarantine', String(id))).to.include({ exitCode: 1, text: 'invalid_state' });
    expect((await jobs('feeds', 'remove', String(id))).exitCode).to.equal(0);
    expect(await house.occupied()).to.deep.equal([]);
    expect(await jobs('feeds', 'remove', '999')).to.include({ exitCode: 1, text: 'feed_not_found' });
  });

  it('give the link of an export per channel, and a new one on demand', async () => {
    const first = await jobs('gen-ical-token', '1', '--channel', 'booking');
    expect(first.data).to.include({ channel: 'booking', version: 1, includesHolds: false, revoked: false });
    expect(first.text).to.equal(`http://127.0.0.1/calendars/${String(first.data['token'])}.ics`);
    expect((await jobs('gen-ical-token', '1', '--channel', 'booking')).text).to.equal(first.text);
    const second = await jobs('gen-ical-token', '1', '--channel', 'booking', '--revoke', '--holds', 'yes');
    expect(second.data).to.include({ version: 2, includesHolds: true, revoked: true });
    expect(second.text).to.not.equal(first.text);
    expect((await jobs('gen-ical-token', '1')).data).to.include({ channel: 'other' });
    expect(await jobs('gen-ical-token', 'nobody')).to.include({ exitCode: 1, text: 'accommodation_not_found' });
  });

  it('block, move and settle conflicts', async () => {
    const { checkIn, checkOut } = days(50, 53);
    const blocked = await jobs('block', '1', checkIn, checkOut, '--reason', 'works');
    const { id } = blocked.data['block'] as { id: string };
    expect((await jobs('block', '--list')).text).to.include('works');
    expect(await jobs('block', '1', checkOut, checkIn)).to.include({ exitCode: 1, text: 'invalid_dates' });
    expect(await jobs('block', '1', 'soon', checkIn)).to.include({ exitCode: 2 });
    expect((await jobs('block', '--remove', id)).exitCode).to.equal(0);
    const stay = await house.confirm(days(60, 62));
    const to = days(61, 63);
    const moved = await jobs('move', stay.code, '--in', to.checkIn, '--out', to.checkOut);
    expect(moved.data).to.include({ code: stay.code, ...to, accommodationId: 1 });
    expect(await jobs('move', stay.code)).to.include({ exitCode: 2 });
    expect(await jobs('move', 'RES000000XXXXXX', '--in', to.checkIn)).to.include({
      exitCode: 1,
      text: 'reservation_not_found',
    });
    await house.addFeed('booking');
    house.platforms.get('booking').book(days(62, 64));
    await house.import('booking');
    const open = await jobs('conflicts');
    expect(open.text).to.include(stay.code).and.include('could go to');
    const [{ id: conflict }] = open.data['conflicts'] as [{ id: string }];
    expect((await jobs('conflicts', 'resolve', conflict, 'called', 'Booking.com')).exitCode).to.equal(0);
    expect((await jobs('conflicts')).text).to.equal('No conflicts.');
    expect((await jobs('conflicts', '--all')).text).to.include('resolved');
  });

  it('show what is read in a file, with exit 1 for a broken one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posada-ics-'));
    const file = join(folder, 'a.ics');
    await writeFile(
      file,
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20250101T000000Z\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR',
    );
    const whole = await jobs('read-calendar', file);
    expect(whole).to.deep.include({ exitCode: 0 });
    expect(whole.data).to.deep.equal({
      events: [
        { uid: 'a', checkIn: '2024-12-31', checkOut: '2025-01-01', status: 'confirmed', summary: 'x', kind: 'closed' },
      ],
      problems: [],
    });
    expect((await jobs('read-calendar', file, '--zone', 'Europe/Madrid')).data['events']).to.have.nested.property(
      '[0].checkIn',
      '2025-01-01',
    );
    expect(await jobs('read-calendar', file, '--zone', 'Mars/Olympus')).to.include({ exitCode: 2 });
    await writeFile(file, 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20250101\n');
    const cut = await jobs('read-calendar', file);
    expect(cut.exitCode).to.equal(1);
    expect(cut.data['events']).to.have.length(1);
    await rm(folder, { recursive: true });
  });
});
