import type { Database } from '#shared/db/data-source.ts';
import { recordVendorError, recordVendorSuccess, type Vendor } from '#shared/db/stores/vendor-health-store.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { judgeFailure } from './failure-policy.ts';

/** Successes are many and say the same: one in so long is written per process. */
const successEveryMs = 10_000;
/** Refusals of what was asked, not troubles of who was asked. */
const plainRefusals = new Set(['http_4xx', 'aborted', 'invalid_payload']);

/**
 * The same client, its calls noted for /healthz: when it last answered well, and its last trouble by code. Notes never delay a
 * call and never fail it.
 */
export function watchVendor<T extends object>(client: T, vendor: Vendor, database: Database, log: Logger): T {
  let notedAt = 0;
  const note = (writing: Promise<unknown>): void => {
    writing.catch((error: unknown) => log.debug({ err: error, vendor }, 'vendor health not noted'));
  };
  const noteSuccess = (): void => {
    if (Date.now() - notedAt < successEveryMs) return;
    notedAt = Date.now();
    note(recordVendorSuccess(database, vendor));
  };
  const noteError = (error: unknown): void => {
    const { status, code } = (error ?? {}) as { status?: number; code?: string | number };
    const { reason } = judgeFailure(error, { isInbound: false });
    const isTrouble = status === 401 || status === 403 || !plainRefusals.has(reason);
    if (!isTrouble) return noteSuccess();
    notedAt = 0;
    note(recordVendorError(database, vendor, String(status ?? code ?? reason)));
  };
  return new Proxy(client, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = value.apply(target, args);
        if (result instanceof Promise) result.then(noteSuccess, noteError);
        return result;
      };
    },
  });
}
