import { expect } from 'chai';
import type { ForeignEvent } from '#shared/domain/calendars/foreign-event.ts';
import { readCalendar, type ReadOptions } from '#shared/integrations/icalendar/read-calendar.ts';

const buenosAires: ReadOptions = { timeZone: 'America/Argentina/Buenos_Aires' };

/** A calendar around those lines of one event. */
function calendarOf(...events: string[][]): string {
  const bodies = events.map((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n'));
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...bodies, 'END:VCALENDAR', ''].join('\r\n');
}

function read(file: string | Uint8Array, options: Partial<ReadOptions> = {}) {
  return readCalendar(file, { ...buenosAires, ...options });
}

function spans(events: readonly ForeignEvent[]): string[] {
  return events.map(({ checkIn, checkOut }) => `${checkIn}/${checkOut}`);
}

function spanOf(...lines: string[]): string[] {
  return spans(read(calendarOf(['UID:a', ...lines])).events);
}

describe('readCalendar', () => {
  const zones = ['UTC', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'];
  const before = process.env['TZ'];
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  for (const zone of zones) {
    it(`reads the same dates in a process of ${zone}`, () => {
      process.env['TZ'] = zone;
      expect(spanOf('DTEND;VALUE=DATE:20261204', 'DTSTART;VALUE=DATE:20261201')).to.deep.equal([
        '2026-12-01/2026-12-04',
      ]);
      expect(spanOf('DTSTART:20250101T000000Z', 'DTEND:20250103T020000Z')).to.deep.equal(['2024-12-31/2025-01-02']);
      expect(spanOf('DTSTART;VALUE=DATE:20261201', 'RRULE:FREQ=DAILY;COUNT=2')).to.deep.equal([
        '2026-12-01/2026-12-02',
        '2026-12-02/2026-12-03',
      ]);
    });
  }

  it('takes one night when there is no end, and the end as the check-out day', () => {
    expect(spanOf('DTSTART;VALUE=DATE:20261201')).to.deep.equal(['2026-12-01/2026-12-02']);
    expect(spanOf('DTSTART:20261020T150000Z')).to.deep.equal(['2026-10-20/2026-10-21']);
  });

  it('reads durations in days, weeks and hours', () => {
    expect(spanOf('DTSTART;VALUE=DATE:20261201', 'DURATION:P3D')).to.deep.equal(['2026-12-01/2026-12-04']);
    expect(spanOf('DTSTART;VALUE=DATE:20261201', 'DURATION:P1W')).to.deep.equal(['2026-12-01/2026-12-08']);
    expect(spanOf('DTSTART;VALUE=DATE:20261201', 'DURATION:PT36H')).to.deep.equal(['2026-12-01/2026-12-03']);
    expect(spanOf('DTSTART:20261201T150000', 'DURATION:P1DT20H')).to.deep.equal(['2026-12-01/2026-12-03']);
    expect(spanOf('DTSTART;VALUE=DATE:20261201', 'DURATION:-P3D')).to.deep.equal(['2026-12-01/2026-12-02']);
  });

  it('keeps the wall date of a zone, turns instants into the local date of the place', () => {
    expect(
      spanOf('DTSTART;TZID=America/New_York:20250101T233000', 'DTEND;TZID=America/New_York:20250103T233000'),
    ).to.deep.equal(['2025-01-01/2025-01-03']);
    expect(spanOf('DTSTART:20250101T233000', 'DTEND:20250103T010000')).to.deep.equal(['2025-01-01/2025-01-03']);
    expect(spanOf('DTSTART;TZID=UTC:20250101T003000', 'DTEND;TZID=UTC:20250103T013000')).to.deep.equal([
      '2024-12-31/2025-01-02',
    ]);
    expect(spanOf('DTSTART:20250101T003000+0000', 'DTEND:20250103T003000-03:00')).to.deep.equal([
      '2024-12-31/2025-01-03',
    ]);
    const zoned = calendarOf(['UID:a', 'DTSTART:20250101T000000Z', 'DTEND:20250102T000000Z']);
    expect(spans(read(zoned.replace('VERSION:2.0', 'X-WR-TIMEZONE:Asia/Kolkata')).events)).to.deep.equal([
      '2025-01-01/2025-01-02',
    ]);
    expect(spans(read(zoned.replace('VERSION:2.0', 'X-WR-TIMEZONE:UTC')).events)).to.deep.equal([
      '2024-12-31/2025-01-01',
    ]);
    expect(spans(read(zoned, { timeZone: 'Europe/Madrid' }).events)).to.deep.equal(['2025-01-01/2025-01-02']);
  });

  it('takes an event that ends at the last minute of a day for an all-day one', () => {
    expect(spanOf('DTSTART:20250101T000000', 'DTEND:20250102T235959')).to.deep.equal(['2025-01-01/2025-01-03']);
  });

  it('reads a folded UID, lower-case names, LF, CR, a byte order mark and UTF-16', () => {
    const file = calendarOf([
      'uid:abc\r\n def',
      'dtstart;value=date:20261201',
      'dtend;value=date:20261203',
      'summary:Se\r\n\tñor',
    ]);
    for (const text of [file, file.replaceAll('\r\n', '\n'), file.replaceAll('\r\n', '\r'), `\uFEFF${file}`]) {
      const [event] = read(text).events;
      expect(event).to.include({ uid: 'abcdef', checkIn: '2026-12-01', checkOut: '2026-12-03', summary: 'Señor' });
    }
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(file, 'utf16le')]);
    expect(read(utf16).events[0]).to.include({ uid: 'abcdef', summary: 'Señor' });
    const latin = Buffer.from(file, 'latin1');
    expect(read(latin).events[0]).to.include({ summary: 'Señor' });
  });

  it("does not take an alarm's summary, dates or status for the event's", () => {
    const [event, ...more] = read(
      calendarOf([
        'UID:a',
        'BEGIN:VALARM',
        'SUMMARY:Wake up',
        'DTSTART;VALUE=DATE:20200101',
        'STATUS:CANCELLED',
        'END:VALARM',
        'SUMMARY:Reserved',
        'DTSTART;VALUE=DATE:20261201',
        'DTEND;VALUE=DATE:20261203',
      ]),
    ).events;
    expect(event).to.include({ summary: 'Reserved', checkIn: '2026-12-01', status: 'confirmed' });
    expect(more).to.deep.equal([]);
  });

  it('tells cancelled, transparent and tentative events', () => {
    const dates = ['DTSTART;VALUE=DATE:20261201', 'DTEND;VALUE=DATE:20261203'];
    const { events } = read(
      calendarOf(
        ['UID:a', ...dates, 'STATUS:CANCELLED', 'TRANSP:TRANSPARENT'],
        ['UID:b', ...dates, 'TRANSP:transparent'],
        ['UID:c', ...dates, 'STATUS:TENTATIVE'],
        ['UID:d', ...dates],
      ),
    );
    expect(events.map(({ status }) => status)).to.deep.equal(['cancelled', 'transparent', 'tentative', 'confirmed']);
    const cancelled = calendarOf(['UID:a', ...dates]).replace('VERSION:2.0', 'METHOD:CANCEL');
    expect(read(cancelled).events[0]?.status).to.equal('cancelled');
  });

  it('reads bookings, closed nights and blocks by the words of each platform', () => {
    const kindOf = (channel: string, ...lines: string[]) => {
      const [event] = read(calendarOf(['UID:a', 'DTSTART;VALUE=DATE:20261201', ...lines]), { channel }).events;
      return `${event!.kind} ${event!.code ?? '-'}`;
    };
    const url =
      'DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMAB\r\n CDE123\\nPhone Number (Last 4 Digits): 1234';
    expect(kindOf('airbnb', 'SUMMARY:Reserved', url)).to.equal('reservation HMABCDE123');
    expect(kindOf('airbnb', 'SUMMARY:Airbnb (Not available)')).to.equal('not_available -');
    expect(kindOf('booking', 'SUMMARY:CLOSED - Not available')).to.equal('closed -');
    expect(kindOf('booking', 'SUMMARY:CLOSED – Not available', 'DESCRIPTION:BOOKING ID: 4455667788')).to.equal(
      'reservation 4455667788',
    );
    expect(kindOf('vrbo', 'SUMMARY:Reserved - Ana')).to.equal('reservation -');
    expect(kindOf('vrbo', 'SUMMARY:Blocked')).to.equal('blocked -');
    expect(kindOf('other', 'SUMMARY:Reserved')).to.equal('closed -');
    expect(kindOf('google', 'SUMMARY:Pintar la cabaña')).to.equal('closed -');
  });

  it('expands a rule with exceptions, extra dates, a moved and a cancelled occurrence', () => {
    const { events } = read(
      calendarOf(
        [
          'UID:w',
          'DTSTART;VALUE=DATE:20261201',
          'DTEND;VALUE=DATE:20261202',
          'RRULE:FREQ=WEEKLY;UNTIL=20261229',
          'EXDATE;VALUE=DATE:20261222',
          'RDATE;VALUE=DATE:20261224',
        ],
        ['UID:w', 'RECURRENCE-ID;VALUE=DATE:20261208', 'DTSTART;VALUE=DATE:20261209', 'DTEND;VALUE=DATE:20261210'],
        [
          'UID:w',
          'RECURRENCE-ID;VALUE=DATE:20261215',
          'DTSTART;VALUE=DATE:20261215',
          'DTEND;VALUE=DATE:20261216',
          'STATUS:CANCELLED',
        ],
      ),
    );
    expect(events.filter(({ status }) => status === 'confirmed').map(({ checkIn }) => checkIn)).to.deep.equal([
      '2026-12-01',
      '2026-12-24',
      '2026-12-29',
      '2026-12-09',
    ]);
  });

  it('expands rules in wall time across a daylight saving switch', () => {
    const { events } = read(
      calendarOf([
        'UID:a',
        'DTSTART;TZID=Europe/Madrid:20261024T233000',
        'DURATION:PT2H',
        'RRULE:FREQ=DAILY;UNTIL=20261027T223000Z',
      ]),
    );
    expect(spans(events)).to.deep.equal([
      '2026-10-24/2026-10-25',
      '2026-10-25/2026-10-26',
      '2026-10-26/2026-10-27',
      '2026-10-27/2026-10-28',
    ]);
  });

  it('expands an endless rule for two years, or inside the window that is asked for', () => {
    const file = calendarOf(['UID:a', 'DTSTART;VALUE=DATE:20150105', 'RRULE:FREQ=WEEKLY']);
    expect(read(file).events).to.have.length(105);
    const inWindow = read(file, { window: { from: '2026-12-01', to: '2026-12-31' } }).events;
    expect(inWindow.map(({ checkIn }) => checkIn)).to.deep.equal([
      '2026-11-30',
      '2026-12-07',
      '2026-12-14',
      '2026-12-21',
      '2026-12-28',
    ]);
  });

  it('keeps the first occurrence of a rule that nobody can read, and says so', () => {
    const reading = read(calendarOf(['UID:a', 'DTSTART;VALUE=DATE:20261201', 'RRULE:FREQ=NONSENSE']));
    expect(spans(reading.events)).to.deep.equal(['2026-12-01/2026-12-02']);
    expect(reading.problems).to.deep.equal([{ code: 'unreadable_rule', line: 4, uid: 'a' }]);
  });

  it('does not let rules by the second cost more than their share', () => {
    const dense = Array.from({ length: 40 }, (_, i) => [`UID:${i}`, 'DTSTART:20261201T000000Z', 'RRULE:FREQ=SECONDLY']);
    const reading = read(calendarOf(...dense));
    expect(reading.problems.filter(({ code }) => code === 'rule_cut_short')).to.have.length(40);
    expect(new Set(reading.events.map(({ uid }) => uid))).to.have.length(40);
  });

  it('says of a cut file what could be read, and that it is not complete', () => {
    const file = calendarOf(
      ['UID:a', 'DTSTART;VALUE=DATE:20261201', 'DTEND;VALUE=DATE:20261203'],
      ['UID:b', 'DTSTART;VALUE=DATE:20261211', 'DTEND;VALUE=DATE:20261213'],
    );
    const cut = read(file.slice(0, file.lastIndexOf('DTEND')));
    expect(cut.isComplete).to.equal(false);
    expect(cut.problems.map(({ code }) => code)).to.deep.equal(['truncated', 'event_not_closed']);
    expect(cut.events[0]).to.include({ uid: 'a' });
  });

  it('reads events without a calendar around them but does not call that complete', () => {
    const reading = read('BEGIN:VEVENT\nUID:b1\nDTSTART;VALUE=DATE:20260901\nDTEND;VALUE=DATE:20260905\nEND:VEVENT');
    expect(spans(reading.events)).to.deep.equal(['2026-09-01/2026-09-05']);
    expect(reading).to.deep.include({ isComplete: false, problems: [{ code: 'no_calendar' }] });
  });

  it('names what is no calendar at all', () => {
    const problemOf = (text: string) => read(text).problems[0]?.code;
    expect(problemOf('')).to.equal('empty');
    expect(problemOf(' \r\n\0')).to.equal('empty');
    expect(problemOf('<!DOCTYPE html><html><body>Sign in</body></html>')).to.equal('html');
    expect(problemOf('{"error":"expired"}')).to.equal('not_a_calendar');
    expect(read('BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n')).to.deep.equal({
      events: [],
      problems: [],
      isComplete: true,
      unreadableUids: [],
    });
  });

  it('goes on after events that cannot be read, and remembers that they are there', () => {
    const reading = read(
      calendarOf(
        ['UID:x', 'DTSTART:lixo'],
        ['UID:y'],
        ['UID:z', 'DTSTART;VALUE=DATE:20260230'],
        ['UID:ok', 'DTSTART;VALUE=DATE:20261201', 'DTEND:soon'],
      ),
    );
    expect(reading.unreadableUids).to.deep.equal(['x', 'y', 'z']);
    expect(spans(reading.events)).to.deep.equal(['2026-12-01/2026-12-02']);
    expect(reading.problems.map(({ code }) => code)).to.deep.equal([
      'unreadable_start',
      'unreadable_start',
      'unreadable_start',
      'unreadable_end',
    ]);
    expect(reading.isComplete).to.equal(true);
  });

  it('gives an event that ends before it begins one night, and says which take none', () => {
    const reading = read(
      calendarOf(
        ['DTSTART;VALUE=DATE:20261203', 'DTEND;VALUE=DATE:20261201'],
        ['DTSTART;VALUE=DATE:20261203', 'DTEND;VALUE=DATE:20261203'],
      ),
    );
    expect(spans(reading.events)).to.deep.equal(['2026-12-03/2026-12-04', '2026-12-03/2026-12-03']);
    expect(reading.events[0]?.uid).to.equal(null);
    expect(reading.problems.map(({ code }) => code)).to.deep.equal(['ends_before_it_begins', 'takes_no_night']);
  });

  it('reads 10,000 events', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => [
      `UID:${i}`,
      'DTSTART;VALUE=DATE:20261201',
      'DTEND;VALUE=DATE:20261203',
      'SUMMARY:CLOSED - Not available',
    ]);
    const reading = read(calendarOf(...many));
    expect(reading.events).to.have.length(10_000);
    expect(reading.problems).to.deep.equal([]);
  });

  it('never throws on bytes that mean nothing', () => {
    const junk = [
      'BEGIN:VEVENT\r\n',
      'BEGIN:',
      ':',
      ';;;:',
      'DTSTART;TZID="',
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID="a:20200101',
      'END:VCALENDAR',
      '\u0000\uFFFD:\n x',
    ];
    for (const text of junk) expect(read(text).isComplete, text).to.equal(false);
    for (let seed = 1; seed < 200; seed += 1)
      read(Uint8Array.from({ length: 400 }, (_, i) => (Math.imul(seed * 7_919 + i, 2_654_435_761) >>> 13) & 255));
  });
});
