import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { openBrowser, overflowOf, saveScreenshot, type TestBrowser } from '../support/browser.ts';
import { compileCache } from '../support/compile-cache.ts';
import { freePort, start, stop, troublesIn, type Started } from '../support/npm-start.ts';
import { openSandbox } from '../support/sandbox-page.ts';
import { makeTestFolder } from '../support/services.ts';

const run = promisify(execFile);

type Ended = { code: number; stdout: string; stderr: string };

describe('npm start on a fresh machine', function () {
  this.timeout(90_000);
  let variables: Record<string, string>;
  let url: string;
  let house: Started;
  let browser: TestBrowser;

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    variables = {
      DATA_DIR: await makeTestFolder('start'),
      PORT: String(port),
      PUBLIC_URL: url,
      PATH: process.env['PATH'] ?? '',
    };
    house = await start(variables);
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await stop(house.child);
  });

  /** The CLI beside the running house, with its environment. */
  const jobs = async (...args: string[]): Promise<Ended> => {
    try {
      const { stdout, stderr } = await run(process.execPath, ['scripts/jobs.ts', ...args], {
        env: { ...compileCache, ...variables },
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as Ended;
      return { code, stdout, stderr };
    }
  };
  const jsonOf = async (...args: string[]) => {
    const { code, stdout, stderr } = await jobs(...args, '--json');
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout);
  };

  for (const width of [360, 1280]) {
    it(`books and pays in the sandbox, ${width} px wide`, async () => {
      const page = await browser.openPage({ width, height: width === 360 ? 740 : 860, isTouch: width === 360 });
      const chat = await openSandbox(page, url);
      if (width !== 360) await chat.switchGuest('Bruno Díaz');
      await chat.say(
        width === 360 ? 'hola, hay lugar del 10 al 14 de enero para 4?' : 'hay lugar del 20 al 23 de enero para 4?',
      );
      await chat.waitForText(/Cabaña Lenga[\s\S]*\$/);
      await chat.chooseRow('Cabaña Lenga');
      await chat.waitForText(/Seña/);
      await saveScreenshot(page, `start-summary-${width}`);
      await chat.tapButton('Confirmar');
      await chat.waitForText(/checkout/);
      const checkout = await chat.openPaymentLink();
      await checkout.pay('approve');
      await checkout.close();
      await chat.waitForText(/confirmada/i);
      await saveScreenshot(page, `start-confirmed-${width}`);
      expect(await overflowOf(page)).to.equal(0);
      expect(browser.problems()).to.deep.equal([]);
    });
  }

  it('answers the command line beside it', async () => {
    const stats = await jsonOf('stats');
    expect(stats.reservations).to.include({ confirmed: 2, held: 0 });
    expect(stats.depositsCents.ARS).to.be.greaterThan(0);
    expect(await jsonOf('expire-now')).to.deep.include({ due: 0, expired: 0 });
    expect(await jsonOf('seed-demo')).to.deep.equal({ unitsAdded: 0 });

    const quote = await jsonOf('quote', 'cabaña lenga', '2027-06-04', '2027-06-07', '2');
    expect(quote.nights.map(({ cents }: { cents: number }) => cents)).to.deep.equal([6_800_000, 8_160_000, 8_160_000]);
    expect(quote).to.include({ totalCents: 23_120_000, depositCents: 6_936_000, isFree: true });

    const code = /RES\d{6}[A-Z0-9]{6}/.exec(JSON.stringify(await history(url)))![0];
    const timeline = await jsonOf('timeline', code);
    expect(timeline).to.include({ code, status: 'confirmed' });
    expect(timeline.events.map(({ type }: { type: string }) => type)).to.include.members([
      'held',
      'payment',
      'confirmed',
    ]);
  });

  it('says misuse, failure and a wrong configuration by its exit code, in one line', async () => {
    expect(await jobs('timeline', 'RES000000XXXXXX')).to.deep.include({
      code: 1,
      stderr: 'timeline: reservation_not_found {}\n',
    });
    expect((await jobs('timeline')).code).to.equal(2);
    expect((await jobs('no-such-command')).code).to.equal(2);
    expect((await jobs('stats', '--frobnicate')).code).to.equal(2);
    variables['DATABASE_URL'] = 'mysql://secret@nowhere';
    const misconfigured = await jobs('stats');
    delete variables['DATABASE_URL'];
    expect(misconfigured.code).to.equal(78);
    expect(misconfigured.stderr).to.include('DATABASE_URL').and.not.include('secret');
    expect((await jobs('help')).stdout).to.include('expire-now');
  });

  it('is healthy, and keeps its bookings over a stop and a start', async () => {
    const health = (await (await fetch(`${url}/healthz`)).json()) as { status: string };
    expect(health.status).to.equal('healthy');
    expect(await stop(house.child)).to.equal(0);
    expect(troublesIn(house.said())).to.deep.equal([]);
    house = await start(variables);
    expect((await jsonOf('stats')).reservations.confirmed).to.equal(2);
  });

  it('is found again after a kill -9, database and all', async () => {
    house.child.kill('SIGKILL');
    await once(house.child, 'exit');
    house = await start(variables);
    expect((await jsonOf('stats')).reservations.confirmed).to.equal(2);
  });
});

async function history(url: string): Promise<unknown> {
  const { guests } = (await (await fetch(`${url}/sandbox/api/guests`)).json()) as { guests: { waId: string }[] };
  return (await fetch(`${url}/sandbox/api/guests/${guests[0]!.waId}`)).json();
}
