import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';

import { findOrInstall } from './tools.ts';
import { track } from './track.ts';

/** A chromium of our own. */
export type TestBrowser = {
  /** A page with storage of its own (default 1280 × 800), in Spanish. `isScripted: false` switches JavaScript off. */
  openPage(options?: { width?: number; height?: number; isTouch?: boolean; isScripted?: boolean }): Promise<Page>;
  /** What went wrong on all pages so far: errors of the console and of scripts, requests that wanted to leave loopback. */
  problems(): string[];
  close(): Promise<void>;
};

const screenshotsDir = resolve(import.meta.dirname, '../../.data/screenshots');
const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/**
 * Starts the system's chromium (found, else installed) with a new profile; nothing that it does leaves loopback. To be
 * closed: what is open at the end fails the run.
 */
export async function openBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: await findOrInstall('chromium'),
    headless: true,
    chromiumSandbox: false,
    args: [
      // A microphone that beeps, and no question about it.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  });
  const problems: string[] = [];

  function watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && !loopback.test(url.hostname))
        problems.push(`leaves loopback: ${url.href}`);
    });
  }

  return track(
    {
      async openPage({ width = 1280, height = 800, isTouch = false, isScripted = true } = {}) {
        const context = await browser.newContext({
          viewport: { width, height },
          locale: 'es-AR',
          hasTouch: isTouch,
          isMobile: isTouch,
          javaScriptEnabled: isScripted,
        });
        // Pages that a page opens come by here too.
        context.on('page', watch);
        context.setDefaultTimeout(10_000);
        return context.newPage();
      },
      problems: () => [...problems],
      close: () => browser.close(),
    },
    'browser',
  );
}

/** Saves what the page shows as `.data/screenshots/<name>.png`, for people to look at. */
export async function saveScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshotsDir, { recursive: true });
  await page.screenshot({ path: join(screenshotsDir, `${name}.png`) });
}

/** By how many pixels the page is wider than its window; 0 = no horizontal scrolling. */
export async function overflowOf(page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'));
}

/** Names and sizes of what can be clicked and is smaller than `px` (44) in either direction; links inside sentences excepted. */
export async function smallTargetsOf(page: Page, px = 44): Promise<string[]> {
  const script = `[...document.querySelectorAll('button, a, input:not([type=hidden]), textarea, summary')]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('.words'))
    .map((each) => ({ name: each.textContent.trim() || each.id, box: each.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.width < ${px} || box.height < ${px}))
    .map(({ name, box }) => name + ' ' + box.width + ' x ' + box.height)`;
  return (await page.evaluate(script)) as string[];
}
