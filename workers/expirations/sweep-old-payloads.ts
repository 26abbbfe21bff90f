import { forgetOldKeys } from '#shared/db/stores/idempotency-store.ts';
import { forgetOldTries } from '#shared/db/stores/login-attempt-store.ts';
import { forgetOldPayloads } from '#shared/db/stores/retention-store.ts';
import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { WorkerDeps } from '../deps.ts';

/** How long a repeated request hears its first answer again. */
const keyHours = 24;
const batch = 1_000;

/**
 * Forgets what was kept only to be sure: what WhatsApp sent beside the text (contact, media ids, places) after
 * `MEDIA_RETENTION_DAYS`, the answers that the API gave a day ago, and failed logins that no longer count. The chat itself stays.
 */
export async function sweepOldPayloads(_: object, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  let forgotten = (await forgetOldKeys(deps.database, keyHours)) + (await forgetOldTries(deps.database));
  for (;;) {
    signal.throwIfAborted();
    const count = await forgetOldPayloads(deps.database, deps.env.mediaRetentionDays, batch);
    forgotten += count;
    if (count < batch) break;
  }
  await recordSweep(deps.database, 'sweep-old-payloads', forgotten);
}
