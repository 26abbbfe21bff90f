import { resolve } from 'node:path';

/**
 * For the environment of processes that tests, loads and faults start: where they keep compiled code, since each of hundreds
 * would compile the same.
 */
export const compileCache: Readonly<{ NODE_COMPILE_CACHE: string }> = {
  NODE_COMPILE_CACHE: resolve(import.meta.dirname, '../../node_modules/.cache/compiled'),
};
