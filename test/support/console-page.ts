import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { testOperator } from './operator.ts';

/** The console as an operator uses it. */
export type ConsolePage = {
  page: Page;
  /** Goes to a page below /console. */
  go(path: string): Promise<void>;
  /** Goes there by the navigation. */
  follow(part: string): Promise<void>;
  /** The line on top that says what was done; waits for it. */
  done(): Promise<string>;
  /** The line on top that says what was refused; waits for it. */
  refused(): Promise<string>;
  /** Presses a button and waits for the page that answers. */
  press(name: string | RegExp): Promise<void>;
  /** What axe finds on the page that is serious or critical, as lines. */
  axe(): Promise<string[]>;
};

/** Logs in at the house's console by its form. */
export async function openConsole(
  page: Page,
  url: string,
  who: { email: string; password: string } = testOperator,
): Promise<ConsolePage> {
  await page.goto(`${url}/console`);
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Contraseña').fill(who.password);
  await Promise.all([page.waitForURL(/\/console$/), page.getByRole('button', { name: 'Entrar' }).click()]);
  return toConsolePage(page, url);
}

/** A page that is logged in already. */
export function toConsolePage(page: Page, url: string): ConsolePage {
  return {
    page,
    async go(path) {
      await page.goto(`${url}/console${path}`);
    },
    async follow(part) {
      await page.getByRole('navigation', { name: 'Consola' }).getByRole('link', { name: part }).click();
      await page.getByRole('navigation', { name: 'Consola' }).locator('[aria-current]', { hasText: part }).waitFor();
    },
    done: () => page.locator('.line-good').innerText(),
    refused: () => page.locator('main > .line-bad').innerText(),
    async press(name) {
      const answered = page.waitForEvent('load');
      await page
        .getByRole('button', { name, exact: typeof name === 'string' })
        .first()
        .click();
      await answered;
    },
    axe: () => runAxe(page),
  };
}

let axeSource: Promise<string> | undefined;

/** Runs axe-core in the page, past its policy (the test's script, not the page's). */
export async function runAxe(page: Page): Promise<string[]> {
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(await axeSource);
  const found = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
       .flatMap(({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, impact, target: target.join(' '), failureSummary }))))`,
  )) as { id: string; impact: string; target: string; failureSummary: string }[];
  return found.map(
    ({ id, impact, target, failureSummary }) => `${impact} ${id}: ${target} ${failureSummary.replaceAll(/\s+/g, ' ')}`,
  );
}
