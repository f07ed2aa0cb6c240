import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, takePicture } from '../support/browser.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { openTab, overhang } from './tabs.ts';

describe.each(['admin', 'account'])('the page of the %s API', (api) => {
  let browser: Browser;
  let server: RunningGatehouse;
  let url: string;
  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), startGatehouse()]);
    url = `${server.issuer}/api/${api}/v1/`;
  });
  afterAll(() => Promise.all([browser.close(), server.dispose()]));

  it.each([360, 1280])('fits into %i px, and complains of nothing', async (width) => {
    const tab = await openTab(browser, { viewport: { width, height: 800 } });
    await tab.page.goto(url);
    for (const fold of await tab.page.locator('.panel summary').all()) await fold.click();
    expect(await overhang(tab.page)).toBe(0);
    expect(tab.complaints).toEqual([]);
    await tab.page.reload();
    await takePicture(tab.page, `reference-${api}-${width}`);
    await tab.close();
  });

  it('finds operations by words, in their collections', async () => {
    const tab = await openTab(browser);
    await tab.page.goto(url);
    const shown = tab.page.locator('[data-operation]:visible');
    const all = await shown.count();
    expect(all).toBe(await tab.page.locator('article').count());
    await tab.page.getByRole('searchbox').fill('delete sess');
    await expect(shown.count()).resolves.toBeGreaterThan(0);
    expect(await shown.count()).toBeLessThan(all);
    for (const text of await shown.allTextContents()) expect(text.toLowerCase()).toMatch(/delete.*sess/s);
    await tab.page.getByRole('searchbox').fill('no such words');
    expect(await shown.count()).toBe(0);
    await expect(tab.page.getByRole('status').isVisible()).resolves.toBe(true);
    await tab.close();
  });

  it('is whole without script, and every link in it leads somewhere', async () => {
    const tab = await openTab(browser, { javaScriptEnabled: false });
    await tab.page.goto(url);
    await expect(tab.page.getByRole('searchbox').isVisible()).resolves.toBe(false);
    const html = await tab.page.content();
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...html.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(html).toContain('curl');
    await tab.close();
  });
});
