import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** What one request or one job carries along: the correlation id that joins webhook, jobs and send in the logs. */
export type WorkContext = { readonly correlationId: string };

const storage = new AsyncLocalStorage<WorkContext>();

/** Runs `fn` so that everything it awaits logs and enqueues under this context. */
export function runInContext<T>(context: WorkContext, fn: () => T): T {
  return storage.run(context, fn);
}

/** The correlation id of the running request or job; undefined outside of both. */
export function currentCorrelationId(): string | undefined {
  return storage.getStore()?.correlationId;
}

export function newCorrelationId(): string {
  return randomUUID();
}
