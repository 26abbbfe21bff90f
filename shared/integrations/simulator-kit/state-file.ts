import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A simulator's memory on disk, so that the sandbox survives a restart. */
export type StateFile = { save(): void; flush(): void };

/** The JSON of the file; undefined when there is none or it is broken (the sandbox then starts afresh). */
export function loadState(path: string | undefined): unknown {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Writes what `snapshot` returns 20 ms after a `save`, whole or not at all (a new file, then a rename); `flush` writes
 * what is still to be written now. Without a path both do nothing.
 */
export function createStateFile(path: string | undefined, snapshot: () => unknown): StateFile {
  let timer: NodeJS.Timeout | undefined;
  const write = (): void => {
    timer = undefined;
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    const draft = `${path}.${process.pid}.new`;
    writeFileSync(draft, JSON.stringify(snapshot()), { mode: 0o600 });
    renameSync(draft, path);
  };
  return {
    save() {
      if (path !== undefined) timer ??= setTimeout(write, 20).unref();
    },
    flush() {
      if (timer === undefined) return;
      clearTimeout(timer);
      write();
    },
  };
}
