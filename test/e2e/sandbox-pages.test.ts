import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { createLogger } from '#shared/observability/logger.ts';
import { createSandbox } from '../../api/sandbox/sandbox.ts';
import type { SandboxDeps } from '../../api/sandbox/sandbox.ts';
import { openBrowser, overflowOf, saveScreenshot, smallTargetsOf } from '../support/browser.ts';
import type { TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startSandboxHouse } from '../support/sandbox-house.ts';
import type { SandboxHouse } from '../support/sandbox-house.ts';
import { openSandbox, toCheckoutPage } from '../support/sandbox-page.ts';
import { makeTestFolder } from '../support/services.ts';

const ana = '5491155550101';

describe('the sandbox in a browser', function () {
  this.timeout(60_000);
  let browser: TestBrowser;
  let house: SandboxHouse;
  let dataDir: string;
  const pages: Page[] = [];

  before(async () => {
    dataDir = await makeTestFolder('sandbox-pages');
    [browser, house] = await Promise.all([openBrowser(), startSandboxHouse(dataDir)]);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(async () => {
    expect(browser.problems()).to.deep.equal([]);
    for (const page of pages.splice(0)) await page.context().close();
  });

  async function open(options?: Parameters<TestBrowser['openPage']>[0]): Promise<Page> {
    const page = await browser.openPage(options);
    pages.push(page);
    return page;
  }
  const focused = (page: Page): Promise<unknown> => page.evaluate('document.activeElement.textContent.trim()');

  describe('the chat', () => {
    it('sends by keyboard, shows the answer, its marks and how far the message came', async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.page.keyboard.type('hola, hay lugar?');
      await chat.page.keyboard.press('Enter');
      expect(await chat.waitForText(/Eco/)).to.equal('Eco: hola, hay lugar?\n¿algo más?');
      const answer = chat.page.locator('.message.theirs').last();
      expect(await answer.locator('strong').innerText()).to.equal('hola, hay lugar?');
      expect(await answer.locator('em').innerText()).to.equal('¿algo más?');
      await chat.page.locator('.message.mine').last().getByRole('img', { name: 'leído' }).waitFor();
      expect(await chat.page.getByLabel('Mensaje', { exact: true }).inputValue()).to.equal('');
    });

    it('shows data as words, never as markup', async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.say('<img src=x onerror=alert(1)> & "comillas"');
      expect(await chat.waitForText(/onerror/)).to.contain('<img src=x onerror=alert(1)> & "comillas"');
      expect(await chat.page.locator('#messages img').count()).to.equal(0);
    });

    it("reads WhatsApp's marks and nothing else", async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.say(
        '*a _b_* ~c~ `*d*` 2*3*4 un_dos_tres * no * https://x.example/a_b_c?d=1&e=*f. *https://y.example*',
      );
      await chat.waitForText(/Eco: /);
      const html = await chat.page.evaluate(
        `document.querySelector('.message.mine:nth-last-child(2) .words').innerHTML.replaceAll(/ (target|rel)="[^"]*"/g, '')`,
      );
      expect(html).to.equal(
        '<strong>a <em>b</em></strong> <s>c</s> <code>*d*</code> 2*3*4 un_dos_tres * no * ' +
          '<a href="https://x.example/a_b_c?d=1&amp;e=*f">https://x.example/a_b_c?d=1&amp;e=*f</a>. ' +
          '<strong><a href="https://y.example">https://y.example</a></strong>',
      );
    });

    it('asks for news by itself while there is no event stream', async () => {
      const page = await open();
      await page.route('**/sandbox/events*', (route) => route.fulfill({ status: 204 }));
      const chat = await openSandbox(page, house.url);
      await fetch(`${house.url}/sandbox/api/guests/${ana}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"text":"desde otra ventana"}',
      });
      await chat.waitForText(/Eco: desde otra ventana/);
    });

    it('shows "escribiendo" until the answer is there, and tells the lodging that it was read', async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.say('callate');
      await chat.page.getByText('escribiendo…').waitFor();
      await chat.page.locator('#typing').waitFor();
      await chat.say('hola');
      await chat.waitForText(/Eco: hola/);
      await chat.page.getByText('en línea').waitFor();
      await eventually(() => {
        const last = house.sandbox.whatsapp.chats()[0]?.entries.at(-1);
        expect(last?.statuses).to.deep.equal(['sent', 'delivered', 'read']);
      });
    });

    it('answers with a button, quoting what it answers', async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.say('botones');
      await chat.tapButton('Confirmar');
      await chat.waitForText(/Eco: Confirmar/);
      const mine = chat.page.locator('.message.mine').last();
      expect(await mine.locator('.words').innerText()).to.equal('Confirmar');
      expect(await mine.locator('.quote').innerText()).to.contain('Del vie 10 al mar 14 de enero');
    });

    it('walks a list by keyboard: Escape goes back to its button, Enter chooses', async () => {
      const chat = await openSandbox(await open(), house.url);
      const { page } = chat;
      await chat.say('lista');
      await chat.waitForText(/tengo estos lugares/);
      await page.locator('.opener').last().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Ver opciones' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      expect(await focused(page)).to.equal('Ver opciones');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).to.contain('Cabaña Coihue');
      await page.keyboard.press('Enter');
      await chat.waitForText(/Eco: Cabaña Coihue/);
      await chat.chooseRow('Del 11 al 15 de enero');
      await chat.waitForText(/Eco: Del 11 al 15 de enero/);
    });

    it('reaches everything with Tab, with the focus to be seen', async () => {
      const { page } = await openSandbox(await open(), house.url);
      await page.locator('.brand').focus();
      const seen: string[] = [];
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        const name = await page.evaluate(
          `(() => { const it = document.activeElement; const { outlineStyle } = getComputedStyle(it);
            return it === document.body ? '' : (it.id || it.className || it.textContent) + ' ' + outlineStyle; })()`,
        );
        if (name === '') break;
        seen.push(String(name));
      }
      expect(seen.filter((name) => !name.endsWith(' solid'))).to.deep.equal([]);
      for (const id of ['scroller', 'text', 'send', 'new-name', 'reset'])
        expect(seen.some((name) => name.startsWith(id))).to.equal(true, id);
    });

    it('takes a suggestion into the box, plays another guest and a new one', async () => {
      const chat = await openSandbox(await open(), house.url);
      const { page } = chat;
      const suggestion = 'hola, hay lugar del 10 al 14 de enero para 4?';
      await page.locator('#panel').getByRole('button', { name: suggestion }).click();
      expect(await page.getByLabel('Mensaje', { exact: true }).inputValue()).to.equal(suggestion);
      await chat.switchGuest('Bruno Díaz');
      await page.getByText('Es el teléfono de Bruno Díaz').waitFor();
      await chat.say('soy Bruno');
      await chat.waitForText(/Eco: soy Bruno/);
      await page.getByLabel('Otro huésped').fill('Delia Paz');
      await page.keyboard.press('Enter');
      await page.getByText('Es el teléfono de Delia Paz').waitFor();
      await chat.say('soy Delia');
      await chat.waitForText(/Eco: soy Delia/);
      await page.getByRole('button', { name: 'Vaciar este chat' }).click();
      await page.getByText('Es el teléfono de Delia Paz').waitFor();
    });

    it('shows pictures of this host, and only names those of others', async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.say('foto');
      await chat.page.getByAltText('Foto: El *lago* de mañana').waitFor();
      const width = 'document.querySelector(".picture img").naturalWidth';
      await eventually(async () => expect(await chat.page.evaluate(width)).to.equal(640));
      await chat.say('foto ajena');
      await chat.page.getByRole('link', { name: 'Foto: elsewhere.example' }).waitFor();
    });

    it('keeps the history over a restart', async () => {
      await house.close();
      house = await startSandboxHouse(dataDir);
      const chat = await openSandbox(await open(), house.url);
      await chat.waitForText(/Eco: hola, hay lugar/);
      await chat.say('sigo acá');
      await chat.waitForText(/Eco: sigo acá/);
    });
  });

  describe('the checkout', () => {
    it('is opened from the chat in a new tab, pays, tells us and leads back', async () => {
      const chat = await openSandbox(await open(), house.url);
      await chat.say('pagar');
      await chat.waitForText(/pagá la seña/);
      const checkout = await chat.openPaymentLink();
      const words = await checkout.page.locator('main').innerText();
      expect(words).to.contain('no se mueve dinero');
      expect(words).to.contain('Cabaña Arrayán · seña');
      expect(words).to.contain('$ 14.400');
      expect(words).to.match(/Se puede pagar hasta/);
      await saveScreenshot(checkout.page, 'checkout-1280');
      const before = house.notices.length;
      await checkout.pay('approve');
      expect(await checkout.result()).to.equal('Pago aprobado');
      expect(house.notices.length).to.equal(before + 1);
      expect(house.sandbox.mercadopago.payments().at(-1)?.status).to.equal('approved');
      await saveScreenshot(checkout.page, 'checkout-paid-1280');
      await checkout.page.getByRole('link', { name: 'Volver al chat' }).click();
      await checkout.page.locator('.message.mine', { hasText: 'pagar' }).waitFor();
    });

    it('rejects, leaves pending and approves the pending one', async () => {
      const page = await open();
      await page.goto(await house.makeLink({ reference: 'reject-then-pending' }));
      const checkout = toCheckoutPage(page);
      await checkout.pay('reject');
      expect(await checkout.result()).to.equal('Pago rechazado');
      await checkout.pay('pending');
      expect(await checkout.result()).to.equal('Pago pendiente');
      await checkout.pay('approvePending');
      expect(await checkout.result()).to.equal('Pago aprobado');
      const made = house.sandbox.mercadopago.payments().slice(-2);
      expect(made.map(({ status }) => status)).to.deep.equal(['rejected', 'approved']);
      expect(house.notices.slice(-3)).to.deep.equal([made[0]?.id, made[1]?.id, made[1]?.id].map(String));
    });

    it('works without scripts', async () => {
      const page = await open({ isScripted: false });
      await page.goto(await house.makeLink({ reference: 'no-scripts' }));
      const checkout = toCheckoutPage(page);
      await checkout.pay('pending');
      await checkout.pay('rejectPending');
      expect(await checkout.result()).to.equal('Pago rechazado');
    });

    it('says that a link has expired, and only pays late when asked to', async () => {
      const page = await open();
      await page.goto(await house.makeLink({ minutes: -5, reference: 'expired' }));
      expect(await toCheckoutPage(page).result()).to.equal('Este link venció');
      expect(await page.locator('main').innerText()).to.match(/Venció (a las|el) /);
      expect(await page.getByRole('button', { name: 'Pagar', exact: true }).count()).to.equal(0);
      await page.getByText('Casos raros').click();
      await page.getByRole('button', { name: 'Pagar igual, fuera de término' }).click();
      await page.getByText('Pago aprobado').first().waitFor();
    });

    it('pays once when a form is sent twice', async () => {
      const link = await house.makeLink({ reference: 'twice' });
      const body = new URLSearchParams({ action: 'approve', seen: '0' });
      for (let i = 0; i < 2; i++) {
        const response = await fetch(link, { method: 'POST', body, redirect: 'manual' });
        expect(response.status).to.equal(303);
      }
      const made = house.sandbox.mercadopago.payments().filter((each) => each.external_reference === 'twice');
      expect(made).to.have.length(1);
    });

    it('lists the links', async () => {
      const page = await open();
      await page.goto(`${house.url}/sandbox/checkout`);
      await page
        .getByRole('link', { name: /Este link venció|Pago aprobado/ })
        .first()
        .click();
      await page.locator('.amount').waitFor();
    });
  });

  describe('on any screen', () => {
    for (const [width, height] of [
      [360, 740],
      [768, 1024],
      [1280, 800],
      [1920, 1080],
    ] as const) {
      it(`fits ${width} px with targets for fingers`, async () => {
        const page = await open({ width, height, isTouch: width < 900 });
        const chat = await openSandbox(page, house.url);
        await chat.switchGuest('Carla Sosa');
        if (width === 360) {
          await saveScreenshot(page, 'chat-empty-360');
          await chat.say('hola, hay lugar del 10 al 14 de enero para 4?');
          await chat.waitForText(/Eco: hola/);
          await chat.say(`https://una-direccion-muy-larga.example/${'x'.repeat(120)}`);
          await chat.waitForText(/muy-larga/);
          await chat.say('foto');
          await chat.waitForText(/El lago/);
          await chat.say('lista');
          await chat.chooseRow('Cabaña Arrayán');
          await chat.waitForText(/Eco: Cabaña/);
          await chat.say('botones');
          await chat.tapButton('Confirmar');
          await chat.waitForText(/Eco: Confirmar/);
          await page.locator('.opener').last().scrollIntoViewIfNeeded();
          await saveScreenshot(page, 'chat-scrolled-360');
          await chat.say('pagar Carla');
          await chat.waitForText(/pagá la seña/);
        }
        await saveScreenshot(page, `chat-${width}`);
        expect(await overflowOf(page)).to.equal(0);
        expect(await smallTargetsOf(page)).to.deep.equal([]);
        await page.locator('.opener').last().click();
        await page.getByRole('dialog').waitFor();
        await saveScreenshot(page, `chat-list-${width}`);
        expect(await smallTargetsOf(page)).to.deep.equal([]);
        await page.keyboard.press('Escape');
        if (width < 900) {
          await page.locator('#open-panel').click();
          await page.getByText('Quién escribe').waitFor();
          await saveScreenshot(page, `chat-panel-${width}`);
          expect(await smallTargetsOf(page)).to.deep.equal([]);
          await page.keyboard.press('Escape');
          await page.locator('#panel').waitFor({ state: 'hidden' });
        }
        await page.goto(await house.makeLink({ reference: `screen-${width}` }));
        await saveScreenshot(page, `checkout-${width}`);
        expect(await overflowOf(page)).to.equal(0);
        expect(await smallTargetsOf(page)).to.deep.equal([]);
        await page.goto(`${house.url}/sandbox/checkout`);
        await saveScreenshot(page, `checkouts-${width}`);
        expect(await overflowOf(page)).to.equal(0);
        expect(await smallTargetsOf(page)).to.deep.equal([]);
      });
    }
  });

  describe('its doors', () => {
    const post = (path: string, headers: Record<string, string>, body = '{"text":"hola"}'): Promise<Response> =>
      fetch(`${house.url}/sandbox/${path}`, { method: 'POST', headers, body });
    const json = { 'content-type': 'application/json' };
    const messages = `api/guests/${ana}/messages`;

    it('takes messages and choices as JSON, and tells the history', async () => {
      const sent = await post(messages, json, '{"text":"botones"}');
      expect(sent.status).to.equal(201);
      const history = async (): Promise<{ messages: { id: string; buttons?: unknown[] }[] }> =>
        (await (await fetch(`${house.url}/sandbox/api/guests/${ana}`)).json()) as { messages: { id: string }[] };
      await eventually(async () => expect((await history()).messages.at(-1)?.buttons).to.have.length(2));
      const tap = await post(messages, json, '{"choice":{"id":"confirm:1","title":"Confirmar"}}');
      expect(tap.status).to.equal(201);
      const { ids } = (await tap.json()) as { ids: string[] };
      expect((await history()).messages.map(({ id }) => id)).to.include(ids[0]);
    });

    it('refuses other sites, forms, nonsense and strangers', async () => {
      expect((await post(messages, { ...json, 'sec-fetch-site': 'cross-site' })).status).to.equal(403);
      expect((await post(messages, { ...json, origin: 'https://elsewhere.example' })).status).to.equal(403);
      expect((await post(messages, { ...json, origin: 'null' })).status).to.equal(403);
      expect((await post(messages, { 'content-type': 'text/plain' })).status).to.equal(415);
      expect((await post(messages, json, '{"text":""}')).status).to.equal(400);
      expect((await post(messages, json, '{')).status).to.equal(400);
      expect((await post(messages, json, '{"choice":{"id":"never-shown","title":"x"}}')).status).to.equal(409);
      expect((await post('api/guests/999/messages', json)).status).to.equal(404);
      expect((await fetch(`${house.url}/sandbox/public/..%2fsandbox.ts`)).status).to.equal(404);
      expect((await fetch(`${house.url}/sandbox/checkout/none`)).status).to.equal(404);
    });

    it('asks the bearer token at the vendors', async () => {
      const whatsapp = await post('whatsapp/v26.0/100000000000001/messages', json);
      const mercadopago = await post('mercadopago/checkout/preferences', json);
      expect([whatsapp.status, mercadopago.status]).to.deep.equal([401, 401]);
    });

    it('serves pages under a policy that allows our own files alone', async () => {
      const page = await fetch(`${house.url}/sandbox`);
      expect(page.headers.get('content-security-policy')).to.match(/^default-src 'self';/);
      expect(await page.text()).to.not.match(/<script(?![^>]*src=)|style=|onclick=/);
    });

    it('does not exist in production, nor where the sandbox is off', () => {
      const log = createLogger({ logLevel: 'silent', isProduction: true });
      const off = { isProduction: true, isSandbox: false } as SandboxDeps['env'];
      expect(() => createSandbox({ env: off, log })).to.throw('never on in production');
      expect(() => createSandbox({ env: { ...off, isSandbox: true }, log })).to.throw();
      expect(() => createSandbox({ env: { ...off, isProduction: false }, log })).to.throw();
    });
  });
});
