import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { sniffContainer } from '#shared/integrations/ffmpeg/sniff-container.ts';
import { readOggComment } from '#shared/integrations/openai/ogg-comment.ts';
import { createSpeechClient } from '#shared/integrations/openai/speech-client.ts';
import { listReadyNotes, readReadyNote } from '../../api/sandbox/voice.ts';
import { openBrowser, overflowOf, saveScreenshot, smallTargetsOf, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startSandboxHouse, type SandboxHouse } from '../support/sandbox-house.ts';
import { openSandbox } from '../support/sandbox-page.ts';
import { makeTestFolder } from '../support/services.ts';

describe('speaking in the sandbox', function () {
  this.timeout(90_000);
  let browser: TestBrowser;
  let house: SandboxHouse;
  let page: Page | undefined;

  before(async () => {
    [browser, house] = await Promise.all([openBrowser(), startSandboxHouse(await makeTestFolder('voice-sandbox'))]);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });
  afterEach(async () => {
    expect(browser.problems()).to.deep.equal([]);
    await page?.context().close();
    page = undefined;
  });

  const open = async (options?: Parameters<TestBrowser['openPage']>[0], of = house): Promise<Page> => {
    page = await browser.openPage(options);
    await openSandbox(page, of.url);
    return page;
  };
  /** The bytes of the newest note that a guest sent. */
  const lastNote = ({ sandbox } = house): Buffer => {
    const entries = sandbox.whatsapp.chats().flatMap((chat) => chat.entries);
    const { message } = entries.findLast((entry) => entry.direction === 'in' && entry.text === '[audio]')!;
    return sandbox.whatsapp.findMedia((message as { audio: { id: string } }).audio.id)!.bytes;
  };
  const notes = (shown: Page) => shown.locator('.message.mine audio');

  it('offers ready-made notes that carry their words, each heard by the simulated service', async () => {
    const speech = createSpeechClient({
      apiKey: undefined,
      baseUrl: `${house.url}/sandbox/openai/v1`,
      model: 'gpt-transcribe',
    });
    const ready = await listReadyNotes();
    expect(ready.map(({ words }) => words)).to.include(
      'Hola, buenas. ¿Hay lugar del 10 al 14 de enero para 4 personas?',
    );
    for (const { name, words } of ready) {
      const bytes = await readReadyNote(name);
      const original = { name: 'note.ogg', type: 'audio/ogg', bytes };
      const heard = await speech.transcribe({ original, wav: Buffer.alloc(44), language: 'es', keywords: [] });
      expect(heard, name).to.equal(words);
    }
  });

  it('sends a ready-made note and plays it back', async () => {
    const shown = await open();
    await shown
      .locator('#panel')
      .getByRole('button', { name: /del 10 al 14 de enero para 4 personas/ })
      .last()
      .click();
    await notes(shown).last().waitFor();
    expect(lastNote().equals(await readReadyNote('fechas'))).to.equal(true);
    const src = await notes(shown).last().getAttribute('src');
    const response = await fetch(new URL(src!, house.url));
    expect(response.headers.get('content-type')).to.match(/^audio\/ogg/);
    expect(sniffContainer(Buffer.from(await response.arrayBuffer()))).to.equal('ogg');
    // The browser knows how long it is.
    await eventually(async () => {
      const seconds = await notes(shown)
        .last()
        .evaluate((audio) => (audio as unknown as { duration: number }).duration);
      expect(seconds).to.be.closeTo(6.5, 0.1);
    });
  });

  it('records a note, asks what was said because nobody listens, and sends it as WhatsApp does', async () => {
    const shown = await open();
    const before = await notes(shown).count();
    await shown.getByRole('button', { name: 'Grabar un audio' }).click();
    await shown.getByText('0:01').waitFor();
    expect(await shown.locator('#composer').isVisible()).to.equal(false);
    await shown.getByRole('button', { name: 'Terminar el audio' }).click();
    const dialog = shown.getByRole('dialog', { name: '¿Qué dijiste?' });
    await dialog.waitFor();
    expect(await dialog.innerText()).to.contain('es un simulador');
    await saveScreenshot(shown, 'voice-said-1280');
    await shown.getByLabel('Lo que dijiste').fill('¿hay lugar el finde para "2"?');
    await dialog.getByRole('button', { name: 'Enviar' }).click();
    await notes(shown).nth(before).waitFor({ timeout: 30_000 });
    expect(sniffContainer(lastNote())).to.equal('ogg');
    expect(readOggComment(lastNote(), 'transcript')).to.equal('¿hay lugar el finde para "2"?');
  });

  it('sends what was recorded at once, and without words, where a real service listens', async () => {
    const real = await startSandboxHouse(await makeTestFolder('real-speech'), { isSpeechReal: true });
    const shown = await open({}, real);
    expect(await shown.locator('#panel').innerText()).not.to.contain('simulador');
    await shown.getByRole('button', { name: 'Grabar un audio' }).click();
    await shown.getByText('0:01').waitFor();
    await shown.getByRole('button', { name: 'Terminar el audio' }).click();
    await notes(shown).waitFor({ timeout: 30_000 });
    expect(sniffContainer(lastNote(real))).to.equal('ogg');
    expect(readOggComment(lastNote(real), 'transcript')).to.equal(undefined);
    expect((await fetch(`${real.url}/sandbox/openai/v1/models`)).status).to.equal(404);
    await shown.context().close();
    await real.close();
  });

  it('throws a recording away, before and after its end', async () => {
    const shown = await open();
    const before = await notes(shown).count();
    for (const isEnded of [false, true]) {
      await shown.getByRole('button', { name: 'Grabar un audio' }).click();
      await shown.locator('#recording').waitFor();
      if (isEnded) await shown.getByRole('button', { name: 'Terminar el audio' }).click();
      const place = isEnded ? shown.getByRole('dialog') : shown.locator('#recording');
      await place.getByRole('button', { name: 'Descartar' }).click();
      await shown.locator('#composer').waitFor();
    }
    expect(await notes(shown).count()).to.equal(before);
  });

  it('refuses what is no audio', async () => {
    const [guest] = ((await (await fetch(`${house.url}/sandbox/api/guests`)).json()) as { guests: { waId: string }[] })
      .guests;
    const speak = (body: unknown): Promise<Response> =>
      fetch(`${house.url}/sandbox/api/guests/${guest!.waId}/voice`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await speak({ audio: Buffer.from('hola').toString('base64') })).status).to.equal(422);
    expect((await speak({ note: '../../../package.json' })).status).to.be.oneOf([400, 422]);
    expect((await fetch(`${house.url}/sandbox/api/media/unknown`)).status).to.equal(404);
  });

  it('fits a phone, with targets that a thumb hits', async () => {
    const shown = await open({ width: 360, height: 740, isTouch: true });
    await shown.getByRole('button', { name: 'Grabar un audio' }).tap();
    await shown.locator('#recording').waitFor();
    expect(await overflowOf(shown)).to.equal(0);
    expect(await smallTargetsOf(shown)).to.deep.equal([]);
    await saveScreenshot(shown, 'voice-recording-360');
    await shown.getByRole('button', { name: 'Terminar el audio' }).tap();
    await shown.getByRole('dialog').waitFor();
    await eventually(async () => expect(await overflowOf(shown)).to.equal(0));
    expect(await smallTargetsOf(shown)).to.deep.equal([]);
    await saveScreenshot(shown, 'voice-said-360');
  });
});
