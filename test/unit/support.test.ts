import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { isStampAlive, processStamp, takeLock } from '#shared/db/start-lock.ts';

import { eventually } from '../support/eventually.ts';
import { checkNothingIsOpen, track } from '../support/track.ts';

describe('eventually', () => {
  it('returns the first result that does not throw', async () => {
    let calls = 0;
    const result = await eventually(
      () => {
        calls += 1;
        if (calls < 3) throw new Error('not yet');
        return calls;
      },
      { intervalMs: 1 },
    );
    expect(result).to.equal(3);
  });

  it('throws the last error when the time is up', async () => {
    const never = eventually(() => expect(1).to.equal(2), { timeoutMs: 20, intervalMs: 1 });
    expect(await never.catch((error: unknown) => String(error))).to.match(/expected 1 to equal 2/);
  });
});

describe('the leak check', () => {
  it('names what was not closed, with the line that opened it, once', () => {
    const closed = track({ end: () => 'ended' }, 'a closed pool');
    track({ close() {} }, 'a forgotten worker');
    expect(closed.end()).to.equal('ended');
    expect(checkNothingIsOpen).to.throw(/^The tests left open:\n {2}a forgotten worker at .*support\.test\.ts/);
    expect(checkNothingIsOpen).not.to.throw();
  });
});

describe('the start lock', () => {
  let dir: string;
  beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'posada-lock-'))));
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('has one holder at a time and leaves nothing behind', async () => {
    const lock = join(dir, 'lock');
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeLock(lock)));
    const holders = taken.filter((release) => release !== undefined);
    expect(holders).to.have.length(1);
    await holders[0]?.();
    expect(await readdir(dir)).to.deep.equal([]);
  });

  it('is free again when its holder is dead, also when another process has got the pid', async () => {
    const lock = join(dir, 'lock');
    for (const stamp of ['', '4194303 1 gone', `${process.pid} 1 an-earlier-boot`]) {
      await writeFile(lock, stamp);
      const release = await takeLock(lock);
      expect(release, stamp).to.be.a('function');
      await release?.();
    }
  });

  it('tells this process from another life of its pid', () => {
    expect(isStampAlive(processStamp(process.pid) ?? '')).to.equal(true);
    expect(isStampAlive(String(process.pid))).to.equal(false);
  });
});
