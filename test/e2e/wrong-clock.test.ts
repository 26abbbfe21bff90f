import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';

const skewClock = fileURLToPath(new URL('../faults/storm/skew-clock.ts', import.meta.url));

describeOnBothBackends('a worker on a machine whose clock is wrong', function (backend) {
  this.timeout(60_000);
  for (const hours of [6, -6])
    it(`by ${hours} hours puts its jobs where everybody's are`, async () => {
      const variables = { NODE_OPTIONS: `--import=${skewClock}`, SKEW_MS: String(hours * 3_600_000) };
      const house: House = await openHouse(backend, { pools: ['expirations'], variables });
      try {
        await house.spawnWorkers('conversations');
        await createPhone(house).say('hola');
        const deliveries = house.workers!.deps.queues.queues()!.deliveries;
        await eventually(async () => {
          const jobs = (await deliveries.getJobs(['waiting'])).filter(({ name }) => name === 'deliver-messages');
          expect(jobs).to.have.length(1);
          expect(Math.abs(jobs[0]!.timestamp - Date.now())).to.be.below(60_000);
        });
      } finally {
        await house.close();
      }
    });
});
