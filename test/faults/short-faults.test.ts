import { expect } from 'chai';
import { playFaults, type FaultReport } from './play-faults.ts';

/** The short size of `npm run faults`, where the sizes that a release is judged by are. The flush is in sweeps/lost-fast-path. */
const names = ['kill-storm', 'postgres-restart', 'graph-outage-reset'];
const backends = ['redis', 'postgres'] as const;

describe('nothing is lost, repeated or disordered', function () {
  this.timeout(240_000);
  let report: FaultReport;
  before(async () => {
    report = await playFaults({ names, backends, seed: 20_261_124, isShort: true });
  });

  for (const name of names)
    for (const backend of backends)
      it(`by ${name} (queues in ${backend})`, () => {
        const problems = report.violations.filter((broken) => broken.fault === name && broken.backend === backend);
        expect(problems.map(({ problem }) => problem)).to.deep.equal([]);
        expect(report.runs.some((run) => run.fault === name && run.backend === backend)).to.equal(true);
      });
});
