import { expect } from 'chai';
import { readCalendar } from '#shared/integrations/icalendar/read-calendar.ts';

/** A calendar around those lines, one event or property after the other. */
function calendar(...parts: (string | readonly string[])[]): string {
  const bodies = parts.flatMap((part) => (typeof part === 'string' ? [part] : ['BEGIN:VEVENT', ...part, 'END:VEVENT']));
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Elsewhere//EN', ...bodies, 'END:VCALENDAR', ''].join('\r\n');
}

const stay = (from: string, to: string): string[] => [`DTSTART;VALUE=DATE:${from}`, `DTEND;VALUE=DATE:${to}`];
const plain = calendar(['UID:a', ...stay('20261201', '20261204'), 'SUMMARY:José']);
/** A zone that only the file itself explains. */
const ownZone = [
  'BEGIN:VTIMEZONE',
  'TZID:Customized Time Zone',
  'BEGIN:STANDARD',
  'DTSTART:16010101T000000',
  'TZOFFSETFROM:-0300',
  'TZOFFSETTO:-0300',
  'END:STANDARD',
  'END:VTIMEZONE',
].join('\r\n');
const inOwnZone = (from: string, to: string): string[] => [
  `DTSTART;TZID=Customized Time Zone:${from}`,
  `DTEND;TZID=Customized Time Zone:${to}`,
];

