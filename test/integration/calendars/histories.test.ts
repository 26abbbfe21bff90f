import fc from 'fast-check';
import { inDays } from '../../support/records.ts';
import { histories } from '../../unit/calendars/histories.ts';
import { playHistory } from '../../unit/calendars/play-history.ts';
import { openCalendarHouse, type CalendarHouse } from './calendar-house.ts';
import { createDatabaseSide } from './database-side.ts';

const numRuns = Number(process.env['DATABASE_HISTORIES'] ?? 5);
const { seed } = fc.readConfigureGlobal();

describe('histories of three platforms and us on a database', () => {
  let house: CalendarHouse;
  before(async () => {
    house = await openCalendarHouse();
  });
  after(() => house.close());

  it(`end in the truth, and keep the invariant after every step (${numRuns} of seed ${seed})`, async function () {
    this.timeout(600_000);
    const property = fc.asyncProperty(histories(inDays, 30), async (history) =>
      playHistory(history, await createDatabaseSide(house), inDays(0)),
    );
    await fc.assert(property, { numRuns, endOnFailure: true });
  });
});
