import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { recordSweep } from '#shared/db/stores/sweep-store.ts';
import type { WorkerDeps } from '../deps.ts';

const dayMs = 86_400_000;
const batch = 500;

/**
 * Deletes what guests said aloud after `MEDIA_RETENTION_DAYS`: first the files that rows know, then strays of ours (a worker
 * died between download and row, or the database is another). Files with names that are none of ours are left alone.
 */
export async function sweepOldMedia(_: object, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const { mediaDir, mediaRetentionDays } = deps.env;
  let deleted = 0;
  for (;;) {
    signal.throwIfAborted();
    const old = await deps.inTransaction((stores) => stores.voiceNotes.listOldMedia(mediaRetentionDays, batch));
    for (const { path } of old) await rm(join(mediaDir, path), { force: true });
    const messageIds = old.map(({ messageId }) => messageId);
    await deps.inTransaction((stores) => stores.voiceNotes.forgetMedia(messageIds));
    deleted += old.length;
    if (old.length < batch) break;
  }
  deleted += await deleteStrays(mediaDir, Date.now() - (mediaRetentionDays + 1) * dayMs);
  await recordSweep(deps.database, 'sweep-old-media', deleted);
}

/** A day later than the rows' own files, so that a clock a little off deletes nothing that a row still counts on. */
async function deleteStrays(folder: string, olderThanMs: number): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let deleted = 0;
  for (const name of names) {
    if (!/^\d+\.(ogg|m4a|mp3|aac|amr|wav|webm|flac|bin|part)$/.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs >= olderThanMs) continue;
    await rm(path, { force: true });
    deleted += 1;
  }
  return deleted;
}
