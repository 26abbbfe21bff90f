import { expect } from 'chai';
import { DomainError } from '#shared/domain/errors.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { jobNames, jobs } from '#shared/queues/contracts.ts';
import type { Contract, Enqueue, JobName } from '#shared/queues/contracts.ts';
import { createEnqueueAll, jobOptions } from '#shared/queues/enqueue.ts';
import type { JobEntry } from '#shared/queues/enqueue.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { eventually } from '../../support/eventually.ts';
import { closeNow, openStoreOnDatabase, samplePayloads, startRecordingPool } from './pools.ts';
import type { RecordingPool } from './pools.ts';

const contractOf = (name: JobName): Contract => jobs[name];
const nudges = jobNames.filter((name) => contractOf(name).dedupe);

describeOnBothBackends('the jobs of the contract', (backend) => {
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
    await Promise.all(Object.values(store.queues() ?? {}).map((queue) => queue.obliterate({ force: true })));
  });
  after(() => close());

  const countOf = async (name: JobName): Promise<Record<string, number>> =>
    (await store.queues()?.[jobs[name].queue].getJobCounts('waiting', 'delayed', 'active', 'completed', 'failed')) ??
    {};
  const ask = (name: JobName, delayMs?: number): Promise<void> =>
    enqueue(name, samplePayloads[name], delayMs === undefined ? {} : { delayMs });
  const start = (name: JobName, fail?: () => Error): RecordingPool => {
    const behaviour = (): void => {
      if (fail) throw fail();
    };
    return (pool = startRecordingPool(store, jobs[name].queue, { [name]: behaviour }));
  };

  for (const name of jobNames) {
    it(`runs ${name} again after it has completed`, async () => {
      const { runs } = start(name);
      await ask(name);
      await eventually(async () => expect((await countOf(name)).completed).to.equal(1));
      await ask(name);
      await eventually(async () => expect((await countOf(name)).completed).to.equal(2));
      expect(runs).to.deep.equal([name, name]);
    });

    it(`runs ${name} again after it has failed finally`, async () => {
      const { runs } = start(name, () => new DomainError('invalid_state'));
      await ask(name);
      await eventually(async () => expect((await countOf(name)).failed).to.equal(1));
      await ask(name);
      await eventually(async () => expect((await countOf(name)).failed).to.equal(2));
      expect(runs).to.deep.equal([name, name]);
    });
  }

  for (const name of nudges) {
    it(`runs ${name} now when it was asked for with a delay, then now`, async () => {
      await ask(name, 3_600_000);
      expect(await countOf(name)).to.include({ delayed: 1, waiting: 0 });
      await ask(name);
      expect(await countOf(name)).to.include({ delayed: 0, waiting: 1 });
      const { runs } = start(name);
      await eventually(async () => expect((await countOf(name)).completed).to.equal(1));
      expect(runs).to.deep.equal([name]);
    });

    it(`runs ${name} now when it is asked for while it waits for a retry`, async () => {
      const slow = { attempts: 4, backoff: { type: 'fixed', delay: 3_600_000 } };
      start(name, () => new Error('no'));
      await store
        .queues()
        ?.[jobs[name].queue].add(name, samplePayloads[name], { ...jobOptions(name, samplePayloads[name]), ...slow });
      await eventually(async () => expect((await countOf(name)).delayed).to.equal(1));
      await closeNow(pool);
      await ask(name);
      expect(await countOf(name)).to.include({ delayed: 0, waiting: 1 });
      const { runs } = start(name);
      await eventually(async () => expect((await countOf(name)).completed).to.equal(1));
      expect(runs).to.deep.equal([name]);
    });

    it(`runs ${name} once more when it is asked for while it runs`, async () => {
      let release = (): void => {};
      const gate = new Promise<void>((resolve) => (release = resolve));
      const running = startRecordingPool(store, jobs[name].queue, { [name]: () => gate });
      pool = running;
      await ask(name);
      await eventually(() => expect(running.runs).to.have.length(1));
      await Promise.all([ask(name), ask(name), ask(name)]);
      release();
      await eventually(async () => expect((await countOf(name)).completed).to.equal(2));
      expect(running.runs).to.deep.equal([name, name]);
    });
  }

  it('runs every one of two holds to expire, and each as often as it was asked for', async () => {
    await ask('expire-hold', 50);
    await ask('expire-hold', 60);
    const { runs } = start('expire-hold');
    await eventually(() => expect(runs).to.have.length(2));
  });

  it('adds all jobs of a webhook, one by one, whatever their queue', async () => {
    const entries: JobEntry[] = Array.from({ length: 7 }, () => [
      { name: 'reply-to-message' as const, payload: samplePayloads['reply-to-message'] },
      { name: 'record-delivery' as const, payload: samplePayloads['record-delivery'] },
    ]).flat();
    await createEnqueueAll(store)(entries);
    expect(await countOf('reply-to-message')).to.include({ waiting: 7 });
    expect(await countOf('record-delivery')).to.include({ waiting: 7 });
  });

  it('hands a handler its payload as the contract has it, without what travels beside', async () => {
    const running = start('settle-payment');
    await enqueue('settle-payment', { paymentId: '42', foreign: 'x' } as { paymentId: string });
    await eventually(() => expect(running.payloads).to.deep.equal([{ paymentId: '42' }]));
  });

  it('gives up a payload that does not parse, retries an inbound one', async () => {
    const queues = store.queues();
    start('settle-payment');
    await queues?.payments.add('settle-payment', { paymentId: 7 }, jobOptions('settle-payment', { paymentId: '7' }));
    await eventually(async () => expect((await countOf('settle-payment')).failed).to.equal(1));
    await closeNow(pool);
    start('reply-to-message');
    const { 'reply-to-message': payload } = samplePayloads;
    await queues?.conversations.add('reply-to-message', { text: 'hola' }, jobOptions('reply-to-message', payload));
    await eventually(async () => expect((await countOf('reply-to-message')).delayed).to.equal(1));
    expect((await countOf('reply-to-message')).failed).to.equal(0);
  });

  it('lets the queue rest after a 429 without using up a try', async () => {
    let calls = 0;
    const running = startRecordingPool(store, 'deliveries', {
      'deliver-messages': () => {
        if ((calls += 1) === 1) throw Object.assign(new Error('slow down'), { kind: 'number_rate', retryAfterMs: 500 });
      },
    });
    pool = running;
    await ask('deliver-messages');
    await eventually(async () => expect((await countOf('deliver-messages')).completed).to.equal(1));
    const [job] = (await store.queues()?.deliveries.getJobs(['completed'])) ?? [];
    expect(job?.attemptsMade).to.equal(1);
    expect(await running.metrics.render()).to.contain('outcome="slowed_down"} 1');
  });

  it('lets the queue rest for every worker of it, not only the one that was told to', async () => {
    const ran: { isTooEarly: boolean }[] = [];
    let restsUntil = 0;
    const behaviours = {
      'deliver-messages': () => {
        if (ran.push({ isTooEarly: Date.now() < restsUntil }) > 1) return;
        restsUntil = Date.now() + 3_000;
        throw Object.assign(new Error('slow down'), { kind: 'number_rate', retryAfterMs: 3_500 });
      },
    };
    const other = startRecordingPool(store, 'deliveries', behaviours);
    pool = startRecordingPool(store, 'deliveries', behaviours);
    try {
      await Promise.all([other.ready, pool.ready]);
      await ask('deliver-messages');
      await eventually(async () => expect(await store.queues()?.deliveries.getRateLimitTtl(1_000)).to.be.above(0));
      for (const conversationId of ['11', '12', '13', '14']) await enqueue('deliver-messages', { conversationId });
      await eventually(async () => expect((await countOf('deliver-messages')).completed).to.equal(5), {
        timeoutMs: 20_000,
      });
      expect(ran.filter(({ isTooEarly }) => isTooEarly)).to.deep.equal([]);
    } finally {
      await closeNow(other);
    }
  });

  it('tells the final failure once, by reason and without the message of the error', async () => {
    const told: { name: string; message: string }[] = [];
    const running = startRecordingPool(
      store,
      'expirations',
      {
        'expire-hold': () => {
          throw Object.assign(new Error('guest 5491122223333 wrote "hola canario"'), { status: 404 });
        },
      },
      { onFinalFailure: (name, _payload, error) => void told.push({ name, message: error.message }) },
    );
    pool = running;
    await ask('expire-hold');
    await eventually(() => expect(told).to.deep.equal([{ name: 'expire-hold', message: 'http_4xx Error' }]));
    const [job] = (await store.queues()?.expirations.getJobs(['failed'])) ?? [];
    expect(JSON.stringify(job)).not.to.match(/canario|54911/);
    expect(await running.metrics.render()).to.contain(
      'jobs_failed_total{queue="expirations",job="expire-hold",reason="http_4xx"} 1',
    );
  });

  it('closes in two stages: waits for what runs, aborts it at the deadline', async () => {
    const events: string[] = [];
    const running = startRecordingPool(store, 'payments', {
      'settle-payment': async (_payload, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        events.push('aborted');
      },
    });
    await ask('settle-payment');
    await eventually(() => expect(running.runs).to.have.length(1));
    const deadline = new AbortController();
    const closed = running.close(deadline.signal).then(() => events.push('closed'));
    expect(running.isRunning()).to.equal(false);
    events.push('deadline');
    deadline.abort();
    await closed;
    expect(events).to.deep.equal(['deadline', 'aborted', 'closed']);
    expect(running.runs).to.deep.equal(['settle-payment']);
  });
});