function utf16(text: string, isBigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(text, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
}

const first = '2026-12-01/2026-12-04';
type Row = [what: string, file: string | Uint8Array, expected: readonly string[]];

/** What a careful person reads in the calendars of writers that do as they like; a word behind the nights: the status or kind. */
const rows: readonly Row[] = [
  [
    'hours in the zone of the place',
    calendar(['UID:a', 'DTSTART:20261201T150000Z', 'DTEND:20261204T130000Z']),
    [first],
  ],
  [
    'a calendar of all-day and timed events with its zone beside them',
    calendar('X-WR-TIMEZONE:America/Argentina/Buenos_Aires', stay('20261201', '20261204'), [
      'DTSTART:20261210T020000Z',
      'DTEND:20261212T130000Z',
    ]),
    [first, '2026-12-09/2026-12-12'],
  ],
  [
    'zones by their Windows name, and one that only the file explains',
    calendar(
      ownZone,
      ['DTSTART;TZID=Argentina Standard Time:20261201T233000', 'DTEND;TZID=Argentina Standard Time:20261204T003000'],
      inOwnZone('20261211T150000', '20261213T100000'),
    ),
    [first, '2026-12-11/2026-12-13'],
  ],
  [
    'a zone with a colon in its name, quoted and not',
    calendar(
      [
        'DTSTART;TZID="(UTC-03:00) Buenos Aires":20261201T150000',
        'DTEND;TZID="(UTC-03:00) Buenos Aires":20261204T100000',
      ],
      ['DTSTART;TZID=(UTC-03:00) Buenos Aires:20261211T150000', 'DTEND;TZID=(UTC-03:00) Buenos Aires:20261213T100000'],
      ['DTSTART;TZID=GMT -03:00;VALUE=DATE:20261221', 'DTEND;TZID=GMT -03:00;VALUE=DATE:20261223'],
    ),
    [first, '2026-12-11/2026-12-13', '2026-12-21/2026-12-23'],
  ],
  [
    'a date with an hour and a zone behind it',
    calendar(['DTSTART;VALUE=DATE:20261201T000000Z', 'DTEND;VALUE=DATE:20261204T000000Z']),
    [first],
  ],
  ['blanks around everything', plain.replaceAll(/([:;=])/g, ' $1 ').replaceAll('\r\n', '  \r\n'), [first]],
  ['dashes and offsets', calendar(['DTSTART:2026-12-01T15:00:00-03:00', 'DTEND:2026-12-04T10:00:00-03:00']), [first]],
  [
    'a duration beside an end that cannot be read',
    calendar(['DTSTART;VALUE=DATE:20261201', 'DTEND:', 'DURATION:P3D']),
    [first],
  ],
  [
    'periods of their own length',
    calendar([
      'DTSTART:20261201T150000',
      'DTEND:20261202T100000',
      'RDATE;VALUE=PERIOD:20261210T150000/20261213T100000,20261220T150000/P4D',
    ]),
    ['2026-12-01/2026-12-02', '2026-12-10/2026-12-13', '2026-12-20/2026-12-24'],
  ],
  [
    'dates that repeat it',
    calendar(['UID:a', ...stay('20261201', '20261203'), 'RDATE;VALUE=DATE:20261210,20261220']),
    ['2026-12-01/2026-12-03', '2026-12-10/2026-12-12', '2026-12-20/2026-12-22'],
  ],
  [
    'two rules of one event',
    calendar([
      ...stay('20261204', '20261205'),
      'RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2',
      'RRULE:FREQ=WEEKLY;BYDAY=SA;COUNT=2',
    ]),
    ['2026-12-04/2026-12-05', '2026-12-05/2026-12-06', '2026-12-11/2026-12-12', '2026-12-12/2026-12-13'],
  ],
  [
    'an exception by its date from an event with hours',
    calendar([
      'DTSTART;TZID=America/New_York:20261201T150000',
      'DTEND;TZID=America/New_York:20261202T100000',
      'RRULE:FREQ=DAILY;COUNT=3',
      'EXDATE;VALUE=DATE:20261202',
    ]),
    ['2026-12-01/2026-12-02', '2026-12-03/2026-12-04'],
  ],
  [
    'an exception and an end in UTC from an event in a zone of its own',
    calendar(ownZone, [
      ...inOwnZone('20261201T150000', '20261202T100000'),
      'RRULE:FREQ=DAILY;UNTIL=20261203T180000Z',
      'EXDATE:20261202T180000Z',
    ]),
    ['2026-12-01/2026-12-02', '2026-12-03/2026-12-04'],
  ],
  [
    'a moved occurrence that is named by its date alone',
    calendar(
      ['UID:a', 'DTSTART:20261204T150000', 'DTEND:20261206T100000', 'RRULE:FREQ=WEEKLY;COUNT=2'],
      ['UID:a', 'RECURRENCE-ID;VALUE=DATE:20261211', 'DTSTART:20261212T150000', 'DTEND:20261214T100000'],
    ),
    ['2026-12-04/2026-12-06', '2026-12-12/2026-12-14'],
  ],
  [
    'a moved occurrence that is named in UTC',
    calendar(
      [
        'UID:a',
        'DTSTART;TZID=Europe/Madrid:20261204T150000',
        'DTEND;TZID=Europe/Madrid:20261206T100000',
        'RRULE:FREQ=WEEKLY;COUNT=2',
      ],
      ['UID:a', 'RECURRENCE-ID:20261211T140000Z', 'DTSTART:20261212T140000Z', 'DTEND:20261214T130000Z'],
    ),
    ['2026-12-04/2026-12-06', '2026-12-12/2026-12-14'],
  ],
  [
    'this and all future occurrences moved',
    calendar(
      ['UID:a', ...stay('20261204', '20261205'), 'RRULE:FREQ=WEEKLY;COUNT=3'],
      ['UID:a', 'RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261211', ...stay('20261212', '20261214')],
    ),
    ['2026-12-04/2026-12-05', '2026-12-19/2026-12-21', '2026-12-12/2026-12-14'],
  ],
  [
    'several calendars in a file, one of them a cancellation',
    calendar(['UID:a', ...stay('20261201', '20261204')]) +
      calendar('METHOD:CANCEL', ['UID:b', ...stay('20261211', '20261214')]),
    [first, '2026-12-11/2026-12-14 cancelled'],
  ],
  [
    'several calendars in a file, each in its zone',
    calendar('X-WR-TIMEZONE:Asia/Kolkata', ['DTSTART:20261201T000000Z', 'DTEND:20261204T000000Z']) +
      calendar('X-WR-TIMEZONE:America/New_York', ['DTSTART:20261201T000000Z', 'DTEND:20261203T000000Z']),
    [first, '2026-11-30/2026-12-02'],
  ],
  [
    "several calendars in a file: one's mark of a booking is not the other's",
    calendar([...stay('20261201', '20261204'), 'SUMMARY:Reserved']).replace('Elsewhere', 'Airbnb Inc') +
      calendar([...stay('20261211', '20261214'), 'SUMMARY:Reserved']),
    [`${first} reservation`, '2026-12-11/2026-12-14'],
  ],
  [
    "Airbnb's sliding block in the account's language",
    calendar(
      [...stay('20261201', '20271201'), 'SUMMARY:Airbnb (No disponible)'],
      [...stay('20280101', '20281201'), 'SUMMARY:Airbnb (Indisponível)'],
    ),
    ['2026-12-01/2027-12-01 not_available', '2028-01-01/2028-12-01 not_available'],
  ],
  ['UTF-16 without a mark, little end first', utf16(plain, false), [first]],
  ['UTF-16 without a mark, big end first', utf16(plain, true), [first]],
  ['UTF-16 with a mark, big end first', utf16(`\uFEFF${plain}`, true), [first]],
  ['Latin-1', Buffer.from(plain, 'latin1'), [first]],
  ['line ends of CR CR LF', plain.replaceAll('\r\n', '\r\r\n'), [first]],
  ['line ends of CR', plain.replaceAll('\r\n', '\r'), [first]],
  ['lines folded by tabs', plain.replaceAll('VALUE=DATE:2026', 'VAL\r\n\tUE=DATE:20\r\n\t26'), [first]],
  ['every line indented alike', plain.replaceAll(/^(?=.)/gm, '    '), [first]],
  [
    'every component indented',
    `\n  BEGIN:VCALENDAR\n    BEGIN:VEVENT\n      UID:a\n      ${stay('20261201', '20261204').join('\n      ')}\n    END:VEVENT\n  END:VCALENDAR\n`,
    [first],
  ],
  [
    'a warning of its server in front',
    `<br />\n<b>Warning</b>: undefined in /feed.php on line 3<br />\n${plain}`,
    [first],
  ],
  [
    'small letters throughout',
    plain.toLowerCase().replace('summary', 'status:tentative\r\nsummary'),
    [`${first} tentative`],
  ],
  ['a line of a megabyte', plain.replace('José', 'x'.repeat(1_000_000)), [first]],
];

describe('foreign calendars', () => {
  for (const [what, file, expected] of rows)
    it(`reads ${what}`, () => {
      const { events, isComplete } = readCalendar(file, { timeZone: 'America/Argentina/Buenos_Aires' });
      const words = { confirmed: '', closed: '' } as Record<string, string>;
      const found = events.map(({ checkIn, checkOut, status, kind }) =>
        [`${checkIn}/${checkOut}`, words[status] ?? status, words[kind] ?? kind].filter(Boolean).join(' '),
      );
      expect(found).to.deep.equal(expected);
      expect(isComplete).to.equal(true);
    });

  it('blocks until the end of time, but has nobody arrive there', () => {
    const file = calendar(['UID:a', ...stay('20261201', '99991231')], ['UID:b', 'DTSTART;VALUE=DATE:99991231']);
    const { events, unreadableUids } = readCalendar(file, { timeZone: 'UTC' });
    expect(events.map(({ checkIn, checkOut }) => `${checkIn}/${checkOut}`)).to.deep.equal(['2026-12-01/9999-12-31']);
    expect(unreadableUids).to.deep.equal(['b']);
  });

  it('takes no more occurrences than anybody can use, however they are written', () => {
    const minutes = Array.from({ length: 8_000 }, (_, minute) =>
      new Date(Date.UTC(2026, 11, 1) + minute * 60_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, ''),
    );
    const file = calendar(['UID:a', ...stay('20261201', '20261202'), `RDATE:${minutes.join(',')}`]);
    const { events, problems } = readCalendar(file, { timeZone: 'UTC' });
    expect(events).to.have.length(5_000);
    expect(problems.map(({ code }) => code)).to.deep.equal(['rule_cut_short']);
  });
});
