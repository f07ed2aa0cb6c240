import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openBrowser, takePicture } from '../support/browser.ts';
import { modelsWith } from '../views/models.ts';
import { type Gallery, openGallery } from './gallery.ts';
import { openTab, overhang, type Tab } from './tabs.ts';

/** These lead on by themselves, or only with the help of the server. */
const leaving = ['/continue/0', '/account/0'];

const widths = [320, 360, 1280];

/** Enough to see how all of them look. */
const pictured = ['/landing/0', '/sign-in/1', '/consent/1', '/error/1', '/mailbox/1'];
const moods: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['forced colours', { forcedColors: 'active' }],
];

describe('every page', () => {
  let browser: Browser;
  let gallery: Gallery;

  beforeAll(async () => {
    [browser, gallery] = await Promise.all([openBrowser(), openGallery()]);
  });
  afterAll(() => Promise.all([browser.close(), gallery.close()]));

  const visitAll = async (
    tab: Tab,
    visit: (path: string) => Promise<void>,
    paths = gallery.paths().filter((one) => !leaving.includes(one)),
  ) => {
    await tab.page.route('https://app.example/**', (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
    );
    for (const path of paths) {
      await tab.page.goto(gallery.url + path);
      await visit(path);
    }
  };

  it.each(widths)('fits into %i px, however long the words are', async (width) => {
    gallery.show(modelsWith(`Verylong${'unbreakable'.repeat(12)}`));
    const tab = await openTab(browser, { viewport: { width, height: 740 } });
    await visitAll(tab, async (path) => {
      expect({ path, overhang: await overhang(tab.page) }).toEqual({ path, overhang: 0 });
    });
    expect(tab.complaints).toEqual([]);
    await tab.close();
  });

  it('runs nothing that a stranger wrote', async () => {
    gallery.show(modelsWith('"><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)>'));
    const tab = await openTab(browser);
    await visitAll(tab, async (path) => {
      for (const summary of await tab.page.locator('summary').all()) await summary.click();
      expect({ path, scripts: await tab.page.locator('script:not([src]), img[src=x]').count() }).toEqual({
        path,
        scripts: 0,
      });
    });
    // The frame of the mailbox holds the hostile HTML: that it is stopped there is what the complaints say.
    for (const complaint of tab.complaints) expect(complaint).toMatch(/about:srcdoc|Content Security Policy/);
    expect(tab.complaints.filter((complaint) => complaint.startsWith('dialog'))).toEqual([]);
    await tab.close();
  });

  it.each(moods)('can be looked at in %s', async (mood, options) => {
    gallery.show(modelsWith('Example & Sons'));
    for (const width of [320, 1280]) {
      const tab = await openTab(browser, { ...options, viewport: { width, height: 740 } });
      const picture = (path: string) =>
        takePicture(tab.page, `looks${path.replaceAll('/', '-')}-${mood.replace(' ', '-')}-${width}`);
      await visitAll(tab, async (path) => void (await picture(path)), pictured);
      expect(tab.complaints).toEqual([]);
      await tab.close();
    }
  });

  it('shows a mail as HTML in its frame, whose links open elsewhere', async () => {
    const models = modelsWith('A');
    const [mail] = models.mailbox[1]?.mails ?? [];
    if (mail === undefined) throw new Error('no mail among the models');
    const html = '<base target="_blank"><p>Hello <a href="/sign-in/0">open</a></p><script>alert(1)</script>';
    gallery.show({ ...models, mailbox: [{ mails: [{ ...mail, html }] }] });
    const tab = await openTab(browser);
    await tab.page.goto(`${gallery.url}/mailbox/0`);
    await tab.page.click('summary');
    const link = tab.page.frameLocator('iframe').locator('a');
    const [opened] = await Promise.all([tab.page.context().waitForEvent('page'), link.click()]);
    await opened.waitForSelector('[name=password]');
    await tab.close();
  });

  it('can be used by the keyboard, and shows where one is', async () => {
    gallery.show(modelsWith('Example'));
    const tab = await openTab(browser);
    await tab.page.goto(`${gallery.url}/consent/0`);
    const stops: string[] = [];
    for (let press = 0; press < 7; press += 1) {
      await tab.page.keyboard.press('Tab');
      const [words, outline] = await tab.page.evaluate(() => {
        const here = document.activeElement;
        return here === null ? ['', ''] : [here.textContent ?? '', getComputedStyle(here).outlineStyle];
      });
      stops.push(words?.trim() ?? '');
      expect(outline).toBe('solid');
    }
    expect(stops).toEqual([
      'Skip to the content',
      'Gatehouse',
      'Allow',
      'Do not allow',
      'website',
      'privacy policy',
      'terms of service',
    ]);
    await tab.close();
  });
});
