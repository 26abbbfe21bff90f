import { writeFileSync } from 'node:fs';

import Mocha from 'mocha';

/**
 * Mocha's spec reporter with the counts for scripts/test.ts, which prints them as the very last line, `N passed, N failed`;
 * without that script (no TEST_SUMMARY_FILE) it prints the line itself.
 */
export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    let [passed, failed] = [0, 0];
    runner.on('pass', () => (passed += 1));
    runner.on('fail', () => (failed += 1));
    runner.once('end', () => {
      const summary = `${passed} passed, ${failed} failed`;
      const file = process.env['TEST_SUMMARY_FILE'];
      if (file) writeFileSync(file, summary);
      else console.log(summary);
    });
  }
}
