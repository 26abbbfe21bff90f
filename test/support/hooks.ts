import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';

import type { RootHookObject } from 'mocha';

import { dropTestDatabases } from './database.ts';
import { startServices, stopServices } from './services.ts';
import { toolsBinDir } from './tools.ts';
import { checkNothingIsOpen } from './track.ts';

// The same histories in every run; another seed is asked for by POSADA_SEED. A failure prints the seed that it had.
fc.configureGlobal({ seed: Number(process.env['POSADA_SEED'] ?? 20_261_124) });

const usesStores = /[\\/]test[\\/](integration|e2e|faults|load)[\\/]/;
const lingerMs = 5_000;

/** Starts the stores when a chosen test file will want them; unit tests alone start at once. */
export async function mochaGlobalSetup(this: { suite?: Mocha.Suite }): Promise<void> {
  if (existsSync(toolsBinDir)) process.env['PATH'] = `${toolsBinDir}${delimiter}${process.env['PATH'] ?? ''}`;
  if (!this.suite || this.suite.suites.some((suite) => usesStores.test(suite.file ?? ''))) await startServices();
}

/** Stops them; a run that is then kept alive by something left open is ended as failed. */
export async function mochaGlobalTeardown(): Promise<void> {
  await dropTestDatabases();
  await stopServices();
  setTimeout(() => {
    console.error(`Still open ${lingerMs / 1000} s after the tests: ${process.getActiveResourcesInfo().join(', ')}`);
    // Mocha's own listener sets the code of its failures: ours comes after it.
    process.once('exit', () => (process.exitCode = 1));
    process.exit();
  }, lingerMs).unref();
}

/** Fails the run when something given to `track` is still open at its end. */
export const mochaHooks: RootHookObject = {
  afterAll() {
    checkNothingIsOpen();
  },
};
