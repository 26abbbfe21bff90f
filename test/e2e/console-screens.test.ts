import { expect } from 'chai';
import { openBrowser, overflowOf, saveScreenshot, smallTargetsOf, type TestBrowser } from '../support/browser.ts';
import { openConsole } from '../support/console-page.ts';
import { fillHouse } from '../support/console-world.ts';
import { openHouse, type House } from '../support/house.ts';

describe('the console on any screen', function () {
  this.timeout(90_000);
  let house: House;
  let browser: TestBrowser;
  let known: Awaited<ReturnType<typeof fillHouse>>;

  before(async () => {
    house = await openHouse('postgres', { pools: [] });
    known = await fillHouse(house.database);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  const pages = (): [name: string, path: string][] => [
    ['hoy', ''],
    ['calendario', '/calendario'],
    ['reservas', '/reservas'],
    ['reserva', `/reservas/${known.parked}`],
    ['nueva', '/reservas/nueva'],
    ['mensajes', '/mensajes'],
    ['chat', '/mensajes/3'],
    ['avisos', '/avisos'],
    ['precios', '/precios'],
    ['unidad', '/precios/1'],
    ['bloqueos', '/bloqueos'],
    ['canales', '/canales'],
    ['conflicto', `/reservas/${known.conflicted}`],
  ];

  /** Pages whose parts lie otherwise on a narrow or a wide screen. */
  const layouts = new Set(['hoy', 'calendario', 'reservas', 'chat', 'unidad']);

  for (const [width, height] of [
    [360, 740],
    [768, 1024],
    [1280, 860],
    [1920, 1080],
  ] as const) {
    it(`fits ${width} px, with targets for fingers and nothing that axe minds`, async () => {
      const page = await browser.openPage({ width, height, isTouch: width < 900 });
      await page.goto(`${house.url}/console`);
      await saveScreenshot(page, `console-entrar-${width}`);
      const console = await openConsole(page, house.url);
      const found: string[] = [];
      for (const [name, path] of pages()) {
        const isPlain = !layouts.has(name);
        if (width === 1920 && isPlain) continue; // their text has its greatest width at 1280 already

        await console.go(path);
        await saveScreenshot(page, `console-${name}-${width}`);
        const wide = await overflowOf(page);
        if (wide !== 0) found.push(`${name}: ${wide} px too wide`);
        if (width < 900)
          for (const target of await smallTargetsOf(page))
            if (target !== ' 22 x 22') found.push(`${name}: small ${target}`); // a check box, its label is the target
        if (width === 1280 || (width === 360 && !isPlain))
          for (const violation of await console.axe()) found.push(`${name}: ${violation}`);
      }
      expect(found).to.deep.equal([]);
      await page.context().close();
    });
  }

  it('said nothing bad to the browser', () => {
    expect(browser.problems().filter((problem) => !/401/.test(problem))).to.deep.equal([]);
  });
});
