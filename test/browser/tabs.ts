import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A tab of a fresh browser profile that keeps what the browser complained about. */
export interface Tab {
  page: Page;
  /** Violations of the content security policy and errors of scripts. Refusals by status are not among them. */
  complaints: string[];
  close(): Promise<void>;
}

export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  const watch = (page: Page) => {
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) complaints.push(text);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  };
  context.on('page', watch);
  return { page: await context.newPage(), complaints, close: () => context.close() };
}

/** How far the page could be scrolled sideways. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Waits until these words can be seen on the page. */
export async function seen(page: Page, words: string | RegExp): Promise<void> {
  await page.getByText(words, { exact: true }).filter({ visible: true }).first().waitFor({ timeout: 10_000 });
}
