import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import type { Enqueue } from '#shared/queues/contracts.ts';
import { readQueueFigures } from '#shared/queues/figures.ts';
import { listUndone } from '#shared/queues/inbound-jobs.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { closeNow, openStoreOnDatabase, samplePayloads, startRecordingPool, type RecordingPool } from './pools.ts';

describeOnBothBackends('a look at the queues', (backend) => {
  let store: QueueStore;
  let enqueue: Enqueue;
  let close: () => Promise<void>;
  let pool: RecordingPool | undefined;

  before(async function () {
    this.timeout(60_000);
    ({ store, enqueue, close } = await openStoreOnDatabase(backend));
  });
  afterEach(async () => {
    await closeNow(pool);
    pool = undefined;
    await store.queues()!.conversations.obliterate({ force: true });
  });
  after(() => close());

  const write = (id: string): Promise<void> =>
    enqueue('reply-to-message', { ...samplePayloads['reply-to-message'], providerMessageId: id });
  const look = async (receivedAt = new Date()): Promise<string[]> => {
    const undone = await listUndone(store, 'conversations', 'reply-to-message', receivedAt);
    return undone.map(({ payload }) => (payload as InboundMessage).providerMessageId);
  };

  it('shows the oldest of a backlog, and for how long the first has waited', async () => {
    await write('wamid.0');
    await sleep(300);
    for (let n = 1; n < 210; n += 1) await write(`wamid.${n}`);
    expect(await look()).to.have.length(210);
    const oldest = await store.look().listUndone('conversations', 'reply-to-message', 200);
    expect(oldest.map(({ data }) => (data as InboundMessage).providerMessageId).toSorted()).to.deep.equal(
      Array.from({ length: 200 }, (_, n) => `wamid.${n}`).toSorted(),
    );
    const figures = (await readQueueFigures(store)).find(({ queue }) => queue === 'conversations');
    expect(figures?.jobs['waiting']).to.equal(210);
    expect(figures?.oldestAgeSeconds).to.be.at.least(0.29);
  });

  it('misses no job that begins to run, or fails and waits again, meanwhile', async () => {
    const written = new Set<string>();
    const done = new Set<string>();
    const failed = new Set<string>();
    pool = startRecordingPool(store, 'conversations', {
      'reply-to-message': async (payload) => {
        const id = (payload as InboundMessage).providerMessageId;
        await sleep(Math.random() * 4);
        if (id.endsWith('7') && !failed.has(id)) {
          failed.add(id);
          throw new Error('once more');
        }
        done.add(id);
      },
    });
    const writing = (async () => {
      for (let n = 0; n < 150; n += 1) {
        await write(`wamid.${n}`);
        written.add(`wamid.${n}`);
        await sleep(Math.random() * 6);
      }
    })();
    let [isWritten, looks] = [false, 0];
    void writing.finally(() => (isWritten = true));
    while (!isWritten) {
      const before = [...written].filter((id) => !done.has(id));
      const seen = await look();
      const missed = before.filter((id) => !done.has(id) && !seen.includes(id));
      expect(missed).to.deep.equal([]);
      looks += 1;
    }
    await writing;
    expect(looks).to.be.above(10);
    expect(failed.size).to.be.above(5);
  });

  it('shows whoever asks together what is there when they ask', async () => {
    const first = look();
    await write('wamid.late');
    const others = await Promise.all(Array.from({ length: 20 }, () => look()));
    expect(await first).to.have.length.below(2);
    for (const seen of others) expect(seen).to.deep.equal(['wamid.late']);
  });
});
