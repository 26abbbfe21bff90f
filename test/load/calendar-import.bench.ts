import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import ical from 'node-ical';
import type { Database } from '#shared/db/data-source.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import { addFeed } from '#shared/domain/calendars/feeds.ts';
import { importFeed } from '#shared/domain/calendars/import-feed.ts';
import { createCalendarDesk } from '#shared/integrations/icalendar/calendar-desk.ts';
import { inDays, testSettings } from '../support/records.ts';
import { ratioRow, type BenchOptions, type Row } from './rows.ts';
import { openStage } from './stage.ts';

const events = 5_000;

/**
 * A feed of 5,000 stays: what node-ical alone needs to parse its text, against fetching, reading and reconciling it with all that
 * a real database knows of it; and the first time, when 5,000 events and their nights are written as well. The bare insert of those
 * rows stands beside it.
 */
export async function bench({ short }: BenchOptions): Promise<Row[]> {
  const stage = await openStage('postgres');
  const text = writeFeed();
  const server = createServer(
    (_, response) => void response.writeHead(200, { 'content-type': 'text/calendar' }).end(text),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const inTransaction = createInTransaction(stage.database, testSettings, () => Promise.resolve());
    const calendars = createCalendarDesk({
      icalTokenSecret: 'bench',
      dataEncryptionKey: 'bench',
      timezone: testSettings.timeZone,
      allowPrivateFeeds: true,
      publicUrl: 'http://127.0.0.1',
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.ics`;
    const { id } = await inTransaction((stores) =>
      addFeed({ accommodationId: 1, channel: 'airbnb', url }, stores, calendars),
    );
    const importOnce = async (wanted: string): Promise<void> => {
      const result = await importFeed(id, { inTransaction, calendars }, AbortSignal.timeout(60_000));
      if (result?.type !== wanted)
        throw new Error(`the import ended as ${result?.type ?? 'busy'} ${result?.reason ?? ''}`);
    };
    const clear = () => stage.database.query('TRUNCATE calendar_events, occupancies CASCADE');

    const best = { parse: Infinity, insert: Infinity, first: Infinity, again: Infinity };
    await importOnce('imported');
    for (let round = 0; round < (short ? 4 : 12); round += 1) {
      best.insert = Math.min(best.insert, await millisecondsOf(() => insertAgain(stage.database)));
      await clear();
      best.parse = Math.min(best.parse, await millisecondsOf(() => ical.async.parseICS(text)));
      best.first = Math.min(best.first, await millisecondsOf(() => importOnce('imported')));
      best.again = Math.min(best.again, await millisecondsOf(() => importOnce('unchanged')));
    }
    return [
      { name: `node-ical parses ${events} events`, value: best.parse, unit: 'ms' },
      { name: 'bare insert of their rows', value: best.insert, unit: 'ms' },
      ratioRow('fetched, read, reconciled', best.again, 'ms', "node-ical's parse", best.again / best.parse, {
        atMost: 3,
      }),
      ratioRow('the first time, rows written', best.first, 'ms', "node-ical's parse", best.first / best.parse, {
        atMost: 3,
      }),
    ];
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await stage.close();
  }
}

/** The rows of the import before once more, without a thought. */
async function insertAgain(database: Database): Promise<void> {
  await database.transaction(async (manager) => {
    await manager.query('CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM calendar_events');
    await manager.query('TRUNCATE calendar_events, occupancies CASCADE');
    await manager.query('INSERT INTO calendar_events SELECT * FROM kept');
    await manager.query(
      `INSERT INTO occupancies (accommodation_id, nights, kind, calendar_event_id) SELECT accommodation_id, nights, 'block', id FROM kept`,
    );
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What the work before left behind is not cleared on this one's time. */
async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  collectGarbage();
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function writeFeed(): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar 1.0//EN',
    'VERSION:2.0',
  ];
  const day = (offset: number): string => inDays(offset).replaceAll('-', '');
  for (let n = 0; n < events; n += 1) {
    lines.push(
      'BEGIN:VEVENT',
      `DTEND;VALUE=DATE:${day(3 + n * 2)}`,
      `DTSTART;VALUE=DATE:${day(2 + n * 2)}`,
      `UID:1418fb94e984-${String(n).padStart(24, '0')}@airbnb.com`,
      'DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de',
      String.raw` tails/HM${String(n).padStart(8, 'A')}\nPhone Number (Last 4 Digits): 0000`,
      'SUMMARY:Reserved',
      'END:VEVENT',
    );
  }
  return `${[...lines, 'END:VCALENDAR'].join('\r\n')}\r\n`;
}
