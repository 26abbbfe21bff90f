import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { formatStayShort } from '#shared/domain/conversations/format.ts';
import { openBrowser, overflowOf, saveScreenshot, smallTargetsOf, type TestBrowser } from '../support/browser.ts';
import { runAxe } from '../support/console-page.ts';
import { freePort, start, stop, troublesIn, type Started } from '../support/npm-start.ts';
import { inDays } from '../support/records.ts';
import { openSandbox } from '../support/sandbox-page.ts';
import { makeTestFolder } from '../support/services.ts';

/** "10/2" as a guest writes a date that many days from today. */
function asWritten(days: number): string {
  const [, month, day] = inDays(days).split('-');
  return `${Number(day)}/${Number(month)}`;
}

describe('the calendars of the sandbox', function () {
  this.timeout(90_000);
  let variables: Record<string, string>;
  let url: string;
  let house: Started;
  let browser: TestBrowser;
  let page: Page;
  const opened: Page[] = [];

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const dataDir = await makeTestFolder('sandbox-calendars');
    variables = { DATA_DIR: dataDir, PORT: String(port), PUBLIC_URL: url, PATH: process.env['PATH'] ?? '' };
    [house, browser] = await Promise.all([start(variables), openBrowser()]);
    page = await browser.openPage();
  });
  after(async () => {
    await browser?.close();
    if (house) await stop(house.child);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.context().close();
    expect(browser.problems()).to.deep.equal([]);
  });

  /** A page beside the one of the calendars, for one test. */
  async function open(options?: Parameters<TestBrowser['openPage']>[0]): Promise<Page> {
    const one = await browser.openPage(options);
    opened.push(one);
    return one;
  }

  const show = (from = 14) => page.goto(`${url}/sandbox/calendars?from=${inDays(from)}`);
  const press = (name: string) =>
    Promise.all([page.waitForEvent('load'), page.getByRole('button', { name, exact: true }).click()]);
  const said = () => page.getByRole('status').innerText();

  async function sell(channel: string, unit: string, from: number, to: number): Promise<string> {
    await page.getByLabel('Plataforma').selectOption(channel);
    await page.getByLabel('Unidad').selectOption(unit);
    await page.getByLabel('Entrada').fill(inDays(from));
    await page.getByLabel('Salida').fill(inDays(to));
    await press('Reservar');
    return said();
  }

  /** What a row of a unit shows of taken nights: words and how many. */
  async function rowOf(unit: string, who: string): Promise<string[]> {
    const cells = page
      .getByRole('region', { name: `Noches de ${unit}` })
      .locator('tr')
      .filter({ has: page.getByRole('rowheader', { name: who }) })
      .locator('td:has(.bar-cell)');
    return Promise.all(
      (await cells.all()).map(async (cell) => `${await cell.innerText()} ${await cell.getAttribute('colspan')}`),
    );
  }

  it('changes nothing for who only looks', async () => {
    await show();
    expect(await page.locator('.bar-cell').count()).to.equal(0);
    expect(await page.getByRole('rowheader', { name: /se conecta al usarla/ }).count()).to.equal(12);
  });

  it('closes in Posada, and on the other platforms, what Airbnb sold', async () => {
    await show();
    expect(await sell('airbnb', 'Cabaña Lenga', 20, 23)).to.match(/^Vendida/);
    expect(await rowOf('Cabaña Lenga', 'Airbnb')).to.deep.equal(['Vendida 3']);
    await press('Sincronizar ahora');
    expect(await said()).to.match(/^Listo/);
    expect(await rowOf('Cabaña Lenga', 'Posada')).to.deep.equal(['Airbnb 3']);
    expect(await rowOf('Cabaña Lenga', 'Booking.com')).to.deep.equal(['Cerrada 3']);
    expect(await rowOf('Cabaña Lenga', 'Vrbo')).to.deep.equal(['Cerrada 3']);
    expect(await rowOf('Cabaña Arrayán', 'Posada')).to.deep.equal([]);
    expect(await sell('booking', 'Cabaña Lenga', 22, 24)).to.match(/ya tiene ocupadas/);
  });

  it('refuses those nights to a guest', async () => {
    const chat = await openSandbox(await open(), url);
    await chat.say(`hola, hay lugar en cabaña lenga del ${asWritten(20)} al ${asWritten(23)} para 4?`);
    await chat.waitForText(/Cabaña Lenga no está libre/);
  });

  it('closes on the platforms what a guest booked with Posada', async () => {
    const chat = await openSandbox(await open(), url);
    await chat.switchGuest('Bruno Díaz');
    await chat.say(`quiero cabaña arrayán del ${asWritten(26)} al ${asWritten(29)} para 4 personas`);
    await chat.waitForText(/Seña/);
    await chat.tapButton('Confirmar');
    await chat.waitForText(/checkout/);
    const checkout = await chat.openPaymentLink();
    await checkout.pay('approve');
    await chat.waitForText(/confirmada/i);

    await show();
    expect(await rowOf('Cabaña Arrayán', 'Posada')).to.deep.equal(['Confirmada 3']);
    expect(await rowOf('Cabaña Arrayán', 'Vrbo')).to.deep.equal([]);
    expect(await sell('vrbo', 'Cabaña Arrayán', 27, 30), 'nobody told Vrbo yet').to.match(/^Vendida/);
    await press('Sincronizar ahora');
    expect(await rowOf('Cabaña Arrayán', 'Airbnb')).to.deep.equal(['Cerrada 4']);
  });

  it('shows what was sold twice, and where the stay could go', async () => {
    await show();
    expect(await rowOf('Cabaña Arrayán', 'Posada')).to.deep.equal(['Confirmada 1', 'Dos veces 2', 'Vrbo 1']);
    const conflict = await page.getByRole('region', { name: 'Vendido dos veces' }).innerText();
    expect(conflict)
      .to.match(/Cabaña Arrayán: la reserva RES\w+ .* choca con Vrbo/)
      .and.to.match(/Podría ir a: /);
  });

  it('frees nights that a platform cancelled only when that is believable, and says so', async () => {
    await show();
    const nights = formatStayShort({ checkIn: inDays(20), checkOut: inDays(23) }, 'es');
    await press(`Cancelar la de Airbnb, ${nights}`);
    expect(await said()).to.match(/Posada no se apura/);
    await press('Sincronizar ahora');
    expect(await rowOf('Cabaña Lenga', 'Posada')).to.deep.equal(['Airbnb 3']);
    expect(await page.locator('.missing').innerText()).to.include(`Airbnb ya no tiene ${nights}`);
  });

  it('is the same after a restart', async () => {
    await show();
    const before = await page.locator('main').innerText();
    expect(await stop(house.child)).to.equal(0);
    const troubles = troublesIn(house.said());
    house = await start(variables);
    expect(troubles).to.deep.equal([]);
    await show();
    expect(await page.locator('main').innerText()).to.equal(before);
    await press('Sincronizar ahora');
    expect(await rowOf('Cabaña Arrayán', 'Posada')).to.deep.equal(['Confirmada 1', 'Dos veces 2', 'Vrbo 1']);
  });

  it('says what is wrong with the dates, and refuses strangers and other sites', async () => {
    await show();
    expect(await sell('airbnb', 'Casa Ñire', 30, 30)).to.match(/Revisá las fechas/);
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(`${url}/sandbox/calendars`, {
        method: 'POST',
        body: new URLSearchParams(body),
        headers,
        redirect: 'manual',
      });
    expect(
      (await post('action=book&unit=99&checkIn=2030-01-01&checkOut=2030-01-02')).headers.get('location'),
    ).to.include('unknown');
    expect((await post('action=cancel&unit=1&booking=99')).headers.get('location')).to.include('unknown');
    expect((await post('action=sync', { origin: 'https://elsewhere.example' })).status).to.equal(403);
    expect((await post('action=explode')).status).to.equal(400);
    expect((await fetch(`${url}/sandbox/platforms/airbnb-99.ics`)).status).to.equal(404);
  });

  it('works by keyboard and without scripts', async () => {
    const plain = await open({ isScripted: false });
    await plain.goto(`${url}/sandbox/calendars`);
    await plain.getByLabel('Salida').focus();
    await plain.keyboard.press('Enter');
    await plain.getByRole('status').waitFor();
    expect(await plain.getByRole('status').innerText()).to.match(/^Vendida/);
  });

  for (const width of [360, 1280])
    it(`fits ${width} px, with targets for fingers and nothing that axe minds`, async () => {
      const screen = await open({ width, height: width === 360 ? 740 : 900, isTouch: width < 900 });
      await screen.goto(`${url}/sandbox/calendars?from=${inDays(14)}&said=synced`);
      expect(await overflowOf(screen)).to.equal(0);
      expect(await smallTargetsOf(screen)).to.deep.equal([]);
      expect(await runAxe(screen)).to.deep.equal([]);
      await saveScreenshot(screen, `calendars-${width}`);
      await screen.getByRole('region', { name: 'Noches de Cabaña Arrayán' }).scrollIntoViewIfNeeded();
      await saveScreenshot(screen, `calendars-nights-${width}`);
    });
});
