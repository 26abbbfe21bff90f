import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { inOrderOf, inTurns, sideBySide } from '#shared/side-by-side.ts';

describe('work side by side on one transaction', () => {
  it('rejects with the first failure only when nothing is left running', async () => {
    let isRunning = true;
    const slow = sleep(20).then(() => (isRunning = false));
    const failed = await sideBySide([Promise.reject(new Error('first')), slow]).catch((error: Error) => error.message);
    expect(failed).to.equal('first');
    expect(isRunning).to.equal(false);
  });

  it('lets those with a name in common wait for each other, and no others', async () => {
    const log: string[] = [];
    const results = await inTurns(
      ['a1', 'b1', 'a2', 'ab'],
      (item) => item.replaceAll(/\d/g, '').split(''),
      async (item) => {
        log.push(`begin ${item}`);
        await sleep(item === 'a1' ? 20 : 1);
        log.push(`end ${item}`);
        return item.toUpperCase();
      },
    );
    expect(results).to.deep.equal(['A1', 'B1', 'A2', 'AB']);
    expect(log.indexOf('end b1')).to.be.below(log.indexOf('end a1'));
    expect(log.indexOf('begin a2')).to.be.above(log.indexOf('end a1'));
    expect(log.indexOf('begin ab')).to.be.above(log.indexOf('end a2'));
  });

  it('works in the order of ranks and answers in the order of asking', async () => {
    const seen: number[][] = [];
    const results = await inOrderOf(
      [3, 1, 2, 1],
      (item) => item,
      (ordered) => {
        seen.push([...ordered]);
        return Promise.resolve(ordered.map((item, index) => `${item} at ${index}`));
      },
    );
    expect(seen).to.deep.equal([[1, 1, 2, 3]]);
    expect(results).to.deep.equal(['3 at 3', '1 at 0', '2 at 2', '1 at 1']);
  });
});
