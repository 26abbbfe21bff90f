import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { currentCorrelationId, runInContext } from '#shared/observability/context.ts';
import { joinTogether } from '../../workers/join-together.ts';

describe('joinTogether', () => {
  const groups: string[][] = [];
  const alone = (item: string): Promise<string> => Promise.resolve(`${item} alone`);
  const together = async (items: readonly string[]): Promise<string[]> => {
    groups.push([...items]);
    await sleep(5);
    return items.map((item) => `${item} together`);
  };
  beforeEach(() => void groups.splice(0));

  it('does the first at once and alone, and what comes meanwhile together, in order', async () => {
    const done = joinTogether(together, alone);
    const results = await Promise.all(['a', 'b', 'c'].map(done));
    expect(results).to.deep.equal(['a alone', 'b together', 'c together']);
    expect(groups).to.deep.equal([['b', 'c']]);
  });

  it('takes at most fifty at once, and none twice', async () => {
    const done = joinTogether(together, alone);
    const items = Array.from({ length: 120 }, (_, n) => String(n));
    await Promise.all(items.map(done));
    expect(groups.map((group) => group.length)).to.deep.equal([50, 50, 19]);
    expect(groups.flat()).to.deep.equal(items.slice(1));
  });

  it('does one by one what fails together; who fails alone fails', async () => {
    const done = joinTogether<string, string>(
      () => Promise.reject(new Error('all')),
      (item) => (item === 'c' ? Promise.reject(new Error('its own')) : alone(item)),
    );
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map(done));
    expect(results).to.containSubset([
      { value: 'a alone' },
      { value: 'b alone' },
      { reason: { message: 'its own' } },
      { value: 'd alone' },
    ]);
  });

  it('keeps nobody behind what never ends', async function () {
    this.timeout(10_000);
    const done = joinTogether<string, string>(
      (items) => (items.includes('hangs') ? new Promise(() => {}) : together(items)),
      alone,
    );
    const first = done('a');
    void done('hangs');
    void done('with it');
    await first;
    await sleep(1);
    expect(await Promise.all(['b', 'c'].map(done))).to.deep.equal(['b together', 'c together']);
  });

  it('works under the correlation id of who asked', async () => {
    const ids: (string | undefined)[] = [];
    const note = (): void => void ids.push(currentCorrelationId());
    const done = joinTogether<string, string>(
      async (items) => {
        note();
        await sleep(1);
        if (items.includes('c')) throw new Error('each alone');
        return together(items);
      },
      (item) => {
        note();
        return alone(item);
      },
    );
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((item) => runInContext({ correlationId: `correlation-${item}` }, () => done(item))),
    );
    expect(ids).to.deep.equal(['a', 'b', 'b', 'c', 'd'].map((item) => `correlation-${item}`));
  });

  it('goes on after everything was done', async () => {
    const done = joinTogether(together, alone);
    await done('a');
    expect(await done('b')).to.equal('b alone');
  });
});
