import { expect } from 'chai';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';

describeOnBothBackends('the inbox of the console', function (backend) {
  this.timeout(60_000);
  let house: House;
  let browser: TestBrowser;

  before(async () => {
    house = await openHouse(backend, { pools: ['conversations', 'deliveries'] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  const bubble = (console: ConsolePage, words: string) => console.page.locator('.bubble', { hasText: words }).last();

  async function openChat(console: ConsolePage, name: string): Promise<void> {
    await console.page.locator('.chat-item', { hasText: name }).click();
    await console.page.locator('.composer').waitFor();
  }

  it('shows messages as they come, takes the chat over, answers, and gives it back', async () => {
    const phone = createPhone(house);
    const console = await openConsole(await browser.openPage(), house.url);
    const { page } = console;
    await console.follow('Mensajes');
    await phone.say('hola');
    await openChat(console, 'Ana');
    await page.locator('html[data-stream=open]').waitFor();
    await phone.say('¿tienen wifi?');
    await bubble(console, '¿tienen wifi?').waitFor();
    await page.locator('.bubble.by-bot', { hasText: 'wifi' }).waitFor();
    await page
      .locator('.bubble.by-bot', { hasText: /enviado|entregado|leído/ })
      .first()
      .waitFor();

    await console.press('Tomar el chat');
    expect(await console.done()).to.contain('El chat es tuyo');
    const before = phone.received().length;
    await phone.say('¿aceptan mascotas?');
    await bubble(console, '¿aceptan mascotas?').getByText('para vos').waitFor();
    expect(await page.locator('.parts a', { hasText: 'Mensajes' }).locator('.count').innerText()).to.contain('1');

    await page.getByLabel('Tu respuesta').fill('¡Sí, chicas!\nSin cargo <b>');
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/hecho=answered/);
    await page.locator('.bubble.by-person', { hasText: 'Sin cargo <b>' }).waitFor();
    await eventually(() =>
      expect(
        phone
          .received()
          .slice(before)
          .map(({ text }) => text),
      ).to.deep.equal(['¡Sí, chicas!\nSin cargo <b>']),
    );

    await console.press('Devolver a Posada');
    expect(await console.done()).to.contain('vuelve a responder');
    await phone.say('¿dónde queda?');
    await phone.waitFor(/Alerces/);
    await page.locator('.bubble.by-bot', { hasText: 'Alerces' }).waitFor();
    expect(browser.problems().filter((problem) => !problem.includes(' 401 '))).to.deep.equal([]);
  });

  if (backend === 'redis') return; // the rest asks nothing of the queues

  it('works without scripts', async () => {
    const phone = createPhone(house);
    await phone.say('quiero hablar con una persona');
    await phone.waitFor(/./);
    const console = await openConsole(await browser.openPage({ isScripted: false }), house.url);
    const { page } = console;
    await console.go('/mensajes?ver=persona');
    await page.locator('.chat-item').first().click();
    await page.getByLabel('Tu respuesta').fill('Acá estoy');
    await console.press('Enviar');
    expect(await console.done()).to.contain('en camino');
    await phone.waitFor(/^Acá estoy$/);
    await page.reload();
    await page.locator('.bubble.by-person', { hasText: 'Acá estoy' }).waitFor();
    await console.press('Devolver a Posada');
    expect(await page.locator('.chat-state').innerText()).to.contain('Posada responde');
  });

  it('keeps half a sentence over a reload, and finds a chat by name or number', async () => {
    const phone = createPhone(house);
    await phone.say('buenas');
    await phone.waitFor(/./);
    const console = await openConsole(await browser.openPage(), house.url);
    const { page } = console;
    await console.go(`/mensajes?buscar=${phone.phone.slice(-6)}`);
    expect(await page.locator('.chat-item').count()).to.equal(1);
    await page.locator('.chat-item').click();
    await page.getByLabel('Tu respuesta').fill('Le decía que');
    await page.reload();
    expect(await page.getByLabel('Tu respuesta').inputValue()).to.equal('Le decía que');
  });
});
