import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createBatcher, type Patience } from '#shared/queues/batcher.ts';

const patient: Patience = { ms: () => 10_000, end: () => {} };

describe('a batcher', () => {
  it('joins what is asked for together and keeps its order', async () => {
    const flushed: number[][] = [];
    const add = createBatcher<number>((items) => Promise.resolve(void flushed.push([...items])), patient, {
      mostFlights: 1,
    });
    await Promise.all([add([1, 2]), add([3]), add([4, 5])]);
    expect(flushed).to.deep.equal([[1, 2, 3, 4, 5]]);
  });

  it('lets what comes during a flush wait for the next, and respects its sizes', async () => {
    const flushed: number[][] = [];
    const add = createBatcher<number>(
      async (items) => {
        flushed.push([...items]);
        await sleep(20);
      },
      patient,
      { mostFlights: 1, mostItems: 2 },
    );
    await Promise.all([1, 2, 3].map((n) => add([n])).concat(add([4, 5, 6])));
    expect(flushed).to.deep.equal([[1, 2], [3], [4, 5, 6]]);
  });

  it('tells every caller of a failed flush, and goes on', async () => {
    let isDown = true;
    const ends: boolean[] = [];
    const add = createBatcher<number>(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve()), {
      ms: () => 10_000,
      end: (isAnswered) => void ends.push(isAnswered),
    });
    const outcomes = await Promise.allSettled([add([1]), add([2])]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    isDown = false;
    await add([3]);
    expect(ends).to.deep.equal([false, true]);
  });

  it('forgets what its callers gave up while the store hangs', async () => {
    const flushed: number[][] = [];
    let thaw = (): void => {};
    let patienceMs = 10_000;
    const ends: boolean[] = [];
    const add = createBatcher<number>(
      (items) => {
        flushed.push([...items]);
        return new Promise((resolve) => (thaw = resolve));
      },
      { ms: () => patienceMs, end: (isAnswered) => void ends.push(isAnswered) },
      { mostFlights: 1 },
    );
    const first = add([1]);
    await sleep(5);
    patienceMs = 5;
    const second = add([2]);
    expect(await second.catch((error: Error) => error.message)).to.equal('no answer in time');
    patienceMs = 10_000;
    const third = add([3]);
    thaw();
    await first;
    await sleep(5);
    thaw();
    await third;
    expect(flushed).to.deep.equal([[1], [3]]);
    expect(ends).to.deep.equal([false, true, true]);
  });

  it('refuses in time what is on its way already, and a late answer counts as one', async () => {
    let thaw = (): void => {};
    const ends: boolean[] = [];
    const add = createBatcher<number>(() => new Promise((resolve) => (thaw = resolve)), {
      ms: () => 5,
      end: (isAnswered) => void ends.push(isAnswered),
    });
    expect(await add([1]).catch((error: Error) => error.message)).to.equal('no answer in time');
    thaw();
    await sleep(1);
    expect(ends).to.deep.equal([false, true]);
  });
});
