import { runMoneyModel } from './money-model.ts';

describe('money under random histories', function () {
  this.timeout(900_000);

  it('has every cent in one place after 200 of them, with crashes, lost and doubled notices and a wrong clock', async () => {
    await runMoneyModel({ runs: 200 });
  });
});
