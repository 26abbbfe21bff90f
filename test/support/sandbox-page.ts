import type { Page } from 'playwright-core';

/** The chat page as a guest uses it. Everything waits (10 s) for what it needs. */
export type SandboxPage = {
  page: Page;
  /** Types and presses Enter; resolves when the bubble is there. */
  say(text: string): Promise<void>;
  /** Taps a reply button by its title: the latest that shows it. */
  tapButton(title: string | RegExp): Promise<void>;
  /** Opens the latest list and chooses the row with this title. */
  chooseRow(title: string | RegExp): Promise<void>;
  /** The latest message of the lodging that matches, once it is there; its words. */
  waitForText(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** All bubbles, oldest first, as `> words` (guest) or `< words` (lodging). */
  transcript(): Promise<string[]>;
  /** Plays another guest, by name. */
  switchGuest(name: string): Promise<void>;
  /** Follows the latest payment link of the chat in a new tab. */
  openPaymentLink(): Promise<CheckoutPage>;
};

/** The checkout page. */
export type CheckoutPage = {
  page: Page;
  /** Presses a button of the page and waits for what the page says then. */
  pay(how: keyof typeof payTitles): Promise<void>;
  /** What the page says came of it; empty before anything was done. */
  result(): Promise<string>;
  close(): Promise<void>;
};

const payTitles = {
  approve: 'Pagar',
  reject: 'Rechazar',
  pending: 'Dejar pendiente',
  approvePending: 'Aprobar el pendiente',
  rejectPending: 'Rechazar el pendiente',
} as const;

/** Opens the chat at `url` (the server's address, or `/sandbox` below it) and waits until it is connected. */
export async function openSandbox(page: Page, url: string): Promise<SandboxPage> {
  await page.goto(new URL('/sandbox', url).href);
  await waitUntilDrawn(page);
  const theirs = page.locator('.message.theirs');

  return {
    page,
    async say(text) {
      const before = await page.locator('.message.mine').count();
      await page.getByLabel('Mensaje', { exact: true }).fill(text);
      await page.keyboard.press('Enter');
      await page.locator('.message.mine').nth(before).waitFor();
    },
    async tapButton(title) {
      await theirs.getByRole('button', { name: title, exact: true }).last().click();
    },
    async chooseRow(title) {
      await page.locator('.opener').last().click();
      await page.getByRole('dialog').locator('.row').filter({ hasText: title }).first().click();
    },
    async waitForText(pattern, timeoutMs = 10_000) {
      const found = theirs.filter({ hasText: pattern }).last();
      await found.waitFor({ timeout: timeoutMs });
      return (await found.locator('.words').allInnerTexts()).join('\n');
    },
    async transcript() {
      const items = await page.locator('.message').all();
      return Promise.all(
        items.map(async (item) => {
          const isMine = (await item.getAttribute('class'))?.includes('mine') === true;
          return `${isMine ? '>' : '<'} ${(await item.locator('.words').allInnerTexts()).join('\n')}`;
        }),
      );
    },
    async switchGuest(name) {
      const opener = page.locator('#open-panel');
      if (await opener.isVisible()) await opener.click();
      await page.locator('.guest').filter({ hasText: name }).click();
      await waitUntilDrawn(page);
    },
    async openPaymentLink() {
      const link = theirs.locator('a[href*="/sandbox/checkout/"]').last();
      const [popup] = await Promise.all([page.waitForEvent('popup'), link.click()]);
      await popup.waitForLoadState();
      return toCheckoutPage(popup);
    },
  };
}

/** A checkout page that is open in `page`. */
export function toCheckoutPage(page: Page): CheckoutPage {
  return {
    page,
    async pay(how) {
      const button = page.getByRole('button', { name: payTitles[how], exact: true });
      await Promise.all([page.waitForNavigation(), button.click()]);
      await page.locator('.result').waitFor();
    },
    async result() {
      const title = page.locator('.result-title');
      return (await title.count()) === 0 ? '' : title.innerText();
    },
    close: () => page.close(),
  };
}

async function waitUntilDrawn(page: Page): Promise<void> {
  await page.locator('#messages[aria-busy=false]').waitFor({ state: 'attached' });
}
