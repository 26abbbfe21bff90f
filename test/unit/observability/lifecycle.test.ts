import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { createLifecycle, shutdownOrder } from '#shared/lifecycle.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { eventually } from '../../support/eventually.ts';

function start(deadlineMs = 5_000): {
  events: EventEmitter;
  codes: number[];
  lifecycle: ReturnType<typeof createLifecycle>;
} {
  const events = new EventEmitter();
  const codes: number[] = [];
  const lifecycle = createLifecycle({
    log: createSilentLogger(),
    deadlineMs,
    graceMs: 20,
    exit: (code) => void codes.push(code),
    events,
  });
  return { events, codes, lifecycle };
}

describe('the lifecycle', () => {
  it('ends in order, equal steps together, then exits 0', async () => {
    const { events, codes, lifecycle } = start();
    const done: string[] = [];
    const step = (name: string) => async () => {
      done.push(`${name} begins`);
      await Promise.resolve();
      done.push(`${name} ends`);
    };
    lifecycle.onShutdown(shutdownOrder.database, 'database', step('database'));
    lifecycle.onShutdown(shutdownOrder.workers, 'workers', step('a'));
    lifecycle.onShutdown(shutdownOrder.workers, 'workers', step('b'));
    lifecycle.onShutdown(shutdownOrder.http, 'http', step('http'));
    events.emit('SIGTERM', 'SIGTERM');
    expect(lifecycle.isShuttingDown).to.equal(true);
    await eventually(() => expect(codes).to.deep.equal([0]));
    expect(done).to.deep.equal([
      'http begins',
      'http ends',
      'a begins',
      'b begins',
      'a ends',
      'b ends',
      'database begins',
      'database ends',
    ]);
  });

  it('goes on past a step that fails, throws at once or never ends', async () => {
    const { codes, lifecycle } = start(20);
    const done: string[] = [];
    lifecycle.onShutdown(1, 'rejects', () => Promise.reject(new Error('no')));
    lifecycle.onShutdown(2, 'throws', () => {
      throw new Error('no');
    });
    lifecycle.onShutdown(3, 'hangs', (deadline) => {
      deadline.addEventListener('abort', () => done.push('told'));
      return new Promise(() => {});
    });
    lifecycle.onShutdown(4, 'last', () => void done.push('last'));
    await lifecycle.shutdown('test');
    expect(done).to.deep.equal(['told', 'last']);
    expect(codes).to.deep.equal([0]);
  });

  it('exits at once on a second signal', async () => {
    const { events, codes, lifecycle } = start();
    lifecycle.onShutdown(1, 'hangs', () => new Promise(() => {}));
    events.emit('SIGTERM', 'SIGTERM');
    events.emit('SIGINT', 'SIGINT');
    expect(codes).to.deep.equal([1]);
  });

  it('shuts down with exit code 1 after an unhandled rejection', async () => {
    const { events, codes } = start();
    events.emit('unhandledRejection', new Error('stray'));
    events.emit('uncaughtException', 'stray text');
    await eventually(() => expect(codes).to.deep.equal([1]));
  });
});
