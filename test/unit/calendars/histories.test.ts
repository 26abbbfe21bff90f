import fc from 'fast-check';
import { addDays } from '#shared/domain/stay.ts';
import { histories } from './histories.ts';
import { createMemorySide } from './memory-side.ts';
import { playHistory } from './play-history.ts';

const today = '2026-11-24';
/** POSADA_SEED plays others, HISTORIES more of them; a failure prints its seed. */
const numRuns = Number(process.env['HISTORIES'] ?? 500);
const { seed } = fc.readConfigureGlobal();

describe('histories of three platforms and us', () => {
  it(`end in the truth: no ghost block, no freed sold night, no double booking by us (${numRuns} of seed ${seed})`, async function () {
    this.timeout(600_000);
    const day = (offset: number): string => addDays(today, offset);
    const property = fc.asyncProperty(histories(day, 60), (history) =>
      playHistory(history, createMemorySide(today), today),
    );
    await fc.assert(property, { numRuns });
  });
});
