import { expect } from 'chai';
import { hashPassword } from '#shared/config/passwords.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { openQueues, type QueueStore } from '#shared/queues/connections.ts';
import { openBrowser, saveScreenshot, type TestBrowser } from '../support/browser.ts';
import { openConsole } from '../support/console-page.ts';
import { eventually } from '../support/eventually.ts';
import { openHouse, type House } from '../support/house.ts';
import { track } from '../support/track.ts';
import { closeNow, startRecordingPool } from '../integration/queues/pools.ts';

const operator = { email: 'eva@example.com', password: 'mira y no toca' };

describe('the board in a browser', function () {
  this.timeout(60_000);
  let house: House;
  let browser: TestBrowser;
  let store: QueueStore;
  let failedId: string;

  before(async () => {
    const variables = { OPERATOR_USERS: `${operator.email}:${await hashPassword(operator.password)}` };
    house = await openHouse('postgres', { pools: [], variables });
    browser = await openBrowser();
    const { databaseUrl = '', queuePrefix: prefix } = house.env;
    const log = createSilentLogger();
    store = track(openQueues({ redisUrl: undefined, databaseUrl, prefix, role: 'worker', log }), 'queue store');
    const queues = await store.opened;
    await queues.payments.add('settle-payment', { paymentId: '123456789012', email: 'canario@example.com' });
    const pool = startRecordingPool(store, 'payments', {
      'settle-payment': () => {
        throw Object.assign(new Error('no'), { status: 400 });
      },
    });
    await eventually(async () => expect(await queues.payments.getFailedCount()).to.equal(1));
    await closeNow(pool);
    failedId = (await queues.payments.getFailed())[0]!.id!;
  });
  after(async () => {
    await browser?.close();
    await store?.close();
    await house?.close();
  });

  it('shows operators what failed and lets admins run it again, both without a guest’s datum', async () => {
    for (const who of [operator, undefined]) {
      const page = await browser.openPage();
      await openConsole(page, house.url, who);
      await page.goto(`${house.url}/queues/queue/payments?status=failed`);
      await page.getByText('settle-payment').first().waitFor();
      await saveScreenshot(page, `board-${who ? 'operator' : 'admin'}-1280`);
      expect(await page.content()).not.to.contain('canario');
      const retry = page.getByRole('button', { name: 'Retry all' });
      if (who) {
        expect(await retry.count()).to.equal(0);
      } else {
        await retry.click();
        await page.getByRole('button', { name: 'Confirm' }).click();
        const { payments } = await store.opened;
        await eventually(async () => expect(await payments.getJobState(failedId)).to.equal('waiting'));
      }
      await page.context().close();
    }
    // The board asks Google for fonts; its policy lets nothing out.
    expect(browser.problems().filter((problem) => !/ 401 |fonts\.googleapis/.test(problem))).to.deep.equal([]);
  });
});
