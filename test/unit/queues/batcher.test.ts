import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createBatcher } from '#shared/queues/batcher.ts';

const never = new AbortController().signal;

describe('a batcher', () => {
  it('joins what is asked for together and keeps its order', async () => {
    const flushed: number[][] = [];
    const add = createBatcher<number>((items) => Promise.resolve(void flushed.push([...items])), { mostFlights: 1 });
    await Promise.all([add([1, 2], never), add([3], never), add([4, 5], never)]);
    expect(flushed).to.deep.equal([[1, 2, 3, 4, 5]]);
  });

  it('lets what comes during a flush wait for the next, and respects its sizes', async () => {
    const flushed: number[][] = [];
    const add = createBatcher<number>(
      async (items) => {
        flushed.push([...items]);
        await sleep(20);
      },
      { mostFlights: 1, mostItems: 2 },
    );
    await Promise.all([1, 2, 3].map((n) => add([n], never)).concat(add([4, 5, 6], never)));
    expect(flushed).to.deep.equal([[1, 2], [3], [4, 5, 6]]);
  });

  it('tells every caller of a failed flush, and goes on', async () => {
    let isDown = true;
    const add = createBatcher<number>(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve()));
    const outcomes = await Promise.allSettled([add([1], never), add([2], never)]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    isDown = false;
    await add([3], never);
  });

  it('forgets what its callers gave up while the store hangs', async () => {
    const flushed: number[][] = [];
    let thaw = (): void => {};
    const add = createBatcher<number>(
      (items) => {
        flushed.push([...items]);
        return new Promise((resolve) => (thaw = resolve));
      },
      { mostFlights: 1 },
    );
    const first = add([1], never);
    await sleep(5);
    const patience = new AbortController();
    const second = add([2], patience.signal);
    patience.abort(new Error('late'));
    expect(await second.catch((error: Error) => error.message)).to.equal('late');
    const third = add([3], never);
    thaw();
    await first;
    await sleep(5);
    thaw();
    await third;
    expect(flushed).to.deep.equal([[1], [3]]);
  });
});
